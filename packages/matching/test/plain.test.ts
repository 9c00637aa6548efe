// What is read from bytes says the same as the forms of the same text.
import fc from 'fast-check';
import { ArtistSpelling } from '@wxyc/matching';
import { titleForms } from '@wxyc/text';
import { hashText } from '../dist/hash-set.js';
import { signsOf, type NameSigns } from '../dist/name-signs.js';
import { PlainStrings } from '../dist/plain-strings.js';
import { FormSigns } from '../dist/title-signature.js';

const plain = new PlainStrings();
/** Pieces of names and titles, put together in any order: words with a meaning of their own, marks, numbers, accents. */
const text = (words: string): fc.Arbitrary<string> => {
  const word = fc.oneof(
    fc.constantFrom(...words.split(' ')),
    fc.constantFrom(
      'Finch',
      'heron',
      'ORSTED',
      'Marsh',
      'q',
      'ae',
      'lae',
      'Moe',
      'blue',
      'Ørsted',
      'straße',
      "Va's",
      'ΝύχταΣ',
      'Ёлка',
      'солё',
      'か',
      'ガード',
      'ｶﾞ',
      'tm™',
      '+',
      '***',
      '\ufa6c',
      '東京',
      '한글',
      'שיר',
      'ليل',
      'ﬁnch',
      'เพลง',
      "d'Or",
      'Jay-Z',
      'R.E.M.',
      'P!nk',
      'Ke$ha',
      '88',
      '3rd',
      '007',
    ),
  );
  const between = fc.oneof(
    { weight: 6, arbitrary: fc.constant(' ') },
    fc.constantFrom(
      ', ',
      ' - ',
      ': ',
      '; ',
      ' / ',
      '/',
      ' & ',
      ' + ',
      '. ',
      "' ",
      " '",
      '! ',
      '-',
      '  ',
      ' (',
      ') ',
      ' [',
      '] ',
      ' = ',
      '.',
      ',',
      "'",
    ),
  );
  const end = fc.oneof(
    { weight: 4, arbitrary: fc.constant('') },
    fc.constantFrom(
      ')',
      ']',
      ' (2)',
      ' [US]',
      ', The',
      '!',
      '.',
      '?',
      "'",
      ' EP',
      ' (EP)',
      ' [reissue]',
      ' - Live',
      ': Remastered',
      ' 12"',
    ),
  );
  return fc
    .tuple(fc.array(fc.tuple(word, between), { maxLength: 4 }), word, end)
    .map(([pairs, last, mark]) => pairs.flat().join('') + last + mark);
};

test('the signs of a plain name are those of its text, and so are those of the names that it joins', () => {
  let read = 0;
  let joined = 0;
  const names = text(
    'the The la a and And n & feat feat. ft. vs vs. with w/ x X. y e E. n w und presents meets Pres. of de his two Eight DJ John Various ost',
  );
  fc.assert(
    fc.property(names, (name) => {
      if (!plain.readName(name)) return;
      read += 1;
      const spelling = new ArtistSpelling(name);
      const parts = Array.from({ length: plain.name.parts }, (_, at) => said(plain.name.part(at)));
      if (parts.length > 0) joined += 1;
      expect({ name, whole: said(plain.name.whole), parts }).toEqual({
        name,
        whole: said(signsOf(spelling)),
        parts: spelling.parts.map((part) => said(signsOf(new ArtistSpelling(part)))),
      });
    }),
    { numRuns: 20_000, examples: [['Shangri-La n two'], ['n. x w. n two']] },
  );
  expect(read).toBeGreaterThan(2_000);
  expect(joined).toBeGreaterThan(200);
});

test('every form of a plain title is among its readings, and is the only one if nothing can be split off', () => {
  let read = 0;
  let whole = 0;
  const titles = text(
    "the The a and n Vol. vol Volume Pt. Part No no. I i ii IV X mm MMXII One two Third 1 2 1,000 1999 EP LP OST Soundtrack Remastered Music Songs Original from Live Untitled st Goin' rock'n'roll '95",
  );
  fc.assert(
    fc.property(titles, (title) => {
      if (!plain.readTitle(title)) return;
      read += 1;
      const readings = Array.from({ length: plain.title.size }, (_, at) => plain.title.reading(at));
      const forms = titleForms(title);
      for (const form of forms) {
        const reading = readings.find(({ hash }) => hash === hashText(form.key));
        // Bytes may suggest parts where there are none.
        const { size: itsSize, numberSum, pairs, surePairs } = new FormSigns(form);
        const size = reading && plain.title.isWhole ? reading.size : itsSize;
        expect({
          title,
          ...pick(reading),
          size,
          numberSum: reading?.numberSum,
          pairs: reading?.pairs,
          surePairs: reading?.surePairs,
        }).toEqual({
          title,
          ...pick({ ...form, letterCounts: form.letterCounts }),
          size: itsSize,
          numberSum,
          pairs,
          surePairs,
        });
      }
      if (!plain.title.isWhole) return;
      whole += 1;
      expect({ title, forms: forms.length }).toEqual({ title, forms: 1 });
    }),
    { numRuns: 20_000 },
  );
  expect(read).toBeGreaterThan(2_000);
  expect(whole).toBeGreaterThan(500);
});

test('each letter of all scripts is read as in its forms', () => {
  const wrong: string[] = [];
  let read = 0;
  for (let unit = 0x80; unit < 0x10000; unit += 1) {
    const text = `Q${String.fromCharCode(unit)}q`;
    if (plain.readName(text)) {
      read += 1;
      if (plain.name.whole.looseHash !== hashText(new ArtistSpelling(text).loose)) wrong.push(text);
    }
    if (plain.readTitle(text) && plain.title.reading(0).hash !== hashText(titleForms(text)[0]!.key))
      wrong.push(text);
  }
  expect(wrong).toEqual([]);
  expect(read).toBeGreaterThan(40_000);
});

const said = ({ looseHash, bagSum, letters, letterCounts, length, words }: NameSigns): object => ({
  looseHash,
  bagSum,
  letters,
  letterCounts: [...letterCounts],
  length,
  words: [...words].sort(),
});
const pick = (
  form: { letters: number; repeated: number; letterCounts: Uint8Array } | undefined,
): object => ({
  letters: form?.letters,
  repeated: form?.repeated,
  letterCounts: form && [...form.letterCounts],
});
