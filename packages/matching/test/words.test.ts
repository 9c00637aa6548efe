import fc from 'fast-check';
import { Lexicon, unknown } from '../dist/lexicon.js';
import { tokensOf, Words, type TokenMode } from '../dist/words.js';

/** Words that are alike, repeat, and begin with each other; white space of every sort; more words than are sorted in place. */
const text = fc
  .array(fc.constantFrom('a', 'ab', 'abc', 'b', 'the', 'zz', '~', '!', 'é', 'が', '𝔄', '\ud835', '\u007f', ' ', ' ', '  ', '\t', '\u00a0', '\u2003', '\u0085'), { maxLength: 60 })
  .map((parts) => parts.join(''));
const modes = fc.constantFrom<TokenMode>('set', 'sort');

const wordsOf = (words: Words): string[] => Array.from({ length: words.count }, (_, at) => words.text.slice(words.starts[at], words.ends[at]));

test('words are those of the plain tokenizer, whatever was there before', () => {
  fc.assert(
    fc.property(modes, fc.array(text, { minLength: 1, maxLength: 4 }), (mode, texts) => {
      const words = new Words(mode);
      for (const each of texts) {
        words.set(each);
        expect(wordsOf(words)).toEqual(tokensOf(each, mode));
      }
    }),
    { numRuns: 2_000 },
  );
});

test('more words than are sorted in place, and fewer again', () => {
  const words = new Words('sort');
  words.set(Array.from({ length: 40 }, (_, at) => `w${at % 7}`).join(' '));
  expect(words.count).toBe(40);
  words.set('b a');
  expect(wordsOf(words)).toEqual(['a', 'b']);
});

test('a lexicon gives equal words equal numbers, and only those, as it grows', () => {
  const numbers = new Map<string, number>();
  const lexicon = new Lexicon();
  for (let at = 0; at < 20_000; at += 1) {
    const word = (at % 9_000).toString(36).padStart(1 + (at % 5), 'é');
    const known = numbers.get(word);
    expect(lexicon.token(`(${word})`, 1, 1 + word.length)).toBe(known ?? unknown);
    const number = lexicon.addToken(`(${word})`, 1, 1 + word.length);
    if (known === undefined) numbers.set(word, number);
    else expect(number).toBe(known);
  }
  expect(new Set(numbers.values()).size).toBe(numbers.size);
  expect(lexicon.tokenCount).toBe(numbers.size + 1);
});
