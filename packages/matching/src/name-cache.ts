/** Numbers by byte strings: what is known about a name, looked up by its bytes without making a string. */

/** Bytes of a name, generously averaged. */
const keyLength = 24;

/** Bounded: it starts anew when it is full. */
export class NameCache {
  readonly #slots: Int32Array;
  readonly #hashes: Int32Array;
  readonly #starts: Int32Array;
  readonly #values: Int32Array;
  readonly #keys: Uint8Array;
  readonly #mask: number;
  #count = 0;
  /** Hash of the last key that was looked up and not found. */
  #missed = 0;

  /** @param size how many keys, of how many bytes in all, it holds before all are forgotten */
  constructor(size: number, bytes = size * keyLength) {
    const slots = 2 ** Math.ceil(Math.log2(size * 2));
    this.#mask = slots - 1;
    this.#slots = new Int32Array(slots);
    this.#hashes = new Int32Array(size);
    this.#starts = new Int32Array(size + 1);
    this.#values = new Int32Array(size);
    this.#keys = new Uint8Array(bytes);
  }

  /** The value of the key `bytes[start, end)`, if it is known. */
  get(bytes: Uint8Array, start: number, end: number): number | undefined {
    // FNV-1a
    let hash = 0x811c9dc5 | 0;
    for (let p = start; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x01000193);
    const length = end - start;
    const keys = this.#keys;
    for (let slot = hash & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const entry = this.#slots[slot]! - 1;
      if (entry < 0) break;
      if (this.#hashes[entry] !== hash) continue;
      let key = this.#starts[entry]!;
      if (this.#starts[entry + 1]! - key !== length) continue;
      let p = start;
      while (p < end && keys[key] === bytes[p]) {
        key++;
        p++;
      }
      if (p === end) return this.#values[entry]!;
    }
    this.#missed = hash;
    return undefined;
  }

  /** Remembers the key that {@link get} has just missed. */
  add(bytes: Uint8Array, start: number, end: number, value: number): void {
    const length = end - start;
    if (
      this.#count === this.#hashes.length ||
      this.#starts[this.#count]! + length > this.#keys.length
    ) {
      if (length > this.#keys.length) return;
      this.#slots.fill(0);
      this.#count = 0;
    }
    const entry = this.#count++;
    const key = this.#starts[entry]!;
    this.#keys.set(bytes.subarray(start, end), key);
    this.#starts[entry + 1] = key + length;
    this.#hashes[entry] = this.#missed;
    this.#values[entry] = value;
    let slot = this.#missed & this.#mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#slots[slot] = entry + 1;
  }
}
