/**
 * The library artist that is most similar to a name by token_set_ratio: the same answer as scoring every artist,
 * without doing so.
 *
 * Artists that share a word with the name come from an inverted index, and two of the score's three comparisons follow
 * from lengths alone. What they reach is the bar that everything else must clear: the third comparison (or the only
 * one, without a shared word) is bounded by the bag filter, and aligned only where the bound allows more than the bar.
 */

import { BagFilter } from './bag-filter.js';
import { artistCutoff } from './decision.js';
import { Lexicon, unknown } from './lexicon.js';
import { Pattern } from './pattern.js';
import { PhraseTable } from './phrase-table.js';
import { Words } from './words.js';

/** Shorter words (dj, mc, of) say too little to make two artists comparable. */
const shortestScreeningToken = 3;

export class ArtistSearch {
  /** Number of the best artist after a successful {@link find}. */
  best = -1;
  /** Its token_set_ratio, 0..100. */
  score = 0;
  private readonly lexicon = new Lexicon();
  private readonly table = new PhraseTable(this.lexicon, 'set');
  private readonly words = new Words('set');
  private readonly filter: BagFilter;
  private readonly pattern = new Pattern(this.lexicon, 'set');
  /** Artists that have token t: `postings` from `postingStart[t]` up to `postingStart[t + 1]`. */
  private readonly postingStart: Int32Array;
  private readonly postings: Int32Array;
  private readonly screening: Uint8Array;
  /** For each artist that shares words with the pattern: their characters, and one more for each word. */
  private readonly shared: Int32Array;
  private readonly lengths: Int32Array;
  private readonly touched: Int32Array;
  private numerator = 0;
  private denominator = 1;

  /** @param artists Normal forms in sorted order; results are positions in it. */
  constructor(artists: readonly string[]) {
    this.table.add(artists);
    this.filter = new BagFilter(this.table, this.lexicon.symbolCount);
    [this.postingStart, this.postings] = invert(this.table, this.lexicon.tokenCount);
    this.screening = screeningTokens(this.table, this.lexicon.tokenCount);
    this.shared = new Int32Array(artists.length);
    this.lengths = Int32Array.from(artists, (_, artist) => this.table.lengthOf(artist));
    this.touched = new Int32Array(artists.length);
  }

  /** Whether a word of three or more characters of the name is a word of some artist. */
  sharesWord(name: string): boolean {
    const { words } = this;
    words.set(name);
    for (let word = 0; word < words.count; word += 1) {
      if (this.screening[this.lexicon.token(words.text, words.starts[word]!, words.ends[word]!)] === 1) return true;
    }
    return false;
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
    for (let at = 0; at < touched; at += 1) this.shared[this.touched[at]!] = 0;
    if (this.best < 0) return false;
    // rapidfuzz's order of operations, so that the score is the same number to the last bit.
    this.score = 100 - (100 * (this.denominator - this.numerator)) / this.denominator;
    return true;
  }

  private countShared(): number {
    const { pattern, postings, postingStart, shared, touched } = this;
    let count = 0;
    for (let token = 0; token < pattern.tokenCount; token += 1) {
      const number = pattern.tokens[token]!;
      if (number === unknown) continue;
      const length = pattern.tokenLengths[token]! + 1;
      const end = postingStart[number + 1]!;
      for (let at = postingStart[number]!; at < end; at += 1) {
        const artist = postings[at]!;
        if (shared[artist] === 0) touched[count++] = artist;
        shared[artist]! += length;
      }
    }
    return count;
  }

  /** The shared words against the shorter of both names: similarity 2s / (s + length). */
  private scoreBySharedWords(touched: number): void {
    const { lengths } = this;
    const { length } = this.pattern;
    for (let at = 0; at < touched; at += 1) {
      const artist = this.touched[at]!;
      const shared = this.shared[artist]! - 1;
      this.offer(artist, 2 * shared, shared + Math.min(length, lengths[artist]!));
    }
  }

  private scoreByAlignment(): void {
    const { filter, lengths, pattern, shared, table } = this;
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
        const common = shared[artist] === 0 ? pattern.common(table, artist) : shared[artist]! + pattern.commonOfRest(table, artist);
        this.offer(artist, 2 * common, pattern.length + lengths[artist]!);
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
  const count = table.tokenStart[table.count]!;
  for (let at = 0; at < count; at += 1) start[table.tokens[at]! + 1]! += 1;
  for (let token = 0; token < tokenCount; token += 1) start[token + 1]! += start[token]!;
  const next = start.slice();
  const postings = new Int32Array(count);
  for (let phrase = 0; phrase < table.count; phrase += 1) {
    for (let at = table.tokenStart[phrase]!; at < table.tokenStart[phrase + 1]!; at += 1) {
      postings[next[table.tokens[at]!]!++] = phrase;
    }
  }
  return [start, postings];
}

function screeningTokens(table: PhraseTable, tokenCount: number): Uint8Array {
  const screening = new Uint8Array(tokenCount);
  for (let at = 0; at < table.tokenStart[table.count]!; at += 1) {
    if (table.tokenLengths[at]! >= shortestScreeningToken) screening[table.tokens[at]!] = 1;
  }
  return screening;
}
