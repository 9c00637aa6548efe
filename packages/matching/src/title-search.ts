/** Titles that are most similar to a release's title: among one artist's, and among those of compilations. */

import { BagFilter } from './bag-filter.js';
import { compilationCutoff } from './decision.js';
import { Lexicon } from './lexicon.js';
import type { LibraryIndex } from './library-index.js';
import { Pattern } from './pattern.js';
import { PhraseTable } from './phrase-table.js';

/** The best title of one artist by token_set_ratio. An artist's titles are prepared when it is first asked for. */
export class ArtistTitleSearch {
  /** Place of the best title among the artist's after {@link find}. */
  best = -1;
  /** Its token_set_ratio, 0..100. */
  score = 0;
  private readonly lexicon = new Lexicon();
  private readonly pattern = new Pattern(this.lexicon, 'set');
  private readonly table = new PhraseTable(this.lexicon, 'set');
  /** For each artist the number of its first title in the table, or -1. */
  private readonly firstOf: Int32Array;

  constructor(private readonly index: LibraryIndex) {
    this.firstOf = new Int32Array(index.artists.length).fill(-1);
  }

  /** Place of the artist's title that equals the normal form, or -1. */
  exact(artist: number, title: string): number {
    return this.index.titlesOf(artist).forms.indexOf(title);
  }

  /**
   * Finds the first title, in sorted order, with the highest score; an artist has at least one. With a `bar`, a score that
   * is not above it is found to be any number not above it, which is cheaper.
   */
  find(artist: number, title: string, bar = 0): void {
    const { forms } = this.index.titlesOf(artist);
    if (this.firstOf[artist]! < 0) this.firstOf[artist] = this.table.add(forms);
    const first = this.firstOf[artist]!;
    this.pattern.set(title);
    this.best = 0;
    this.score = bar;
    if (this.pattern.tokenCount === 0) return;
    for (let number = 0; number < forms.length; number += 1) {
      const score = tokenSetScore(this.pattern, this.table, first + number, this.score);
      if (score > this.score) {
        this.score = score;
        this.best = number;
      }
    }
  }
}

/** token_set_ratio of the pattern and a phrase; any number not above `bar` if it does not reach it. */
function tokenSetScore(pattern: Pattern, table: PhraseTable, number: number, bar: number): number {
  let shared = -1;
  for (let at = table.tokenStart[number]!; at < table.tokenStart[number + 1]!; at += 1) {
    if (pattern.has(table.tokens[at]!)) shared += table.tokenLengths[at]! + 1;
  }
  const length = table.lengthOf(number);
  if (length === 0) return 0;
  const whole = pattern.length + length;
  const shorter = Math.min(pattern.length, length);
  // Without a shared word the only comparison is of everything.
  if (shared < 0) {
    if (similarity(2 * shorter, whole) <= bar) return 0;
    return similarity(2 * pattern.common(table, number), whole);
  }
  const bySharedWords = similarity(2 * shared, shared + shorter);
  if (bySharedWords === 100 || similarity(2 * shorter, whole) <= Math.max(bar, bySharedWords)) return bySharedWords;
  return Math.max(bySharedWords, similarity(2 * (shared + 1 + pattern.commonOfRest(table, number)), whole));
}

/** rapidfuzz's order of operations, so that equal fractions give equal numbers. */
function similarity(common: number, lengths: number): number {
  return 100 - (100 * (lengths - common)) / lengths;
}

/** The best compilation title by token_sort_ratio. */
export class CompilationTitleSearch {
  /** Number of the best title after a successful {@link find}. */
  best = -1;
  score = 0;
  private readonly lexicon = new Lexicon();
  private readonly table = new PhraseTable(this.lexicon, 'sort');
  private readonly filter: BagFilter;
  private readonly pattern = new Pattern(this.lexicon, 'sort');
  private readonly numbers: ReadonlyMap<string, number>;

  /** @param titles Normal forms in sorted order; results are positions in it. */
  constructor(titles: readonly string[]) {
    this.numbers = new Map(titles.map((title, number) => [title, number]));
    this.table.add(titles);
    this.filter = new BagFilter(this.table, this.lexicon.symbolCount);
  }

  /** Number of the title that equals the normal form, or -1. */
  exact(title: string): number {
    return this.numbers.get(title) ?? -1;
  }

  /** Finds the first title, in sorted order, with the highest score. False if none reaches the cut-off. */
  find(title: string, atLeast = compilationCutoff): boolean {
    const { filter, pattern, table } = this;
    this.best = -1;
    let numerator = atLeast;
    let denominator = 100;
    pattern.set(title);
    if (pattern.length === 0 || table.count === 0) return false;
    filter.set(pattern);
    const order = filter.nearestFirst();
    for (let at = 0; at < order.length; at += 1) {
      const word = order[at]!;
      let bits = filter.candidates(word, numerator, denominator);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        bits ^= 1 << bit;
        const number = filter.phraseAt[word * 32 + bit]!;
        if (number < 0) continue;
        const common = 2 * pattern.common(table, number);
        const whole = pattern.length + table.lengthOf(number);
        const gain = common * denominator - numerator * whole;
        if (gain < 0 || (gain === 0 && this.best >= 0 && this.best < number)) continue;
        this.best = number;
        numerator = common;
        denominator = whole;
      }
    }
    if (this.best < 0) return false;
    this.score = (1 - (denominator - numerator) / denominator) * 100;
    return true;
  }
}
