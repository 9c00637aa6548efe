/** The library artist that is most similar to a name by token_set_ratio. */

import { artistCutoff } from './decision.js';
import { PhraseSearch } from './phrase-search.js';

/** Shorter words (dj, mc, of) say too little to make two artists comparable. */
const shortestScreeningWord = 3;

export class ArtistSearch {
  /** Number of the best artist after a successful {@link find}. */
  best = -1;
  /** Its token_set_ratio, 0..100. */
  score = 0;
  private readonly search: PhraseSearch;

  /** @param artists Normal forms in sorted order; results are positions in it. */
  constructor(artists: readonly string[]) {
    this.search = new PhraseSearch(artists, 'set');
  }

  /** Whether a word of three or more characters of the name is a word of some artist. */
  sharesWord(name: string): boolean {
    return this.search.sharesWord(name, shortestScreeningWord);
  }

  /**
   * Finds the first artist, in sorted order, with the highest score. False if none reaches the cut-off.
   *
   * @param atLeast The lowest score that counts, a whole number up to 100.
   */
  find(name: string, atLeast = artistCutoff): boolean {
    const { search } = this;
    if (!search.find(name, atLeast)) return false;
    this.best = search.best;
    // rapidfuzz's order of operations, so that the score is the same number to the last bit.
    this.score = 100 - (100 * (search.denominator - search.numerator)) / search.denominator;
    return true;
  }
}
