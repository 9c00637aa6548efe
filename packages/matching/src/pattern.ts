/**
 * The phrase that is looked for, prepared for many comparisons: its characters as bits, so that the longest common
 * subsequence (LCS) with another phrase takes a few machine instructions for each character of that phrase
 * (Hyyrö's bit-parallel recurrence).
 */

import { unknown, type Lexicon } from './lexicon.js';
import type { PhraseTable } from './phrase-table.js';
import { Words, type TokenMode } from './words.js';

/** Bits used of a word when one word does not suffice: sums of two limbs and a carry stay below 2^31. */
const limbBits = 30;
const limbMask = (1 << limbBits) - 1;

export class Pattern {
  /** Characters of the words joined with single spaces. */
  length = 0;
  tokenCount = 0;
  /** Number of each word in the lexicon, or `unknown`. */
  tokens = new Int32Array(16);
  tokenLengths = new Int32Array(16);
  /** Symbol of each character. */
  symbols = new Int32Array(64);
  /** Position in the pattern plus one of each word of the lexicon, 0 for a word that the pattern has not. */
  private positions = new Int32Array(0);
  private shared = new Uint8Array(16);
  private limbs = 0;
  /** For symbol s and limb l, at `s * limbs + l`: the places where the pattern has s. */
  private matches = new Int32Array(0);
  /** The places that take part: all, or those of the words that the other phrase has not. */
  private places = new Int32Array(1);
  private state = new Int32Array(1);
  private readonly words: Words;

  constructor(
    private readonly lexicon: Lexicon,
    mode: TokenMode,
  ) {
    this.words = new Words(mode);
  }

  /** Takes a new text. What was prepared before is gone. */
  set(text: string): void {
    this.clear();
    const { words } = this;
    words.set(text);
    this.reserve(words.count, text.length);
    for (let word = 0; word < words.count; word += 1) this.append(words.text, words.starts[word]!, words.ends[word]!);
    this.limbs = this.length <= 32 ? 1 : Math.ceil(this.length / limbBits);
    const needed = this.lexicon.symbolCount * this.limbs;
    if (this.matches.length < needed) this.matches = new Int32Array(needed + (needed >> 1));
    if (this.places.length < this.limbs) {
      this.places = new Int32Array(this.limbs);
      this.state = new Int32Array(this.limbs);
    }
    const { length, limbs, matches, symbols } = this;
    if (limbs === 1) for (let at = 0; at < length; at += 1) matches[symbols[at]!]! |= 1 << at;
    else for (let at = 0; at < length; at += 1) matches[symbols[at]! * limbs + Math.trunc(at / limbBits)]! |= 1 << at % limbBits;
    // Unknown characters match nothing.
    matches.fill(0, 0, limbs);
  }

  /** Whether the pattern has this word of the lexicon. */
  has(token: number): boolean {
    return this.positions[token]! > 0;
  }

  /** LCS of the whole pattern and phrase `number` of the table. */
  common(table: PhraseTable, number: number): number {
    const from = table.start[number]!;
    const to = table.start[number + 1]!;
    if (this.limbs !== 1) {
      this.places.fill(limbMask, 0, this.limbs);
      this.begin();
      this.feed(table.symbols, from, to);
      return this.zeros();
    }
    const { symbols } = table;
    const { matches } = this;
    let state = -1;
    for (let at = from; at < to; at += 1) {
      const hit = state & matches[symbols[at]!]!;
      state = (state + hit) | (state & ~hit);
    }
    return bitCount(~state);
  }

  /** LCS of the words that only the pattern has and the words that only the phrase has, each joined with spaces. */
  commonOfRest(table: PhraseTable, number: number): number {
    this.placesOfRest(table, number);
    this.begin();
    const { positions } = this;
    const { symbols, tokenLengths, tokens } = table;
    const last = table.tokenStart[number + 1]!;
    let from = table.start[number]!;
    let first = true;
    for (let at = table.tokenStart[number]!; at < last; at += 1) {
      const to = from + tokenLengths[at]!;
      if (positions[tokens[at]!] === 0) {
        // The space in front of a word stands for the one that joins it to the word before.
        this.feed(symbols, first ? from : from - 1, to);
        first = false;
      }
      from = to + 1;
    }
    return this.zeros();
  }

