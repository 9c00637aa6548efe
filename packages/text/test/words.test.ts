import { romanToDigits } from '@wxyc/text';

const roman = (value: number): string => {
  let rest = value;
  let text = '';
  for (const [letters, worth] of [
    ['m', 1000],
    ['cm', 900],
    ['d', 500],
    ['cd', 400],
    ['c', 100],
    ['xc', 90],
    ['l', 50],
    ['xl', 40],
    ['x', 10],
    ['ix', 9],
    ['v', 5],
    ['iv', 4],
    ['i', 1],
  ] as const) {
    for (; rest >= worth; rest -= worth) text += letters;
  }
  return text;
};

test('numbers to 39 and the years that albums bear are read', () => {
  for (let value = 1; value < 40; value += 1)
    expect(romanToDigits(roman(value))).toBe(String(value));
  for (let year = 1900; year < 2100; year += 1)
    expect(romanToDigits(roman(year))).toBe(String(year));
});

test.each(['', 'iiii', 'vv', 'iix', 'mix', 'civil', 'di', 'cd', 'lp', 'dim', 'mcm2', 'XX'])(
  '%s is not a number',
  (word) => {
    expect(romanToDigits(word)).toBeUndefined();
  },
);
