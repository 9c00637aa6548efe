// A set of release ids: one bit an id where ids are dense, a page of 512 bytes for each stretch that has any.

const pageBits = 4096;
const pageWords = pageBits / 32;

/** Ids from 0 to 2^53; adding is idempotent. */
export class IdSet {
  size = 0;
  readonly #pages = new Map<number, Uint32Array>();
  #lastPage = -1;
  #last: Uint32Array | undefined;

  add(id: number): void {
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
    if (word & mask) return;
    words[bit >> 5] = word | mask;
    this.size++;
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

  /** Rows come by id: the page is nearly always the one of the row before. */
  #page(page: number): Uint32Array | undefined {
    if (page !== this.#lastPage) {
      this.#lastPage = page;
      this.#last = this.#pages.get(page);
    }
    return this.#last;
  }
}
