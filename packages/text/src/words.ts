/** Words that forms and scores treat as the same, or ignore: articles, and-words, numbers in words, join words of credits. */

/** Articles that lists put after a name (`Beatles, The`) or leave out. */
export const articles: ReadonlySet<string> = new Set([
  'the',
  'los',
  'las',
  'les',
  'la',
  'le',
  'el',
  'die',
  'der',
  'das',
  'a',
  'an',
  'os',
  'il',
]);

/** Spellings of `&` between words. */
export const andWords: ReadonlySet<string> = new Set(['and', 'n']);

/** Words between the names of a joined credit, which say how artists work together, not who they are. */
export const joinWords: ReadonlySet<string> = new Set([
  'and',
  'n',
  'feat',
  'featuring',
  'ft',
  'vs',
  'versus',
  'with',
  'w',
  'presents',
  'pres',
  'meets',
  'x',
  'y',
  'und',
  'et',
  'e',
  'og',
  'och',
]);

const cardinals = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
  'thirteen',
  'fourteen',
  'fifteen',
  'sixteen',
  'seventeen',
  'eighteen',
  'nineteen',
];
const tens = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const ordinals = [
  'first',
  'second',
  'third',
  'fourth',
  'fifth',
  'sixth',
  'seventh',
  'eighth',
  'ninth',
  'tenth',
  'eleventh',
  'twelfth',
  'thirteenth',
];

/** Digits for numbers written as words: `17` for `seventeen`, `3` for `third`. */
export const numberWords: ReadonlyMap<string, string> = new Map([
  ...cardinals.map((word, value): [string, string] => [word, String(value)]),
  ...tens.map((word, at): [string, string] => [word, String(20 + 10 * at)]),
  ...ordinals.map((word, at): [string, string] => [word, String(at + 1)]),
]);

const romanNumber = /^m{0,3}(?:cm|cd|d?c{0,3})(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})$/;
// `mix`, `di` and `cd` are words: apart from i, v and x, only years are read as Roman numerals.
const plausibleRoman = /^(?:[ivx]+|(?:mm|mcm)[cdxlvi]*)$/;
const romanValues: Record<string, number> = { m: 1000, d: 500, c: 100, l: 50, x: 10, v: 5, i: 1 };

/**
 * A Roman numeral in lower case as digits, or undefined.
 *
 * @example
 * romanToDigits('mmxviii'); // '2018'
 */
export function romanToDigits(word: string): string | undefined {
  if (!plausibleRoman.test(word) || !romanNumber.test(word)) return undefined;
  let sum = 0;
  for (let at = 0; at < word.length; at += 1) {
    const value = romanValues[word.charAt(at)]!;
    sum += value < (romanValues[word.charAt(at + 1)] ?? 0) ? -value : value;
  }
  return String(sum);
}
