/** Small numbers for the characters and words of a list of phrases, so that comparing them is comparing integers. */

/** Number of a character or word that no phrase of the list has. It never matches. */
export const unknown = 0;

export class Lexicon {
  /** Number of the space, present in every lexicon. */
  readonly space: number;
  /** Characters, and words, in use: every number is below it. */
  symbolCount = 1;
  tokenCount = 1;
  private readonly basicPlane = new Uint32Array(0x10000);
  private readonly astral = new Map<number, number>();
  /** Words by hash, with open addressing: numbers, {@link unknown} for a free slot. */
  private slots = new Int32Array(1024);
  private hashes = new Int32Array(512);
  /** UTF-16 units of word n: from `starts[n]` up to `starts[n + 1]`. */
  private starts = new Int32Array(513);
  private units = new Uint16Array(4096);

  constructor() {
    this.space = this.addSymbol(0x20);
  }

  symbol(point: number): number {
    return point < 0x10000 ? this.basicPlane[point]! : (this.astral.get(point) ?? unknown);
  }

  addSymbol(point: number): number {
    const known = this.symbol(point);
    if (known !== unknown) return known;
    if (point < 0x10000) this.basicPlane[point] = this.symbolCount;
    else this.astral.set(point, this.symbolCount);
    return this.symbolCount++;
  }

  /** Number of the word in `text[start, end)`. */
  token(text: string, start: number, end: number): number {
    return this.slots[this.slotOf(text, start, end, hashOf(text, start, end))]!;
  }

  addToken(text: string, start: number, end: number): number {
    const hash = hashOf(text, start, end);
    let slot = this.slotOf(text, start, end, hash);
    if (this.slots[slot] !== unknown) return this.slots[slot]!;
    if (this.tokenCount === this.hashes.length) {
      this.grow();
      slot = this.slotOf(text, start, end, hash);
    }
    const number = this.tokenCount++;
    const from = this.starts[number]!;
    const to = from + end - start;
    if (to > this.units.length) this.units = larger(this.units, 2 * to);
    for (let at = start; at < end; at += 1) this.units[from + at - start] = text.charCodeAt(at);
    this.starts[number + 1] = to;
    this.hashes[number] = hash;
    this.slots[slot] = number;
    return number;
  }

  /** The slot that holds the word, or the free one where it belongs. */
  private slotOf(text: string, start: number, end: number, hash: number): number {
    const { hashes, slots } = this;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const number = slots[slot]!;
      if (number === unknown || (hashes[number] === hash && this.isAt(this.starts[number]!, this.starts[number + 1]!, text, start, end))) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private isAt(from: number, to: number, text: string, start: number, end: number): boolean {
    if (to - from !== end - start) return false;
    for (let at = start; at < end; at += 1) if (this.units[from + at - start] !== text.charCodeAt(at)) return false;
    return true;
  }

  private grow(): void {
    const size = 2 * this.hashes.length;
    this.hashes = larger(this.hashes, size);
    this.starts = larger(this.starts, size + 1);
    this.slots = new Int32Array(2 * size);
    const mask = this.slots.length - 1;
    for (let number = 1; number < this.tokenCount; number += 1) {
      let slot = this.hashes[number]! & mask;
      while (this.slots[slot] !== unknown) slot = (slot + 1) & mask;
      this.slots[slot] = number;
    }
  }
}

/** FNV-1a over UTF-16 units; its higher bits, the better mixed ones, are folded into the lower. */
function hashOf(text: string, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = start; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

function larger<T extends Int32Array | Uint16Array>(array: T, size: number): T {
  const copy = new (array.constructor as new (length: number) => T)(size);
  copy.set(array);
  return copy;
}
