import fc from 'fast-check';
import { normalizeTitle, TitleForm, titleForms, titleWords } from '@wxyc/text';
import { otherWords, plainWords } from '../dist/title-forms.js';
import { messyText, plainText } from './messy-text.ts';

const key = (title: string): string => titleForms(title)[0]!.key;
const keys = (title: string): string[] => titleForms(title).map((form) => form.key);
const words = (title: string): string => titleWords(normalizeTitle(title)).join(' ');

describe('normal form', () => {
  test.each([
    ['Dots And Loops 12"', 'dots and loops'],
    ['Dots And Loops "', 'dots and loops'],
    ['Foo (2)', 'foo'],
    ['Foo (2 CD Set)', 'foo'],
    ['Foo (3lp set)', 'foo'],
    ['Foo (2LP)', 'foo'],
    ['Foo (Reissue)', 'foo'],
    ['Foo (Deluxe  Edition)', 'foo'],
    ['Foo (Expanded Edition)', 'foo'],
    ['Foo (Anniversary Edition)', 'foo'],
    ['Foo (Special Edition)', 'foo'],
    ['Foo (Limited Edition)', 'foo'],
    ['Foo (Bonus Tracks)', 'foo'],
    ['Foo (EP)', 'foo'],
    ['Foo (LP)', 'foo'],
    ['Foo 12" (Reissue) (2)', 'foo'],
    ['Foo (Live)', 'foo (live)'],
    ['Foo ( EP )', 'foo ( ep )'],
    ['(EP) Foo', '(ep) foo'],
    ['Homogénic\u200e', 'homogenic'],
    ["Rock 'n' Roll & More, The", "rock 'n' roll & more, the"],
  ])('%s becomes %s', (title, form) => {
    expect(normalizeTitle(title)).toBe(form);
  });

  test('a strip that would leave nothing is not applied', () => {
    expect(normalizeTitle('12"')).toBe('12"');
    expect(normalizeTitle('(EP)')).toBe('(ep)');
    expect(normalizeTitle('7" (EP)')).toBe('7"');
    expect(normalizeTitle('12"')).not.toBe(normalizeTitle('(EP)'));
  });

  test('the normal form of a normal form is itself', () => {
    fc.assert(
      fc.property(messyText, (title) =>
        expect(normalizeTitle(normalizeTitle(title))).toBe(normalizeTitle(title)),
      ),
      { numRuns: 5_000 },
    );
  });

  test('a title of some hundred thousand characters is read like any other', () => {
    expect(normalizeTitle(`${' '.repeat(100_000)}a${' (2)'.repeat(30_000)}`)).toBe('a');
    expect(normalizeTitle(`a${' 12"'.repeat(30_000)}`)).toBe('a');
    expect(normalizeTitle(`a${'12" ('.repeat(20_000)}`)).toHaveLength(100_001);
  });
});

describe('loose form', () => {
  test.each([
    ['U.S.A.', 'USA'],
    ['The Wall', 'Wall'],
    ['Dots & Loops', 'Dots and Loops'],
    ["Rock 'n' Roll", 'Rock and Roll'],
    ["Don't Stop", 'Dont Stop'],
    ["Goin' Home", 'Going Home'],
    ['10,000 Hz Legend', '10000 Hz Legend'],
    ['Car Wheels on a Gravel Road', 'CarWheels On A GravelRoad'],
    ['Either/Or', 'Either / Or'],
    ['Ke$ha', 'Kesha'],
  ])('%s and %s are one', (a, b) => {
    expect(key(a)).toBe(key(b));
  });

  test.each([
    ['Chicago', 'Chicago XVI'],
    ['Volume 1', 'Volume 7'],
    ['Up', 'The Wake Up Bomb'],
    ['1999', '1989'],
    ['Foo', 'Foo (Live)'],
    ['???', '!!!'],
  ])('%s and %s are two', (a, b) => {
    expect(key(a)).not.toBe(key(b));
  });

  test('a title without letters and digits stays as it is', () => {
    expect(key('???')).toBe('???');
    expect(keys('')).toEqual([]);
    expect(keys(' \u200e')).toEqual([]);
  });
});

