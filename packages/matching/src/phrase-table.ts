/** Phrases (names, titles) in the form in which they are scored: words sorted, as numbers, in flat arrays. */

import { scoreTokens, sortCodePoints } from '@wxyc/text';
import type { Lexicon } from './lexicon.js';

/** `set` drops repeated words (token_set_ratio), `sort` keeps them (token_sort_ratio). */
export type TokenMode = 'set' | 'sort';

/** The words of a text, sorted by code point. */
export function tokensOf(text: string, mode: TokenMode): string[] {
  const tokens = scoreTokens(text);
  if (tokens.length < 2) return tokens;
  return sortCodePoints(mode === 'set' ? [...new Set(tokens)] : tokens);
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
  // Joined words are never longer than the text they come from, and every second character at most begins a word.
  const longest = phrases.reduce((sum, phrase) => sum + phrase.length, 0);
  const symbols = new Uint32Array(longest);
  const tokens = new Int32Array((longest + phrases.length + 1) >> 1);
  const tokenLengths = new Int32Array(tokens.length);
  const start = new Int32Array(phrases.length + 1);
  const tokenStart = new Int32Array(phrases.length + 1);
  let symbolCount = 0;
  let tokenCount = 0;
  for (let number = 0; number < phrases.length; number += 1) {
    for (const token of tokensOf(phrases[number]!, mode)) {
      if (tokenCount > tokenStart[number]!) symbols[symbolCount++] = lexicon.space;
      const from = symbolCount;
      for (let at = 0; at < token.length; at += 1) {
        const point = token.codePointAt(at)!;
        if (point > 0xffff) at += 1;
        symbols[symbolCount++] = lexicon.addSymbol(point);
      }
      tokens[tokenCount] = lexicon.addToken(token);
      tokenLengths[tokenCount++] = symbolCount - from;
    }
    start[number + 1] = symbolCount;
    tokenStart[number + 1] = tokenCount;
  }
  return {
    count: phrases.length,
    symbols: symbols.slice(0, symbolCount),
    start,
    tokens: tokens.slice(0, tokenCount),
    tokenLengths: tokenLengths.slice(0, tokenCount),
    tokenStart,
  };
}