  private append(text: string, start: number, end: number): void {
    if (this.tokenCount > 0) this.symbols[this.length++] = this.lexicon.space;
    const { lexicon, symbols } = this;
    let length = this.length;
    for (let at = start; at < end; at += 1) {
      let point = text.charCodeAt(at);
      if (point >>> 10 === 0x36) {
        point = text.codePointAt(at)!;
        if (point > 0xffff) at += 1;
      }
      symbols[length++] = lexicon.symbol(point);
    }
    const number = lexicon.token(text, start, end);
    this.tokens[this.tokenCount] = number;
    this.tokenLengths[this.tokenCount++] = length - this.length;
    this.length = length;
    if (number !== unknown) this.positions[number] = this.tokenCount;
  }

  private clear(): void {
    const { length, limbs, matches, positions, symbols, tokenCount, tokens } = this;
    if (limbs === 1) for (let at = 0; at < length; at += 1) matches[symbols[at]!] = 0;
    else for (let at = 0; at < length; at += 1) matches.fill(0, symbols[at]! * limbs, (symbols[at]! + 1) * limbs);
    for (let at = 0; at < tokenCount; at += 1) positions[tokens[at]!] = 0;
    this.length = 0;
    this.tokenCount = 0;
  }

  private reserve(tokens: number, characters: number): void {
    if (this.positions.length < this.lexicon.tokenCount) {
      this.positions = new Int32Array(this.lexicon.tokenCount + (this.lexicon.tokenCount >> 1));
    }
    if (this.tokens.length < tokens) {
      this.tokens = new Int32Array(2 * tokens);
      this.tokenLengths = new Int32Array(2 * tokens);
      this.shared = new Uint8Array(2 * tokens);
    }
    if (this.symbols.length < characters) this.symbols = new Int32Array(2 * characters);
  }

  /** Marks the places of the words that the phrase has not, and of the spaces between them. */
  private placesOfRest(table: PhraseTable, number: number): void {
    const { limbs, places, positions, shared, tokenCount, tokenLengths } = this;
    for (let token = 0; token < tokenCount; token += 1) shared[token] = 0;
    const last = table.tokenStart[number + 1]!;
    for (let at = table.tokenStart[number]!; at < last; at += 1) {
      const position = positions[table.tokens[at]!]!;
      if (position > 0) shared[position - 1] = 1;
    }
    for (let limb = 0; limb < limbs; limb += 1) places[limb] = 0;
    let from = 0;
    let first = true;
    for (let token = 0; token < tokenCount; token += 1) {
      const to = from + tokenLengths[token]!;
      if (shared[token] === 0) {
        const begin = first ? from : from - 1;
        if (limbs === 1) places[0]! |= (-1 << begin) & (-1 >>> (32 - to));
        else for (let at = begin; at < to; at += 1) places[Math.trunc(at / limbBits)]! |= 1 << at % limbBits;
        first = false;
      }
      from = to + 1;
    }
  }

  private begin(): void {
    if (this.limbs === 1) this.state[0] = -1;
    else this.state.fill(limbMask, 0, this.limbs);
  }

  private feed(symbols: Uint32Array, from: number, to: number): void {
    const { limbs, matches, places, state } = this;
    if (limbs === 1) {
      const mask = places[0]!;
      let word = state[0]!;
      for (let at = from; at < to; at += 1) {
        const hit = word & matches[symbols[at]!]! & mask;
        word = (word + hit) | (word & ~hit);
      }
      state[0] = word;
      return;
    }
    for (let at = from; at < to; at += 1) {
      const offset = symbols[at]! * limbs;
      let carry = 0;
      for (let limb = 0; limb < limbs; limb += 1) {
        const word = state[limb]!;
        const hit = word & matches[offset + limb]! & places[limb]!;
        const sum = word + hit + carry;
        carry = sum >>> limbBits;
        state[limb] = (sum & limbMask) | (word & ~hit);
      }
    }
  }

  private zeros(): number {
    if (this.limbs === 1) return bitCount(~this.state[0]!);
    let count = 0;
    for (let limb = 0; limb < this.limbs; limb += 1) count += bitCount(~this.state[limb]! & limbMask);
    return count;
  }
}

/** Number of one bits of a 32-bit word. */
function bitCount(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
