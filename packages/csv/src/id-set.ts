// A set of ids: one bit per id where ids are dense, with a page of 512 bytes for each stretch that has any.

const pageBits = 4096;
const pageWords = pageBits / 32;

/** An {@link IdSet} as plain data, for another thread. */
export interface PackedIds {
  pages: readonly (readonly [page: number, words: Uint32Array])[];
  size: number;
}

/** Ids from 0 to 2^53. */
export class IdSet {
  size = 0;
  readonly #pages = new Map<number, Uint32Array>();
  #lastPage = -1;
  #last: Uint32Array | undefined;

  static of({ pages, size }: PackedIds): IdSet {
    const ids = new IdSet();
    for (const [page, words] of pages) ids.#pages.set(page, words);
    ids.size = size;
    return ids;
  }

  pack(): PackedIds {
    return { pages: [...this.#pages], size: this.size };
  }

  /** Returns whether the id is new. */
  add(id: number): boolean {
    const page = Math.floor(id / pageBits);
    let words = this.#page(page);
    if (!words) {
      words = new Uint32Array(pageWords);
      this.#pages.set(page, words);
      this.#lastPage = -1;
    }
    const bit = id % pageBits;
    const mask = 1 << (bit & 31);
    const word = words[bit >> 5]!;
    if (word & mask) return false;
    words[bit >> 5] = word | mask;
    this.size++;
    return true;
  }

  delete(id: number): void {
    const words = this.#page(Math.floor(id / pageBits));
    const bit = id % pageBits;
    const mask = 1 << (bit & 31);
    if (!words || !(words[bit >> 5]! & mask)) return;
    words[bit >> 5]! &= ~mask;
    this.size--;
  }

  has(id: number): boolean {
    if (id < 0) return false;
    const words = this.#page(Math.floor(id / pageBits));
    if (!words) return false;
    const bit = id % pageBits;
    return (words[bit >> 5]! & (1 << (bit & 31))) !== 0;
  }

  /** Rows come in the order of ids, so the page is nearly always that of the previous row. */
  #page(page: number): Uint32Array | undefined {
    if (page !== this.#lastPage) {
      this.#lastPage = page;
      this.#last = this.#pages.get(page);
    }
    return this.#last;
  }
}
