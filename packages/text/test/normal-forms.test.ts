import fc from 'fast-check';
import { fold, foldWhole } from '../dist/normal-forms.js';
import { isCompilationArtist, mappingKey, normalizeArtist, normalizeTitle, pythonStrip, splitWhiteSpace } from '@wxyc/text';

describe('normal form of an artist', () => {
  test.each([
    ['  Stereolab ', 'stereolab', 'strip and lower-case'],
    ['BJÖRK', 'bjork', 'marks of Latin letters dropped'],
    ['Ωμέγα', 'ωμεγα', 'marks of Greek letters dropped'],
    ['Йо', 'ио', 'marks of Cyrillic letters dropped'],
    ['Nirvana (2)', 'nirvana', 'Discogs number'],
    ['Nirvana (2) (3)', 'nirvana (2)', 'one Discogs number only'],
    ['Nirvana （２）', 'nirvana', 'full-width Discogs number'],
    ['Mogwai [Scotland]', 'mogwai', 'library bracket'],
    ['Mogwai [Scot [land]]', 'mogwai', 'nested bracket'],
    ['Mogwai [a] [b]', 'mogwai [a]', 'one bracket only'],
    ['Mogwai [Scotland] (3)', 'mogwai', 'number, then bracket'],
    ['Mogwai (3) [Scotland]', 'mogwai (3)', 'the number is looked for before the bracket is gone'],
    ['Beatles, The', 'the beatles', 'article to the front'],
    ['Beatles, The (4)', 'the beatles', 'article behind a number'],
    ['Fabulosos Cadillacs, Los', 'los fabulosos cadillacs', 'Spanish article'],
    ['Ärzte, Die', 'die arzte', 'German article'],
    ['Beatles, Them', 'beatles, them', 'no article'],
    ['Simon & Garfunkel', 'simon and garfunkel', 'ampersand'],
    ['Simon&Garfunkel', 'simon and garfunkel', 'ampersand without spaces'],
    ["Guns N' Roses", 'guns n roses', 'apostrophe'],
    ['a \t b\u00a0c\u3000d', 'a b c d', 'white space'],
    ['İstanbul', 'istanbul', 'dotted capital I'],
    ['ΟΔΟΣ', 'οδος', 'final sigma'],
    ['𝐀b', 'Ab', 'compatibility forms after lower-casing, as the reference has it'],
  ])('%s becomes %s (%s)', (name, form) => {
    expect(normalizeArtist(name)).toBe(form);
  });

  test('(fix) marks are part of the letter in other scripts: が stays が', () => {
    expect(normalizeArtist('が')).toBe('が');
    expect(normalizeArtist('か')).not.toBe(normalizeArtist('が'));
    expect(normalizeArtist('ｶﾞ')).toBe('ガ');
    expect(normalizeArtist('한국')).toBe('한국');
    expect(normalizeArtist('עִברִית')).toBe('עִברִית'.normalize('NFC'));
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
  ])('(fix) the letters that NFKD leaves are folded: %s becomes %s', (letter, folded) => {
    expect(normalizeArtist(letter)).toBe(folded);
    expect(normalizeTitle(letter)).toBe(folded);
  });

  test('(fix) typographic apostrophes are deleted like the straight one', () => {
    expect(normalizeArtist('Guns N’ Roses')).toBe('guns n roses');
    expect(normalizeArtist('‘Til Tuesday')).toBe('til tuesday');
  });

  test('(fix) a strip that would leave nothing is not applied', () => {
    expect(normalizeArtist('[re:jazz]')).toBe('[re:jazz]');
    expect(normalizeArtist('(2)')).toBe('(2)');
    expect(normalizeArtist('[re:jazz] (2)')).toBe('[re:jazz]');
    expect(normalizeArtist('[re:jazz]')).not.toBe(normalizeArtist('[unknown]'));
    expect(normalizeArtist("'''")).toBe("'''");
    expect(normalizeArtist(' \u00a0')).toBe('');
  });

  test('trap 4: (2), And, ø are the same artist for filter and matcher', () => {
    expect(normalizeArtist('Nirvana (2)')).toBe(normalizeArtist('nirvana'));
    expect(normalizeArtist('Simon And Garfunkel')).toBe(normalizeArtist('Simon & Garfunkel'));
    expect(normalizeArtist('Bjørk')).toBe(normalizeArtist('Bjork'));
  });

  test('a normal form is stripped, single-spaced and never longer work for a long name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (name) => {
        const form = normalizeArtist(name);
        expect(splitWhiteSpace(form).join(' ')).toBe(form);
      }),
    );
    const began = performance.now();
    normalizeArtist(`${' '.repeat(100_000)}(${'['.repeat(100_000)} ${'1'.repeat(100_000)}`);
    normalizeTitle(`${' '.repeat(100_000)}a${'12" ('.repeat(20_000)}`);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('key of a mapping', () => {
  test.each([
    ['Nirvana', 'nirvana'],
    ['Nirvana (2)', 'nirvana (2)'],
    ['NIRVANA(2)', 'nirvana (2)'],
    ['Beatles, The (2)', 'the beatles (2)'],
    ['Simon & Garfunkel (2)', 'simon and garfunkel (2)'],
    ['(2)', '(2)'],
  ])('%s is looked up as %s', (name, key) => {
    expect(mappingKey(name)).toBe(key);
  });
});

