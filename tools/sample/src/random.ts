/** Random numbers that depend only on their purpose, so that any part of a sample can be generated alone. */

/** Scrambles up to three whole numbers into one 32-bit number. */
export function scramble(a: number, b: number, c = 0): number {
  let h =
    (Math.imul(a ^ 0x9e3779b9, 0x85ebca6b) ^
      Math.imul(b + 0x165667b1, 0xc2b2ae35) ^
      Math.imul(c + 0x27d4eb2f, 0x9e3779b1)) |
    0;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  h = Math.imul(h ^ (h >>> 15), 0x846ca68b);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A sequence of random numbers for one thing: an artist, an album, a release. */
export class Random {
  private state: number;

  constructor(seed: number, stream: number, index = 0) {
    this.state = scramble(seed, stream, index);
  }

  /** 0 <= x < 1. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  below(n: number): number {
    return Math.floor(this.next() * n);
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** 0 <= x < n, small numbers more often, the higher the power: as with words, artists and albums. */
  skewed(n: number, power: number): number {
    return Math.floor(n * this.next() ** power);
  }
}
