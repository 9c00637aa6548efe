import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { compareCodePoints, ratio, tokenSetRatio, tokenSortRatio } from '@wxyc/text';
import { codePoints } from '../dist/code-points.js';
import { scoreTokens } from '../dist/scores.js';

interface Vector {
  a: string;
  b: string;
  ratio: number;
  tokenSortRatio: number;
  tokenSetRatio: number;
}

const vectors = readFileSync(new URL('fixtures/rapidfuzz.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

// Few letters, so that texts have much in common; astral letters and white space of all kinds among them.
const letter = fc.constantFrom(
  'a',
  'b',
  'c',
  'é',
  'が',
  '𝔄',
  '😀',
  ' ',
  ' ',
  '\t',
  '\u00a0',
  '\u3000',
  "'",
);
const text = fc.array(letter, { maxLength: 45 }).map((letters) => letters.join(''));
const scores = { ratio, tokenSortRatio, tokenSetRatio };

test('the scores equal rapidfuzz’s to 1e-9', () => {
  expect(vectors.length).toBeGreaterThan(290);
  for (const { a, b, ...expected } of vectors) {
    for (const name of ['ratio', 'tokenSortRatio', 'tokenSetRatio'] as const) {
      if (Math.abs(scores[name](a, b) - expected[name]) > 1e-9)
        expect({ a, b, [name]: scores[name](a, b) }).toEqual({ a, b, [name]: expected[name] });
    }
  }
});

describe.each(Object.entries(scores))('%s', (name, score) => {
  test('is symmetric', () => {
    fc.assert(fc.property(text, text, (a, b) => score(a, b) === score(b, a)));
  });
  test('lies between 0 and 100', () => {
    fc.assert(fc.property(text, text, (a, b) => score(a, b) >= 0 && score(a, b) <= 100));
  });
  test('is 100 for a text and itself', () => {
    fc.assert(
      fc.property(
        text,
        (a) => score(a, a) === (name === 'tokenSetRatio' && scoreTokens(a).length === 0 ? 0 : 100),
      ),
    );
  });
});

test('the token scores do not see the order of words, and token_set_ratio not their number', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('ab', 'bc', 'が', 'd'), { minLength: 1, maxLength: 6 }),
      text,
      (words, other) => {
        const forward = words.join(' ');
        const backward = [...words].reverse().join('  ');
        expect(tokenSortRatio(forward, other)).toBe(tokenSortRatio(backward, other));
        expect(tokenSetRatio(forward, other)).toBe(tokenSetRatio(`${backward} ${forward}`, other));
      },
    ),
  );
});

test('ratio is what a plain table of the longest common subsequence gives, also beyond 30 and 32 characters', () => {
  fc.assert(
    fc.property(
      fc.array(letter, { maxLength: 100 }),
      fc.array(letter, { maxLength: 100 }),
      (a, b) => {
        const x = [...a.join('')];
        const y = [...b.join('')];
        const row = new Array<number>(y.length + 1).fill(0);
        for (const left of x) {
          let diagonal = 0;
          y.forEach((right, at) => {
            const above = row[at + 1]!;
            row[at + 1] = left === right ? diagonal + 1 : Math.max(above, row[at]!);
            diagonal = above;
          });
        }
        const length = x.length + y.length;
        expect(ratio(a.join(''), b.join(''))).toBeCloseTo(
          length === 0 ? 100 : (200 * row[y.length]!) / length,
          9,
        );
      },
    ),
  );
});

test('scores count code points, not UTF-16 units', () => {
  expect(ratio('😀a', '😀b')).toBe(50);
  expect(ratio('😀', '😁')).toBe(0);
  expect([...codePoints('a😀')]).toEqual([0x61, 0x1f600]);
});

test('words are sorted by code point: U+FF5E before U+10400, which JavaScript’s order turns around', () => {
  expect(compareCodePoints('\uff5e', '\u{10400}')).toBeLessThan(0);
  expect(tokenSortRatio('\uff5e \u{10400}', '\u{10400} \uff5e')).toBe(100);
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (a, b) =>
        Math.sign(compareCodePoints(a, b)) ===
        Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
    ),
  );
});

test('without words token_set_ratio is 0, and the others compare what is there', () => {
  expect(tokenSetRatio('', '')).toBe(0);
  expect(tokenSetRatio('a', ' ')).toBe(0);
  expect(ratio('', '')).toBe(100);
  expect(tokenSortRatio(' ', '')).toBe(100);
});
