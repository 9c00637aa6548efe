/** Phrases (names, titles) in the form in which they are scored: words sorted, as numbers, in flat arrays. */

import type { Lexicon } from './lexicon.js';
import { Words, type TokenMode } from './words.js';

export class PhraseTable {
  count = 0;
  /** Symbols of phrase i, its words joined with spaces: from `start[i]` up to `start[i + 1]`. */
  symbols = new Uint32Array(0);
  start = new Int32Array(1);
  /** Words of phrase i in the same order: from `tokenStart[i]` up to `tokenStart[i + 1]`. */
  tokens = new Int32Array(0);
  tokenLengths = new Int32Array(0);
  tokenStart = new Int32Array(1);
  private readonly words: Words;

  /** New characters and words go into the lexicon. */
  constructor(
    private readonly lexicon: Lexicon,
    mode: TokenMode,
  ) {
    this.words = new Words(mode);
  }

  /** Adds phrases and returns the number of the first; the others follow. */
  add(phrases: readonly string[]): number {
    const first = this.count;
    this.reserve(phrases);
    for (const phrase of phrases) this.append(phrase);
    return first;
  }

  /** Characters of a phrase. */
  lengthOf(number: number): number {
    return this.start[number + 1]! - this.start[number]!;
  }

  /** The same of all. */
  lengths(): Int32Array {
    return Int32Array.from({ length: this.count }, (_, number) => this.lengthOf(number));
  }

  private append(phrase: string): void {
    const { lexicon, words } = this;
    words.set(phrase);
    let symbolCount = this.start[this.count]!;
    let tokenCount = this.tokenStart[this.count]!;
    for (let word = 0; word < words.count; word += 1) {
      if (word > 0) this.symbols[symbolCount++] = lexicon.space;
      const from = symbolCount;
      for (let at = words.starts[word]!; at < words.ends[word]!; at += 1) {
        let point = words.text.charCodeAt(at);
        if (point >>> 10 === 0x36) {
          point = words.text.codePointAt(at)!;
          if (point > 0xffff) at += 1;
        }
        this.symbols[symbolCount++] = lexicon.addSymbol(point);
      }
      this.tokens[tokenCount] = lexicon.addToken(words.text, words.starts[word]!, words.ends[word]!);
      this.tokenLengths[tokenCount++] = symbolCount - from;
    }
    this.count += 1;
    this.start[this.count] = symbolCount;
    this.tokenStart[this.count] = tokenCount;
  }

  private reserve(phrases: readonly string[]): void {
    // Joined words are never longer than the text they come from, and every second character at most begins a word.
    let units = 0;
    let words = 0;
    for (const { length } of phrases) {
      units += length;
      words += (length + 1) >> 1;
    }
    this.symbols = roomier(this.symbols, this.start[this.count]! + units);
    this.tokens = roomier(this.tokens, this.tokenStart[this.count]! + words);
    this.tokenLengths = roomier(this.tokenLengths, this.tokens.length);
    this.start = roomier(this.start, this.count + phrases.length + 1);
    this.tokenStart = roomier(this.tokenStart, this.start.length);
  }
}

/** The array, or a copy with room for `size` numbers and for some that will follow. */
function roomier<T extends Int32Array | Uint32Array>(array: T, size: number): T {
  if (size <= array.length) return array;
  const copy = new (array.constructor as new (length: number) => T)(Math.max(size, Math.ceil(1.5 * array.length)));
  copy.set(array);
  return copy;
}