describe('normal form of a title', () => {
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
    ['Homogénic', 'homogenic'],
    ["Rock 'n' Roll & More, The", "rock 'n' roll & more, the"],
  ])('%s becomes %s', (title, form) => {
    expect(normalizeTitle(title)).toBe(form);
  });

  test('(fix) a strip that would leave nothing is not applied', () => {
    expect(normalizeTitle('12"')).toBe('12"');
    expect(normalizeTitle('(EP)')).toBe('(ep)');
    expect(normalizeTitle('7" (EP)')).toBe('7"');
    expect(normalizeTitle('12"')).not.toBe(normalizeTitle('(EP)'));
  });
});

describe('compilations', () => {
  test.each(['Various', 'various artists', 'Various Artist', 'V/A', 'v.a.', 'Soundtrack', 'Soundtracks', 'Compilation', 'Compilations'])('%s is one', (name) => {
    expect(isCompilationArtist(name)).toBe(true);
    expect(isCompilationArtist(`\u00a0${name.toUpperCase()}\u0085`)).toBe(true);
    expect(isCompilationArtist(`${name} - Rock`)).toBe(true);
    expect(isCompilationArtist(`${name}: Jazz`)).toBe(true);
    expect(isCompilationArtist(`${name} (2)`)).toBe(true);
  });

  test.each(['The Soundtrack of Our Lives', 'Various Production', 'Variousness', 'Soundtrack of My Life', 'Compilation 3', 'various_x', 'VA', 'Original Soundtrack', '', 'Various é'])(
    'trap 11: (fix) %s is a band',
    (name) => {
      expect(isCompilationArtist(name)).toBe(false);
    },
  );
});

test('pythonStrip strips what Python strips and nothing else', () => {
  const white = '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000';
  expect(pythonStrip(`${white}a${white}b${white}`)).toBe(`a${white}b`);
  for (const other of ['\ufeff', '\u200b', '\u180e', '\x1b', '\x00']) expect(pythonStrip(`${other}a${other}`)).toBe(`${other}a${other}`);
  expect(pythonStrip(white)).toBe('');
});

describe('folding unit by unit', () => {
  const whole = (text: string): string => foldWhole(pythonStrip(text).toLowerCase());

  test('gives what folding the whole gives, for every character of the basic plane beside every sort of neighbour', () => {
    const wrong: string[] = [];
    for (let unit = 0x20; unit < 0x10000; unit++) {
      const character = String.fromCharCode(unit);
      for (const text of [`a${character}b`, `か${character}\u0301x`, `e${character}`, `${character}a`, `ㄱ${character}ᅡ`]) if (fold(text) !== whole(text)) wrong.push(text);
    }
    expect(wrong).toEqual([]);
  });

  test('and for any text', () => {
    const unit = fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'aeoäøßŁǿıİΩйがｶﾞ가각ㅏ\u0301\u0308\u3099\u0e33ﬁ½'));
    fc.assert(fc.property(fc.array(unit, { maxLength: 12 }), (units) => expect(fold(units.join(''))).toBe(whole(units.join('')))), { numRuns: 20_000 });
  });
});
