/**
 * The library artist that is most similar to a name by token_set_ratio: the same answer as scoring every artist,
 * without doing so.
 *
 * Artists that share a word with the name come from an inverted index, and two of the score's three comparisons follow
 * from lengths alone. What they reach is the bar that everything else must clear: the third comparison (or the only
 * one, without a shared word) is bounded by the bag filter, and aligned only where the bound allows more than the bar.
 */

import { scoreTokens } from '@wxyc/text';
import { BagFilter } from './bag-filter.js';
import { artistCutoff } from './decision.js';
import { Lexicon, unknown } from './lexicon.js';
import { Pattern } from './pattern.js';
import { createPhraseTable, type PhraseTable } from './phrase-table.js';

/** Shorter words (dj, mc, of) say too little to make two artists comparable. */
const shortestScreeningToken = 3;

export class ArtistSearch {
  /** Number of the best artist after a successful {@link find}. */
  best = -1;
  /** Its token_set_ratio, 0..100. */
  score = 0;
  private readonly lexicon = new Lexicon();
  private readonly table: PhraseTable;
  private readonly filter: BagFilter;
  private readonly pattern = new Pattern(this.lexicon, 'set');
  /** Artists that have token t: `postings` from `postingStart[t]` up to `postingStart[t + 1]`. */
  private readonly postingStart: Int32Array;
  private readonly postings: Int32Array;
  private readonly screening: Uint8Array;
  /** For each artist that shares a word with the pattern: characters and number of the shared words. */
  private readonly sharedLength: Int32Array;
  private readonly sharedCount: Int32Array;
  private readonly touched: Int32Array;
  private numerator = 0;
  private denominator = 1;

  /** @param artists Normal forms in sorted order; results are positions in it. */
  constructor(artists: readonly string[]) {
    this.table = createPhraseTable(artists, this.lexicon, 'set');
    this.filter = new BagFilter(this.table, this.lexicon.symbolCount);
    [this.postingStart, this.postings] = invert(this.table, this.lexicon.tokenCount);
    this.screening = screeningTokens(this.table, this.lexicon.tokenCount);
    this.sharedLength = new Int32Array(artists.length);
    this.sharedCount = new Int32Array(artists.length);
    this.touched = new Int32Array(artists.length);
  }

  /** Whether a word of three or more characters of the name is a word of some artist. */
  sharesWord(name: string): boolean {
    return scoreTokens(name).some((token) => {
      const number = this.lexicon.token(token);
      return number !== unknown && this.screening[number] === 1;
    });
  }

  /**
   * Finds the first artist, in sorted order, with the highest score. False if none reaches the cut-off.
   *
   * @param atLeast The lowest score that counts, 0..100.
   */
  find(name: string, atLeast = artistCutoff): boolean {
    this.best = -1;
    this.numerator = atLeast;
    this.denominator = 100;
    this.pattern.set(name);
    if (this.pattern.tokenCount === 0 || this.table.count === 0) return false;
    const touched = this.countShared();
    this.scoreBySharedWords(touched);
    // Nothing can pass 100, and only a shared word reaches it.
    if (this.numerator < this.denominator) this.scoreByAlignment();
    for (let at = 0; at < touched; at += 1) {
      this.sharedLength[this.touched[at]!] = 0;
      this.sharedCount[this.touched[at]!] = 0;
    }
    if (this.best < 0) return false;
    // rapidfuzz's order of operations, so that the score is the same number to the last bit.
    this.score = 100 - (100 * (this.denominator - this.numerator)) / this.denominator;
    return true;
  }

  private countShared(): number {
    const { pattern, postings, postingStart, sharedCount, sharedLength, touched } = this;
    let count = 0;
    for (let token = 0; token < pattern.tokenCount; token += 1) {
      const number = pattern.tokens[token]!;
      if (number === unknown) continue;
      const length = pattern.tokenLengths[token]!;
      for (let at = postingStart[number]!; at < postingStart[number + 1]!; at += 1) {
        const artist = postings[at]!;
        if (sharedCount[artist] === 0) touched[count++] = artist;
        sharedCount[artist]! += 1;
        sharedLength[artist]! += length;
      }
    }
    return count;
  }

  /** The shared words against the shorter of both names: similarity 2s / (s + length). */
  private scoreBySharedWords(touched: number): void {
    const { start } = this.table;
    for (let at = 0; at < touched; at += 1) {
      const artist = this.touched[at]!;
      const shared = this.sharedLength[artist]! + this.sharedCount[artist]! - 1;
      const length = Math.min(this.pattern.length, start[artist + 1]! - start[artist]!);
      this.offer(artist, 2 * shared, shared + length);
    }
  }

  private scoreByAlignment(): void {
    const { filter, pattern, table } = this;
    filter.set(pattern);
    const order = filter.nearestFirst();
    for (let at = 0; at < order.length; at += 1) {
      const word = order[at]!;
      let bits = filter.candidates(word, this.numerator, this.denominator);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        bits ^= 1 << bit;
        const artist = filter.phraseAt[word * 32 + bit]!;
        if (artist < 0) continue;
        const sharedCount = this.sharedCount[artist]!;
        const common =
          sharedCount === 0
            ? pattern.common(table, artist)
            : this.sharedLength[artist]! + sharedCount + pattern.commonOfRest(table, artist);
        this.offer(artist, 2 * common, pattern.length + table.start[artist + 1]! - table.start[artist]!);
      }
    }
  }

  /** Takes an artist whose similarity is higher, or equal and the artist earlier in sorted order. */
  private offer(artist: number, numerator: number, denominator: number): void {
    const gain = numerator * this.denominator - this.numerator * denominator;
    if (gain < 0 || (gain === 0 && this.best >= 0 && this.best < artist)) return;
    this.best = artist;
    this.numerator = numerator;
    this.denominator = denominator;
  }
}

function invert(table: PhraseTable, tokenCount: number): [Int32Array, Int32Array] {
  const start = new Int32Array(tokenCount + 1);
  for (const token of table.tokens) start[token + 1]! += 1;
  for (let token = 0; token < tokenCount; token += 1) start[token + 1]! += start[token]!;
  const next = start.slice();
  const postings = new Int32Array(table.tokens.length);
  for (let phrase = 0; phrase < table.count; phrase += 1) {
    for (let at = table.tokenStart[phrase]!; at < table.tokenStart[phrase + 1]!; at += 1) {
      postings[next[table.tokens[at]!]!++] = phrase;
    }
  }
  return [start, postings];
}

function screeningTokens(table: PhraseTable, tokenCount: number): Uint8Array {
  const screening = new Uint8Array(tokenCount);
  table.tokens.forEach((token, at) => {
    if (table.tokenLengths[at]! >= shortestScreeningToken) screening[token] = 1;
  });
  return screening;
}
