/**
 * The phrase of a list that is most similar to a text by a token score: the same answer as scoring every phrase, without
 * doing so.
 *
 * Under token_set_ratio, phrases that share a word with the text come from an inverted index, and two of the score's three
 * comparisons follow from lengths alone. What they reach is the bar that everything else must clear: the third comparison
 * (or the only one, without a shared word) is bounded by the bag filter, and aligned only where the bound allows as much.
 */

import { BagFilter, sortedByLength } from './bag-filter.js';
import { Lexicon, unknown } from './lexicon.js';
import { Pattern } from './pattern.js';
import { offer, type Best, type PhraseAlignment } from './phrase-alignment.js';
import { PhraseTable } from './phrase-table.js';
import { createAlignment } from './vector-alignment.js';
import { Words, type TokenMode } from './words.js';

export class PhraseSearch {
  /** Place of the best phrase in the list after a successful {@link find}. */
  best = -1;
  /** Its similarity is `numerator / denominator`, not reduced. */
  numerator = 0;
  denominator = 1;
  private readonly lexicon = new Lexicon();
  private readonly table: PhraseTable;
  private readonly pattern: Pattern;
  private readonly alignment: PhraseAlignment;
  /** The place in the list of each phrase of the table. */
  private readonly places: Int32Array;
  private readonly lengths: Int32Array;
  /** Phrases that have token t: `postings` from `postingStart[t]` up to `postingStart[t + 1]`. */
  private readonly postingStart: Int32Array;
  private readonly postings: Int32Array;
  private readonly words: Words;
  /** Characters of each word of the phrases; 0 for the unknown one. */
  private readonly wordLengths: Int32Array;
  /** Phrases that share a word with the pattern. */
  private readonly touched: Int32Array;
  private readonly found: Best = { phrase: -1, numerator: 0, denominator: 1 };

  /**
   * @param phrases In sorted order: among equals the first is the best.
   * @param mode `set` for token_set_ratio, `sort` for token_sort_ratio.
   */
  constructor(
    phrases: readonly string[],
    private readonly mode: TokenMode,
  ) {
    // Phrases of about one length are tried one after the other: they had better lie side by side.
    this.places = sortedByLength(Int32Array.from(phrases, ({ length }) => length));
    this.table = new PhraseTable(this.lexicon, mode);
    this.table.add(Array.from(this.places, (place) => phrases[place]!));
    this.pattern = new Pattern(this.lexicon, mode);
    this.words = new Words(mode);
    this.alignment = createAlignment(this.table, new BagFilter(this.table, this.lexicon.symbolCount), this.places, this.lexicon);
    this.lengths = this.table.lengths();
    [this.postingStart, this.postings] = mode === 'set' ? invert(this.table, this.lexicon.tokenCount) : [new Int32Array(0), new Int32Array(0)];
    this.wordLengths = new Int32Array(this.lexicon.tokenCount);
    for (let at = 0; at < this.table.tokenStart[this.table.count]!; at += 1) this.wordLengths[this.table.tokens[at]!] = this.table.tokenLengths[at]!;
    this.touched = new Int32Array(mode === 'set' ? phrases.length : 0);
  }

  /** Whether a word of at least `shortest` characters of the text is a word of some phrase. */
  sharesWord(text: string, shortest: number): boolean {
    const { words } = this;
    words.set(text);
    for (let word = 0; word < words.count; word += 1) {
      if (this.wordLengths[this.lexicon.token(words.text, words.starts[word]!, words.ends[word]!)]! >= shortest) return true;
    }
    return false;
  }

  /**
   * Finds the first phrase of the list with the highest score. False if none reaches the score `atLeast`, a whole number of
   * per cent.
   */
  find(text: string, atLeast: number): boolean {
    const { found, pattern } = this;
    found.phrase = -1;
    found.numerator = atLeast;
    found.denominator = 100;
    pattern.set(text);
    if (pattern.length === 0 || this.table.count === 0) return false;
    const touched = this.mode === 'set' ? this.countShared() : 0;
    this.scoreBySharedWords(touched);
    // Nothing can pass 100, and under token_set_ratio only shared words reach it.
    if (this.mode === 'sort' || found.numerator < found.denominator) this.alignment.align(pattern, found);
    for (let at = 0; at < touched; at += 1) this.alignment.shared[this.touched[at]!] = 0;
    if (found.phrase < 0) return false;
    this.best = this.places[found.phrase]!;
    this.numerator = found.numerator;
    this.denominator = found.denominator;
    return true;
  }

  private countShared(): number {
    const { pattern, postings, postingStart, touched } = this;
    const { shared } = this.alignment;
    let count = 0;
    for (let token = 0; token < pattern.tokenCount; token += 1) {
      const number = pattern.tokens[token]!;
      if (number === unknown) continue;
      const length = pattern.tokenLengths[token]! + 1;
      const end = postingStart[number + 1]!;
      for (let at = postingStart[number]!; at < end; at += 1) {
        const phrase = postings[at]!;
        if (shared[phrase] === 0) touched[count++] = phrase;
        shared[phrase]! += length;
      }
    }
    return count;
  }

  /** The shared words against the shorter of both texts: similarity 2s / (s + length). */
  private scoreBySharedWords(count: number): void {
    const { found, lengths, places, touched } = this;
    const { shared } = this.alignment;
    const { length } = this.pattern;
    let { numerator, denominator } = found;
    for (let at = 0; at < count; at += 1) {
      const phrase = touched[at]!;
      const common = shared[phrase]! - 1;
      const both = common + Math.min(length, lengths[phrase]!);
      // Nearly none is better than the best so far.
      if (2 * common * denominator < numerator * both) continue;
      offer(found, places, phrase, 2 * common, both);
      ({ numerator, denominator } = found);
    }
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
