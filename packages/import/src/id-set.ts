/** A set of release ids in bits: one byte for eight neighbouring ids, in pages that are made when first needed. */
const pageBits = 1 << 19;

/** Ids from 0 to 2^31 - 1. 20 million ids of a full dump take less than 6 MB. */
export class IdSet {
  readonly #pages: (Uint8Array | undefined)[] = [];
  size = 0;

  has(id: number): boolean {
    const page = this.#pages[Math.floor(id / pageBits)];
    if (!page) return false;
    const bit = id % pageBits;
    return (page[bit >> 3]! & (1 << (bit & 7))) !== 0;
  }

  /** Returns whether the id is new. */
  add(id: number): boolean {
    const index = Math.floor(id / pageBits);
    const page = (this.#pages[index] ??= new Uint8Array(pageBits / 8));
    const bit = id % pageBits;
    const mask = 1 << (bit & 7);
    if (page[bit >> 3]! & mask) return false;
    page[bit >> 3]! |= mask;
    this.size++;
    return true;
  }
}
