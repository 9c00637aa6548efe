import fc from 'fast-check';
import {
  artistBag,
  artistWords,
  looseArtist,
  mappingKey,
  normalizeArtist,
  splitJoined,
} from '@wxyc/text';
import { splitWhiteSpace } from '../dist/white-space.js';
import { messyText } from './messy-text.ts';

const loose = (name: string): string => looseArtist(normalizeArtist(name));
const bag = (name: string): string => artistBag(normalizeArtist(name));
const parts = (name: string): string[] => splitJoined(normalizeArtist(name));

describe('normal form', () => {
  test.each([
    ['Nirvana (2)', 'nirvana', 'Discogs number'],
    ['Nirvana(2)', 'nirvana', 'Discogs number without a space'],
    ['Nirvana （２）', 'nirvana', 'full-width Discogs number'],
    ['Mogwai [Scotland]', 'mogwai', 'library bracket'],
    ['Mogwai [Scot [land]]', 'mogwai', 'nested bracket'],
    ['Mogwai [a] [b] (2) (3)', 'mogwai', 'as many as there are'],
    ['Mogwai (3) [Scotland] (2)', 'mogwai', 'in whatever order'],
    ['Mogwai Scotland]', 'mogwai scotland]', 'a bracket that nothing opens is none'],
    ['Beatles, The', 'the beatles', 'article to the front'],
    ['Beatles, The (4)', 'the beatles', 'article behind a number'],
    ['Fabulosos Cadillacs, Los', 'los fabulosos cadillacs', 'Spanish article'],
    ['Ärzte, Die', 'die arzte', 'German article'],
    ['Beatles, Them', 'beatles, them', 'no article'],
    ['Simon & Garfunkel', 'simon and garfunkel', 'ampersand'],
    ['Simon&Garfunkel', 'simon and garfunkel', 'ampersand without spaces'],
    ["Guns N' Roses", 'guns n roses', 'apostrophe'],
    ['Guns N’ Roses', 'guns n roses', 'typographic apostrophe'],
    ['‘Til Tuesday', 'til tuesday', 'quotation mark as an apostrophe'],
    ["Rock 'n' Roll", 'rock and roll', 'an n between apostrophes is an and'],
    ['Rock’n’Roll', 'rock and roll', 'also between letters'],
    ['a \t b\u00a0c\u3000d', 'a b c d', 'white space'],
  ])('%s becomes %s (%s)', (name, form) => {
    expect(normalizeArtist(name)).toBe(form);
  });

  test('a strip that would leave nothing is not applied', () => {
    expect(normalizeArtist('[re:jazz]')).toBe('[re:jazz]');
    expect(normalizeArtist('(2)')).toBe('(2)');
    expect(normalizeArtist('[re:jazz] (2)')).toBe('[re:jazz]');
    expect(normalizeArtist('[re:jazz]')).not.toBe(normalizeArtist('[unknown]'));
    expect(normalizeArtist("'''")).toBe("'''");
    expect(normalizeArtist(' \u00a0')).toBe('');
  });

  test('the normal form of a normal form is itself, stripped and single-spaced', () => {
    fc.assert(
      fc.property(messyText, (name) => {
        const form = normalizeArtist(name);
        expect(normalizeArtist(form)).toBe(form);
        expect(splitWhiteSpace(form).join(' ')).toBe(form);
      }),
      { numRuns: 5_000 },
    );
    // Far more suffixes than any name has.
    for (const suffix of [' (2)', ' [x]', ' [x] (2)', ', the', "'", ' (2)\u200e'])
      expect(normalizeArtist(normalizeArtist(`a${suffix.repeat(50)}`))).toBe(
        normalizeArtist(`a${suffix.repeat(50)}`),
      );
  });

  test('only a text of white space and invisible characters has none', () => {
    fc.assert(
      fc.property(messyText, (name) =>
        expect(normalizeArtist(name) === '').toBe(/^[\s\p{Cf}\x85\x1c-\x1f]*$/u.test(name)),
      ),
      { numRuns: 2_000 },
    );
  });

  test('a name of some hundred thousand characters is read like any other', () => {
    const end = 'x'.repeat(10);
    expect(normalizeArtist(`${' '.repeat(100_000)}${end}${' (2)'.repeat(30_000)}`)).toBe(end);
    expect(normalizeArtist(`${end}${'[x]'.repeat(30_000)}${' '.repeat(100_000)}`)).toBe(end);
    expect(normalizeArtist(`${end}${'['.repeat(50_000)}${']'.repeat(50_000)}`)).toBe(end);
    expect(normalizeArtist(`${end}${'('.repeat(100_000)}1)`)).toBe(`${end}${'('.repeat(99_999)}`);
    expect(normalizeArtist(`${end} ${'1'.repeat(100_000)})`)).toHaveLength(100_012);
  });
});

