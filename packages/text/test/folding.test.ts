import fc from 'fast-check';
import { pythonStrip } from '@wxyc/text';
import { fold, foldWhole } from '../dist/folding.js';
import { messyText } from './messy-text.ts';

test.each([
  ['  Stereolab ', 'stereolab', 'strip and lower-case'],
  ['BJÖRK', 'bjork', 'marks of Latin letters'],
  ['Ωμέγα', 'ωμεγα', 'marks of Greek letters'],
  ['Йо', 'ио', 'marks of Cyrillic letters'],
  ['İstanbul', 'istanbul', 'dotted capital I'],
  ['ΟΔΟΣ', 'οδοσ', 'a sigma at the end is a sigma'],
  ['ΟΔΟΣ Α', 'οδοσ α', 'and one inside too'],
  ['𝐀b', 'ab', 'compatibility forms in lower case'],
  ['Ｂｊｏｒｋ ２', 'bjork 2', 'full-width letters and digits'],
  ['ﬁsh', 'fish', 'ligature'],
])('%s is folded to %s (%s)', (text, folded) => {
  expect(fold(text)).toBe(folded);
});

test.each([
  ['Ø', 'o'],
  ['Ł', 'l'],
  ['Đ', 'd'],
  ['ß', 'ss'],
  ['ẞ', 'ss'],
  ['Þ', 'th'],
  ['Ð', 'd'],
  ['Æ', 'ae'],
  ['Œ', 'oe'],
  ['ı', 'i'],
  ['Ǿ', 'o'],
  ['Ǣ', 'ae'],
])('the letters that no decomposition takes apart: %s to %s', (letter, folded) => {
  expect(fold(letter)).toBe(folded);
});

test('marks are part of the letter in other scripts: が stays が', () => {
  expect(fold('が')).toBe('が');
  expect(fold('か')).not.toBe(fold('が'));
  expect(fold('ｶﾞ')).toBe('ガ');
  expect(fold('한국')).toBe('한국');
  expect(fold('עִברִית')).toBe('עִברִית'.normalize('NFC'));
});

test('characters that only steer how a text is shown are dropped', () => {
  expect(fold('\ufeffBjörk\u200e')).toBe('bjork');
  expect(fold('So\u00adnic\u2060 You\u200bth')).toBe('sonic youth');
  // Shaped by a joiner: क्‍ष is not क्ष, and a family is not three people.
  expect(fold('क\u094d\u200dष')).toBe('क\u094d\u200dष');
  expect(fold('👩\u200d👧')).toBe('👩\u200d👧');
  expect(fold('\u200dx\u200d')).toBe('x');
});

describe('unit by unit', () => {
  const whole = (text: string): string => foldWhole(pythonStrip(text).toLowerCase());

  test('gives what folding the whole gives, for every character of the basic plane beside every sort of neighbour', () => {
    const wrong: string[] = [];
    for (let unit = 0x20; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit);
      for (const text of [
        `a${character}b`,
        `か${character}\u0301x`,
        `e${character}`,
        `${character}a`,
        `ㄱ${character}ᅡ`,
      ])
        if (fold(text) !== whole(text)) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test('and for any text', () => {
    fc.assert(
      fc.property(messyText, (text) => expect(fold(text)).toBe(whole(text))),
      { numRuns: 5_000 },
    );
  });
});

test('what is folded stays as it is', () => {
  fc.assert(
    fc.property(messyText, (text) => expect(fold(fold(text))).toBe(fold(text))),
    { numRuns: 2_000 },
  );
});
