/** Phrases (names, titles) in the form in which they are scored: words sorted, as numbers, in flat arrays. */

import { codePoints, compareCodePoints, scoreTokens } from '@wxyc/text';
import type { Lexicon } from './lexicon.js';

/** `set` drops repeated words (token_set_ratio), `sort` keeps them (token_sort_ratio). */
export type TokenMode = 'set' | 'sort';

/** The words of a text, sorted by code point. */
export function tokensOf(text: string, mode: TokenMode): string[] {
  const tokens = scoreTokens(text);
  if (tokens.length < 2) return tokens;
  return (mode === 'set' ? [...new Set(tokens)] : tokens).sort(compareCodePoints);
}

export interface PhraseTable {
  readonly count: number;
  /** Symbols of phrase i, its words joined with spaces: from `start[i]` up to `start[i + 1]`. */
  readonly symbols: Uint32Array;
  readonly start: Int32Array;
  /** Words of phrase i in the same order: from `tokenStart[i]` up to `tokenStart[i + 1]`. */
  readonly tokens: Int32Array;
  readonly tokenLengths: Int32Array;
  readonly tokenStart: Int32Array;
}

/** Builds a table; new characters and words go into the lexicon. */
export function createPhraseTable(phrases: readonly string[], lexicon: Lexicon, mode: TokenMode): PhraseTable {
  const symbols: number[] = [];
  const tokens: number[] = [];
  const tokenLengths: number[] = [];
  const start = new Int32Array(phrases.length + 1);
  const tokenStart = new Int32Array(phrases.length + 1);
  phrases.forEach((phrase, number) => {
    let first = true;
    for (const token of tokensOf(phrase, mode)) {
      if (!first) symbols.push(lexicon.space);
      first = false;
      const points = codePoints(token);
      for (const point of points) symbols.push(lexicon.addSymbol(point));
      tokens.push(lexicon.addToken(token));
      tokenLengths.push(points.length);
    }
    start[number + 1] = symbols.length;
    tokenStart[number + 1] = tokens.length;
  });
  return {
    count: phrases.length,
    symbols: Uint32Array.from(symbols),
    start,
    tokens: Int32Array.from(tokens),
    tokenLengths: Int32Array.from(tokenLengths),
    tokenStart,
  };
}
