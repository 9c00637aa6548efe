/** Random texts in which the steps of the forms meet: suffixes, brackets, articles, quotes, invisible characters, any Unicode. */

import fc from 'fast-check';

const pieces = [
  ...' aeEoIİıΣςøßæŁäがｶﾞ한ㅏ\u0301\u0308\u3099\u0f71ﬁ½²Ⅳ𝐀😀$!&+/=:;-–()[]{}"”′.,#',
  ...['\u200d', '\u200e', '\ufeff', '\u00ad', '\u0085', '\u001f', '\u3000', '\u00a0'],
  ...["'", '’', '´', "'n'", '’N’', ' & ', ' and ', ', The', ', Los', ', A', 'The ', 'A '],
  ...[
    '(2)',
    ' (12)',
    ' (２)',
    '[x]',
    ' [Scotland]',
    ' [a [b]]',
    '12"',
    ' (EP)',
    ' (2 CD Set)',
    ' (Reissue)',
    ' (Deluxe Edition)',
    '"',
  ],
  ...[
    'Vol. 2',
    'Part II',
    'MMXVIII',
    ' i',
    ' x',
    'S/T',
    ' = ',
    'No. 1',
    '1,000',
    '3rd',
    "Goin'",
    'U.S.A.',
    'N.W.A',
  ],
];

export const messyText = fc
  .array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...pieces) },
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 12 },
  )
  .map((texts) => texts.join(''));

/** Words as most names and titles have them: ASCII letters, digits and what parts words. */
export const plainText = fc
  .array(
    fc.constantFrom(
      'the',
      'a',
      'and',
      'n',
      'los',
      'one',
      'third',
      'vol',
      'no',
      'ii',
      '007',
      'loops',
      'motoerhead',
      'queen',
      'b',
      'x',
      ' ',
      ' ',
      ' ',
      '-',
      '/',
      '(',
      ')',
      '&',
      '+',
      ':',
      '#',
    ),
    { maxLength: 10 },
  )
  .map((words) => words.join(''));