describe('editions after a title', () => {
  test.each([
    '(Deluxe Edition)',
    '[Expanded]',
    '(Remastered 2009)',
    '- Remastered',
    '- 2014 Remaster',
    ': Legacy Edition',
    ': Deluxe',
    '(40th Anniversary Edition)',
    "(Collector's Edition)",
    '[Reissue]',
    '(Music From the Motion Picture)',
    ': Original Motion Picture Soundtrack',
    '- Original Broadway Cast',
    '(OST)',
    'O.S.T.',
    'EP',
    'E.P.',
    'LP',
    '(Limited Edition) [Vinyl]',
    '(2 x CD)',
    '(w/ Bonus Disc)',
    '(Mono)',
    '[Remix/Remaster]',
    '(Remastered & Remixed Edition)',
    '- Re-Mastered and Remixed Version',
    '[The Album]',
    '10"',
    '12”',
  ])('%s is an edition, and left out', (edition) => {
    expect(key(`Blue Lines ${edition}`.replace(' :', ':'))).toBe('bluelines');
  });

  test.each([
    '(Live)',
    '- Live in Tokyo',
    '(Remixes)',
    'Volume 2',
    ': Part II',
    '(Demos)',
    '[1972-1975]',
    ': 2',
    '(The Singles)',
    '- A Tribute',
    '(Live Version)',
    ': Deluxe Acoustic Edition',
    ': Rarities Edition',
  ])('%s is part of the title', (rest) => {
    expect(key(`Blue Lines ${rest}`.replace(' :', ':'))).not.toBe('bluelines');
  });

  test('a long title of many parts is read like any other', () => {
    expect(key(`${'c; '.repeat(20_000)}b - EP`)).toBe(`${'c'.repeat(20_000)}b`);
    expect(key(`${'c - '.repeat(20_000)}b:c`)).toBe(`${'c'.repeat(20_000)}bc`);
  });

  test('a title that is nothing else stays', () => {
    expect(key('EP')).toBe('ep');
    expect(key('Deluxe Edition')).toBe('deluxeedition');
    expect(key('(Remastered)')).toBe('remastered');
  });
});

describe('numbers', () => {
  test.each([
    ['Vol. 2', 'volume 2'],
    ['Volume II', 'volume 2'],
    ['Volume Two', 'volume 2'],
    ['Pt. 3', 'part 3'],
    ['Part III', 'part 3'],
    ['No. 4', 'number 4'],
    ['No IV', 'number 4'],
    ['Led Zeppelin IV', 'led zeppelin 4'],
    ['Songs Vol 02', 'songs volume 2'],
    ['The Third Album', '3 album'],
    ['3rd', '3'],
    ['１２ Songs', '12 songs'],
    ['MMXVIII', '2018'],
    ['Live MCMXCIX', 'live 1999'],
    ['II', '2'],
    ['V', '5'],
    ['Chapter V Underground', 'chapter 5 underground'],
  ])('%s is read as %s', (title, read) => {
    expect(words(title)).toBe(read);
  });

  test.each(['I Can See', 'You and I Wait', 'Mix Tape', 'Civil Mild', 'No Doubt', 'Dim CD'])(
    'words that look like numbers are words in %s',
    (title) => {
      expect(titleForms(title)[0]!.numbers).toEqual([]);
    },
  );

  test('they are listed in sorted order', () => {
    expect(titleForms('Seven Songs, Volume 10 (1999 Live)')[0]!.numbers).toEqual([
      '10',
      '1999',
      '7',
    ]);
    expect(titleForms('Dots')[0]!.numbers).toEqual([]);
  });
});

describe('the ways to read a title', () => {
  test('each part of X = Y counts', () => {
    expect(keys('Boris = ボリス')).toEqual(['borisボリス', 'boris', 'ボリス']);
    expect(titleForms('Boris = ボリス').map(({ atMost }) => atMost)).toEqual([1, 1, 1]);
  });

  test('what follows a lead-in may be the title', () => {
    const [whole, behind] = titleForms('Music From the Motion Picture Pulp Fiction');
    expect(whole).toMatchObject({ atMost: 1 });
    expect(behind).toMatchObject({ key: 'pulpfiction', atMost: 0.85 });
    expect(keys('Ambient 1: Music for Airports')).toHaveLength(1);
  });

  test('two readings with one form are one', () => {
    expect(keys('Dots = Dots!')).toEqual(['dotsdots', 'dots']);
  });

  test('sorted words: in code point order', () => {
    expect(new TitleForm(['loops', 'dots', '\u{10400}', '\uff76']).sortedWords).toBe(
      'dots loops \uff76 \u{10400}',
    );
    expect(new TitleForm([], '???').sortedWords).toBe('');
  });
});

test('plain words are read like any others', () => {
  const same = (text: string): void => {
    const plain = plainWords(text);
    if (plain) expect(plain).toEqual(otherWords(text));
  };
  for (let unit = 0; unit < 0x180; unit++)
    for (const text of [
      `a${String.fromCharCode(unit)}b`,
      `a ${String.fromCharCode(unit)}`,
      `${String.fromCharCode(unit)}1`,
    ])
      same(text);
  fc.assert(fc.property(plainText, same), { numRuns: 2_000 });
  fc.assert(fc.property(messyText.map(normalizeTitle), same), { numRuns: 5_000 });
  expect(plainWords('dots and loops, (live)')).toBeUndefined();
  expect(plainWords('dots and loops: (live)')).toEqual(['dots', 'loops', 'live']);
});
