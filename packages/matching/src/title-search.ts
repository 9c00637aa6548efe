/** Titles that are most similar to a release's title: among one artist's, and among those of compilations. */

import { compilationCutoff } from './decision.js';
import { Lexicon } from './lexicon.js';
import type { LibraryIndex } from './library-index.js';
import { Pattern } from './pattern.js';
import { PhraseSearch } from './phrase-search.js';
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
  private readonly search: PhraseSearch;
  private readonly numbers: ReadonlyMap<string, number>;

  /** @param titles Normal forms in sorted order; results are positions in it. */
  constructor(titles: readonly string[]) {
    this.numbers = new Map(titles.map((title, number) => [title, number]));
    this.search = new PhraseSearch(titles, 'sort');
  }

  /** Number of the title that equals the normal form, or -1. */
  exact(title: string): number {
    return this.numbers.get(title) ?? -1;
  }

  /** Finds the first title, in sorted order, with the highest score. False if none reaches the cut-off. */
  find(title: string): boolean {
    const { search } = this;
    if (!search.find(title, compilationCutoff)) return false;
    this.best = search.best;
    this.score = (1 - (search.denominator - search.numerator) / search.denominator) * 100;
    return true;
  }
}
