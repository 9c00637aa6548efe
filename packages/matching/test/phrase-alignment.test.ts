import fc from 'fast-check';
import { BagFilter } from '../dist/bag-filter.js';
import { Lexicon } from '../dist/lexicon.js';
import { Pattern } from '../dist/pattern.js';
import { PlainAlignment, type Best, type PhraseAlignment } from '../dist/phrase-alignment.js';
import { PhraseTable } from '../dist/phrase-table.js';
import { createAlignment, VectorAlignment } from '../dist/vector-alignment.js';
import type { TokenMode } from '../dist/words.js';

/** Few letters, so that words are shared, counts run over the filter's levels, and many phrases are equally good. */
const word = fc.string({ unit: fc.constantFrom('a', 'a', 'b', 'c', 'é', 'が', '𝔄'), minLength: 1, maxLength: 9 });
const phrase = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));

function sharedWords(table: PhraseTable, pattern: Pattern): number[] {
  return Array.from({ length: table.count }, (_, number) => {
    let shared = 0;
    for (let at = table.tokenStart[number]!; at < table.tokenStart[number + 1]!; at += 1) {
      if (pattern.has(table.tokens[at]!)) shared += table.tokenLengths[at]! + 1;
    }
    return shared;
  });
}

function world(phrases: string[], mode: TokenMode): { table: PhraseTable; pattern: Pattern; plain: PhraseAlignment; vector: PhraseAlignment } {
  const lexicon = new Lexicon();
  const table = new PhraseTable(lexicon, mode);
  table.add(phrases);
  // The last phrase comes first among equals.
  const ranks = Int32Array.from(phrases, (_, at) => phrases.length - at);
  const filter = (): BagFilter => new BagFilter(table, lexicon.symbolCount);
  return { table, pattern: new Pattern(lexicon, mode), plain: new PlainAlignment(table, filter(), ranks), vector: createAlignment(table, filter(), ranks, lexicon) };
}

test('is done by vectors on this machine', () => {
  expect(world(['a'], 'set').vector).toBeInstanceOf(VectorAlignment);
});

test('is left to plain code where a phrase is so long that products of lengths are no 32-bit numbers', () => {
  expect(world(['a', 'a'.repeat(2 ** 20 + 1)], 'set').vector).toBeInstanceOf(PlainAlignment);
});

test.each<TokenMode>(['set', 'sort'])('vectors find the phrase that plain code finds, for patterns of any length (%s)', (mode) => {
  const lengths = new Set<number>();
  fc.assert(
    fc.property(
      fc.array(phrase, { minLength: 1, maxLength: 400 }),
      fc.array(fc.tuple(phrase, fc.constantFrom(1, 40, 60, 80, 99), fc.boolean()), { minLength: 1, maxLength: 20 }),
      (phrases, queries) => {
        const { table, pattern, plain, vector } = world(phrases, mode);
        for (const [query, atLeast, known] of queries) {
          pattern.set(query);
          lengths.add(pattern.length);
          const found = [plain, vector].map((alignment) => {
            if (mode === 'set') alignment.shared.set(sharedWords(table, pattern));
            // A phrase may be the best so far already.
            const best: Best = { phrase: known ? 0 : -1, numerator: atLeast, denominator: 100 };
            alignment.align(pattern, best);
            return best;
          });
          expect(found[1]).toEqual(found[0]);
        }
      },
    ),
    { numRuns: 150 },
  );
  for (const length of [32, 33, 63, 64, 65]) expect(lengths).toContain(length);
});

test('the search goes on with longer phrases when the shorter ones are too short', () => {
  const block = (text: string): string[] => Array.from({ length: 128 }, () => text);
  // The pattern is nearer to the first in length than to the last.
  const { pattern, plain, vector } = world([...block('b'.repeat(5)), ...block('c'.repeat(30)), ...block('a'.repeat(60))], 'sort');
  pattern.set('a'.repeat(30));
  for (const alignment of [plain, vector]) {
    const found: Best = { phrase: -1, numerator: 60, denominator: 100 };
    alignment.align(pattern, found);
    expect(found).toEqual({ phrase: 383, numerator: 60, denominator: 90 });
  }
});
