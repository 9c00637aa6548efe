/** Random numbers from a seed: the same seed, the same numbers, on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 <= x < 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** A whole number, 0 <= x < n. */
  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  /** One of a list's items, chosen by weight. */
  weighted<T>(items: readonly (readonly [T, number])[]): T {
    let place = this.next() * items.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [item, weight] of items) if ((place -= weight) < 0) return item;
    return items.at(-1)![0];
  }
}
