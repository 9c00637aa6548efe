// What the library says to a name, remembered by the name's bytes in the dump: nearly every credit is one seen before.

/** Names remembered before all are forgotten. */
const mostNames = 128 * 1024;
const keyBytes = mostNames * 24;
const slots = mostNames * 2;

/** Small numbers by byte strings. Bounded: it starts anew when it is full. */
export class NameCache {
  #slots = new Int32Array(slots);
  #hashes = new Int32Array(mostNames);
  #starts = new Int32Array(mostNames + 1);
  #values = new Int8Array(mostNames);
  #keys = new Uint8Array(keyBytes);
  #count = 0;
  /** Hash of the last key that was looked up and not found. */
  #missed = 0;

  /** The value of the key `bytes[start, end)`, or -1. */
  get(bytes: Uint8Array, start: number, end: number): number {
    // FNV-1a
    let hash = 0x811c9dc5 | 0;
    for (let p = start; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x01000193);
    const length = end - start;
    const keys = this.#keys;
    for (let slot = hash & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
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
    return -1;
  }

  /** Remembers the key that {@link get} has just missed. */
  add(bytes: Uint8Array, start: number, end: number, value: number): void {
    const length = end - start;
    if (this.#count === mostNames || this.#starts[this.#count]! + length > keyBytes) {
      if (length > keyBytes) return;
      this.#slots.fill(0);
      this.#count = 0;
    }
    const entry = this.#count++;
    const key = this.#starts[entry]!;
    this.#keys.set(bytes.subarray(start, end), key);
    this.#starts[entry + 1] = key + length;
    this.#hashes[entry] = this.#missed;
    this.#values[entry] = value;
    let slot = this.#missed & (slots - 1);
    while (this.#slots[slot] !== 0) slot = (slot + 1) & (slots - 1);
    this.#slots[slot] = entry + 1;
  }
}