describe('loose form', () => {
  test.each([
    ['The Beatles', 'Beatles'],
    ['R.E.M.', 'REM'],
    ['Blink-182', 'Blink 182'],
    ['AC/DC', 'Acdc'],
    ["Guns N' Roses", 'Guns and Roses'],
    ['Simon & Garfunkel', 'Simon Garfunkel'],
    ['Florence + The Machine', 'Florence and the Machine'],
    ['Ke$ha', 'Kesha'],
    ['P!nk', 'Pink'],
    ['Motörhead', 'Motoerhead'],
    ['Die Ärzte', 'Aerzte'],
    ['N.W.A', 'NWA'],
    ['Godspeed You! Black Emperor', 'Godspeed You Black Emperor!'],
  ])('%s and %s are one', (a, b) => {
    expect(loose(a)).toBe(loose(b));
  });

  test.each([
    ['Nirvana', 'Nirvana Band'],
    ['Björk', 'Brk'],
    ['The The', 'The Them'],
    ['!!!', '???'],
    ['Them', 'M'],
    ['A', 'The'],
    ['か', 'が'],
  ])('%s and %s are two', (a, b) => {
    expect(loose(a)).not.toBe(loose(b));
  });

  test('a name without letters and digits stays as it is; an article alone is the name', () => {
    expect(loose('!!!')).toBe('!!!');
    expect(loose('+/-')).toBe('+/-');
    expect(loose('The')).toBe('the');
    expect(loose('The The')).toBe('the');
    expect(loose('And')).toBe('and');
  });

  test('is empty for no name', () => {
    fc.assert(
      fc.property(messyText, (name) =>
        expect(loose(name) === '').toBe(normalizeArtist(name) === ''),
      ),
      { numRuns: 2_000 },
    );
  });
});

describe('word bag', () => {
  test.each([
    ['Robert Rich & B. Lustmord', 'B. Lustmord / Robert Rich'],
    ['Davis, Miles', 'Miles Davis'],
    ['Cave, Nick & the Bad Seeds', 'Nick Cave and The Bad Seeds'],
    ['A Tribe Called Quest feat. Q-Tip', 'Q-Tip with A Tribe Called Quest'],
    ['DJ Shadow vs Cut Chemist', 'Cut Chemist x DJ Shadow'],
    ['Seven Dub', '7 Dub'],
    ['R.E.M. meets U2', 'U2 + REM'],
    ['Beatles The', 'The Beatles'],
    ['Zion y Lennox', 'Lennox & Zion'],
    ['Malcolm X & Keith LeBlanc', 'Keith LeBlanc / Malcolm X'],
    ['Malcolm X, Keith LeBlanc', 'Keith LeBlanc feat. Malcolm X'],
    ['Smith, John E.', 'John E. Smith'],
    ['Smith, Mark E', 'Mark E Smith'],
    ['Cummings, E. E.', 'E. E. Cummings'],
    ['Mark E Smith & Ed Blaney', 'Ed Blaney / Smith, Mark E.'],
    ['Sheila E w/ Prince', 'Prince & Sheila E.'],
    ['Sheila E. y Prince', 'Prince / Sheila E'],
    ['Malcolm X x Keith LeBlanc', 'Keith LeBlanc / Malcolm X'],
    ['Salt-N-Pepa', "Salt 'n' Pepa"],
  ])('%s and %s hold the same words', (a, b) => {
    expect(bag(a)).toBe(bag(b));
  });

  test('a word more or less makes another bag', () => {
    expect(bag('Miles Davis')).not.toBe(bag('Miles Davis Quintet'));
    expect(bag('Duran Duran')).not.toBe(bag('Duran'));
    // A letter at an end joins nothing.
    expect(bag('Malcolm X')).not.toBe(bag('Malcolm'));
    expect(bag('X Japan')).not.toBe(bag('Japan'));
    expect(bag('Sheila E.')).not.toBe(bag('Sheila'));
    expect(bag('DJ X')).not.toBe(bag('DJ E'));
    expect(bag('Y & T')).not.toBe(bag('T'));
  });

  test('of articles and join words alone it holds these, without words it is empty', () => {
    expect(bag('The And')).toBe('and the');
    expect(bag('!!!')).toBe('');
    expect(artistWords(normalizeArtist('R.E.M. & U2'))).toEqual(['rem', 'and', 'u2']);
  });

  test('the order of the words does not count, words in code point order', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.constantFrom('ab', 'the', 'feat', 'seven', '7', 'か', '\uff5e', '𝔄', 'zoe', 'émile'),
          { maxLength: 6 },
        ),
        (words) => {
          expect(artistBag([...words].reverse().join(' '))).toBe(artistBag(words.join(' ')));
        },
      ),
    );
    expect(artistBag('\u{10400} \uff76')).toBe('\uff76 \u{10400}');
  });
});

describe('a joined name', () => {
  test.each([
    ['Robert Rich & B. Lustmord', ['robert rich', 'b. lustmord']],
    ['Fripp, Eno', ['fripp', 'eno']],
    ['Fripp / Eno', ['fripp', 'eno']],
    ['Fripp + Eno', ['fripp', 'eno']],
    ['Fripp; Eno', ['fripp', 'eno']],
    ['Jay-Z feat. Kanye West', ['jay-z', 'kanye west']],
    ['Fripp with Eno & Budd', ['fripp', 'eno', 'budd']],
    ['Low vs. Dirty Three', ['low', 'dirty three']],
    ['Low – Dirty Three', ['low', 'dirty three']],
    ['Jay-Z', ['jay-z']],
    ['Brand New Heavies', ['brand new heavies']],
    ['Beatles, The', ['the beatles']],
    ['&', ['and']],
  ])('%s is made of %j', (name, names) => {
    expect(parts(name)).toEqual(names);
  });
});

describe('key of a mapping', () => {
  test.each([
    ['Nirvana', 'nirvana'],
    ['Nirvana (2)', 'nirvana (2)'],
    ['NIRVANA(2)', 'nirvana (2)'],
    ['Nirvana （２）', 'nirvana (2)'],
    ['Beatles, The (2)', 'the beatles (2)'],
    ['Simon & Garfunkel (2)', 'simon and garfunkel (2)'],
    ['(2)', '(2)'],
  ])('%s is looked up as %s', (name, key) => {
    expect(mappingKey(name)).toBe(key);
  });

  test('spellings of one name have one key', () => {
    expect(mappingKey('Guns N’ Roses [US] (3)')).toBe(mappingKey("guns n' roses (3)"));
  });
});
