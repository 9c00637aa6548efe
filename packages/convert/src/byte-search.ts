// Where a word stands in bytes, by Horspool's method: the byte under the word's last place says how far to step.
//
// Buffer.indexOf looks for a short word's first byte, and in XML `<` or a vowel is everywhere: measured on a dump, stepping is
// about five times as fast.

export class ByteSearch {
  readonly #word: Uint8Array;
  /** By the byte under the word's last place: how far to step, 0 for the last byte itself. */
  readonly #steps: Uint8Array;
  /** How far to step when the last byte fitted and another did not, or to look for the next place. */
  readonly #step: number;

  /** @param word ASCII, 2 to 255 characters. */
  constructor(word: string) {
    this.#word = new TextEncoder().encode(word);
    const last = this.#word.length - 1;
    this.#steps = new Uint8Array(256).fill(this.#word.length);
    this.#word.forEach((byte, at) => (this.#steps[byte] = last - at));
    const before = this.#word.lastIndexOf(this.#word[last]!, last - 1);
    this.#step = last - before;
  }

  /** Offset of the first place at or behind `from` where the word stands wholly before `to`, or -1. */
  find(bytes: Uint8Array, from: number, to: number): number {
    const word = this.#word;
    const steps = this.#steps;
    const last = word.length - 1;
    let p = from + last;
    while (p < to) {
      const step = steps[bytes[p]!]!;
      if (step !== 0) {
        p += step;
        continue;
      }
      const start = p - last;
      let at = 0;
      while (at < last && bytes[start + at] === word[at]) at++;
      if (at === last) return start;
      p += this.#step;
    }
    return -1;
  }
}
