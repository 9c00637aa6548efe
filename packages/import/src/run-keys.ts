/** Keys seen within one run of rows of the same release, as byte ranges of the rows that are being written. */
import type { CopyText } from './copy-text.js';

/** Above this many rows a hash table is used instead of the list; most releases have fewer. */
const listLimit = 24;

/** Forgets everything with {@link clear}, at no cost. Positions are relative to the run's first byte. */
export class RunKeys {
  count = 0;
  #hashes = new Int32Array(1024);
  #starts = new Int32Array(1024);
  #ends = new Int32Array(1024);
  #slots = new Int32Array(4096);
  #hashed = false;

  clear(): void {
    this.count = 0;
    this.#hashed = false;
  }

  /** Hash of the key that {@link find} was last asked for. */
  #hash = 0;

  /** Index of an equal key, or -1. `base` is where the run begins in the buffer. */
  find(text: CopyText, base: number, start: number, end: number): number {
    const hash = (this.#hash = hashOf(text.bytes, base + start, base + end));
    if (this.count <= listLimit) {
      for (let index = 0; index < this.count; index++)
        if (this.#hashes[index] === hash && this.#equals(text, base, index, start, end))
          return index;
      return -1;
    }
    if (!this.#hashed) this.#buildTable();
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot]! - 1;
      if (index < 0) return -1;
      if (this.#hashes[index] === hash && this.#equals(text, base, index, start, end)) return index;
    }
  }

  /** Adds the key that {@link find} has just failed to find. */
  add(start: number, end: number): void {
    if (this.count === this.#hashes.length) this.#grow();
    this.#hashes[this.count] = this.#hash;
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.count++;
    if (!this.#hashed) return;
    if (this.count * 2 > this.#slots.length) this.#buildTable();
    else this.#place(this.count - 1);
  }

  /** Where the key ends. */
  endOf(index: number): number {
    return this.#ends[index]!;
  }

  #equals(text: CopyText, base: number, index: number, start: number, end: number): boolean {
    const otherStart = this.#starts[index]!;
    if (this.#ends[index]! - otherStart !== end - start) return false;
    for (let offset = 0; offset < end - start; offset++)
      if (text.bytes[base + otherStart + offset] !== text.bytes[base + start + offset])
        return false;
    return true;
  }

  #buildTable(): void {
    let size = this.#slots.length;
    while (size < this.count * 4) size *= 2;
    if (size === this.#slots.length) this.#slots.fill(0);
    else this.#slots = new Int32Array(size);
    this.#hashed = true;
    for (let index = 0; index < this.count; index++) this.#place(index);
  }

  #place(index: number): void {
    const mask = this.#slots.length - 1;
    let slot = this.#hashes[index]! & mask;
    while (this.#slots[slot]) slot = (slot + 1) & mask;
    this.#slots[slot] = index + 1;
  }

  #grow(): void {
    const larger = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const copy = new Int32Array(array.length * 2);
      copy.set(array);
      return copy;
    };
    this.#hashes = larger(this.#hashes);
    this.#starts = larger(this.#starts);
    this.#ends = larger(this.#ends);
  }
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let p = start; p < end; p++) hash = Math.imul(hash ^ bytes[p]!, 0x01000193);
  return hash ^ (hash >>> 15);
}
