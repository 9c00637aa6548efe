/**
 * The phrase of a table that is most similar to a pattern: bags of characters rule out most, the others are aligned, those of
 * about the pattern's length first, so that the bar rises early.
 */

import type { BagFilter } from './bag-filter.js';
import type { Pattern } from './pattern.js';
import type { PhraseTable } from './phrase-table.js';

/** The best phrase so far, and its similarity as a fraction: twice the common characters over the characters of both. */
export interface Best {
  /** Number in the table, or -1 for none: then the fraction is the lowest that counts. */
  phrase: number;
  numerator: number;
  denominator: number;
}

export interface PhraseAlignment {
  /** Of each phrase the characters of the words that it shares with the pattern, and one more for each word. */
  readonly shared: Int32Array;
  /** Makes `best` the most similar of all phrases; among equals the one of the lowest rank. */
  align(pattern: Pattern, best: Best): void;
}

/** In plain code: the oracle of the tests, and what runs where there is no WebAssembly, or for long patterns. */
export class PlainAlignment implements PhraseAlignment {
  /** @param ranks of each phrase its place among equals */
  constructor(
    private readonly table: PhraseTable,
    private readonly filter: BagFilter,
    private readonly ranks: Int32Array,
    readonly shared: Int32Array = new Int32Array(table.count),
  ) {}

  align(pattern: Pattern, best: Best): void {
    const { filter, shared, table } = this;
    filter.set(pattern);
    for (const word of filter.nearestFirst()) {
      let bits = filter.candidates(word, best.numerator, best.denominator);
      while (bits !== 0) {
        const bit = 31 - Math.clz32(bits);
        bits ^= 1 << bit;
        const phrase = filter.phraseAt[word * 32 + bit]!;
        if (phrase < 0) continue;
        const common = shared[phrase] === 0 ? pattern.common(table, phrase) : shared[phrase]! + pattern.commonOfRest(table, phrase);
        offer(best, this.ranks, phrase, 2 * common, pattern.length + table.lengthOf(phrase));
      }
    }
  }
}

/** Takes a phrase whose similarity is higher, or equal and its rank lower. */
export function offer(best: Best, ranks: Int32Array, phrase: number, numerator: number, denominator: number): void {
  const gain = numerator * best.denominator - best.numerator * denominator;
  if (gain < 0 || (gain === 0 && best.phrase >= 0 && ranks[best.phrase]! <= ranks[phrase]!)) return;
  best.phrase = phrase;
  best.numerator = numerator;
  best.denominator = denominator;
}
