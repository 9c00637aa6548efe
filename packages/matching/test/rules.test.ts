import {
  closeness,
  Classifier,
  type Credit,
  type Decision,
  type MatchBasis,
  type Release,
} from '@wxyc/matching';
import type { LibraryRow } from '@wxyc/matching';

/** `Artist | Title` of each row. */
const rows = (...lines: string[]): LibraryRow[] =>
  lines.map((line) => ({ artist: line.split(' | ')[0]!, title: line.split(' | ')[1]! }));

const library: LibraryRow[] = [
  ...rows(
    'Silver Otters, The | Night Ferry',
    'Silver Otters, The | Harbour Songs, Volume 1',
    'Marlow, Ada | Glass Weather',
    'Q.T.B. | Paper Moons',
    'Kettle-88 | Small Machines',
    'Örsted & Finch | Two Lanterns',
    'Finch | Solo Flights',
    'Paper Lantern Quartet | s/t',
    'Copper | Copper',
    'Bluebell Choir | Greatest Hits',
    'Bluebell Choir | Up',
    'Various Artists | Sunken Treasures: Lost Songs of the Coast',
    'Soundtrack | Midnight Tram',
    'The Soundtrack of Our Days | Behind the Screen',
    '[re:wind] | Loop Diary',
  ),
  { artist: 'Tin Parade', title: 'Lemon Street', alternates: ['The Parade of Tin', 'TP3'] },
  { artist: 'V/A', title: 'Harbour Compilation', trackArtists: ['Gull Brothers'] },
  { artist: 'Heron', title: 'Wading', releaseId: 700 },
  { artist: 'Heron', title: 'Standing', masterId: 90 },
];

interface Given extends Omit<Partial<MatchBasis>, 'mappings'> {
  keep?: Record<string, string | null>;
  prune?: string[];
  /** Of the release. */
  id?: number;
  masterId?: number;
}

function classifier({ keep = {}, prune = [], ...basis }: Given = {}): Classifier {
  return new Classifier({
    library,
    mappings: { keep: new Map(Object.entries(keep)), prune: new Set(prune) },
    ...basis,
  });
}

/** @param credits `Name`, `Name*Variation` or a credit. */
function decide(
  credits: string | Credit | (string | Credit)[],
  title: string,
  { id = 1, masterId, ...given }: Given = {},
): Decision {
  const release: Release = {
    id,
    masterId,
    title,
    credits: [credits]
      .flat()
      .map((credit) =>
        typeof credit === 'string'
          ? { name: credit.split('*')[0]!, variation: credit.split('*')[1] }
          : credit,
      ),
  };
  return classifier(given).decide(release);
}

const kept = { decision: 'KEEP' } as const;
const inDoubt = { decision: 'REVIEW' } as const;
const pruned = { decision: 'PRUNE' } as const;

describe('rule 0: owned by id', () => {
  test('a release that the library names is kept, whatever it is called', () => {
    expect(decide('Nobody', 'Quite Other', { id: 700 })).toMatchObject({
      ...kept,
      rule: '0 owned by release id',
      libraryTitle: 'Wading',
      closeness: closeness.byId,
      score: 1,
    });
    expect(decide([], '', { id: 700 })).toMatchObject(kept);
  });

  test('and every pressing of a master that it names', () => {
    expect(decide('Nobody', 'Quite Other', { masterId: 90 })).toMatchObject({
      ...kept,
      rule: '0 owned by master id',
      libraryTitle: 'Standing',
    });
    expect(decide('Nobody', 'Quite Other', { masterId: 0 })).toMatchObject(pruned);
  });

  test('--keep-ids names releases without an album', () => {
    expect(decide('Nobody', 'Quite Other', { id: 12, keepIds: [11, 12] })).toMatchObject({
      ...kept,
      rule: '0 owned by release id',
      album: null,
      libraryTitle: null,
    });
  });

  test('it goes before a mapping that prunes', () => {
    expect(decide('Heron', 'Wading', { id: 700, prune: ['Heron'] })).toMatchObject(kept);
  });
});

describe('rule 1: mappings', () => {
  test('keep with null keeps everything of the artist', () => {
    expect(decide('Gorse', 'Anything', { keep: { gorse: null } })).toMatchObject({
      ...kept,
      rule: '1 mapped: keep',
      album: null,
    });
    expect(decide(['Nobody', 'Gorse'], 'Anything', { keep: { gorse: null } })).toMatchObject(kept);
    expect(decide('Gorse Band*Gorse', 'Anything', { keep: { gorse: null } })).toMatchObject(kept);
  });

  test('keep with a library artist decides as that artist, and REVIEW becomes KEEP', () => {
    const keep = { Gorse: 'the silver otters' };
    expect(decide('Gorse', 'Night Ferry', { keep })).toMatchObject({
      ...kept,
      rule: '1 mapped: keep as library artist',
      libraryArtist: 'Silver Otters, The',
    });
    expect(decide('Silver Otters', 'Night Ferries')).toMatchObject(inDoubt);
    expect(decide('Gorse', 'Night Ferries', { keep })).toMatchObject(kept);
    expect(decide('Gorse', 'Quite Other', { keep })).toMatchObject(pruned);
  });

  test('prune prunes what is not plainly owned', () => {
    const prune = ['Silver Otters'];
    expect(
      decide('The Silver Otters', 'Night Ferries', { prune: ['The Silver Otters'] }),
    ).toMatchObject({ ...pruned, rule: '1 mapped: prune' });
    expect(decide('Silver Otters', 'Night Ferry', { prune })).toMatchObject({
      ...kept,
      rule: '3 same artist',
    });
    expect(decide('Silver Otter', 'Night Ferry')).toMatchObject({
      ...kept,
      rule: '4 same title, similar artist',
    });
    expect(decide('Silver Otter', 'Night Ferry', { prune: ['Silver Otter'] })).toMatchObject(
      pruned,
    );
    expect(decide('Various', 'Midnight Tram', { prune: ['Various'] })).toMatchObject(pruned);
    // Only the name itself: neither an alias nor one of the names that it joins.
    const aliases = new Map([[5, ['Finch']]]);
    const namesake = { name: 'Tom (14)', artistId: 5 };
    expect(decide(namesake, 'Solo Flights', { aliases, prune: ['Tom (14)'] })).toMatchObject(
      pruned,
    );
    expect(decide('Finch & Nobody', 'Solo Flights', { prune: ['Finch & Nobody'] })).toMatchObject(
      pruned,
    );
  });

  test('keys are compared in normal form with their Discogs number', () => {
    const keep = { 'Gorse, The (2)': null };
    expect(decide('THE GORSE (2)', 'x', { keep })).toMatchObject(kept);
    expect(decide('The Gorse', 'x', { keep })).toMatchObject(pruned);
    expect(decide('The Gorse (3)', 'x', { keep })).toMatchObject(pruned);
  });

  test('entries that no credit matched, and unknown library artists, are reported', () => {
    const asked = classifier({
      keep: { Gorse: null, 'Heath (2)': 'Nobody', Moor: 'Heron' },
      prune: ['Bog'],
    });
    asked.decide({ id: 1, title: 'x', credits: [{ name: 'Bog' }, { name: 'Moor' }] });
    expect(asked.unmetMappings()).toEqual(['gorse', 'heath (2)']);
    asked.decide({ id: 700, title: 'x', credits: [{ name: 'Gorse' }] });
    expect(asked.unmetMappings()).toEqual(['heath (2)']);
    expect(asked.missingTargets).toEqual(['Nobody']);
  });

  test('one name under two credits counts as both', () => {
    const keep = { 'Gorse (2)': 'Heron' };
    const library = rows('Heron | Wading', 'Gorse | Yellow');
    for (const title of ['Wading', 'Yellow']) {
      for (const credits of [
        ['Gorse', 'Gorse (2)'],
        ['Gorse (2)', 'Gorse'],
      ])
        expect(decide(credits, title, { keep, library })).toMatchObject(kept);
    }
  });
});

describe('rule 2: compilations', () => {
  test.each(['Various', 'Various Artists', 'V/A', 'VA', 'OST', 'Soundtrack', 'Various - Folk'])(
    'a release of %s is kept by its title',
    (artist) => {
      expect(decide(artist, 'Midnight Tram')).toMatchObject({
        ...kept,
        rule: '2 compilation, same title',
        spelling: null,
        titleScore: 1,
      });
      expect(decide(artist, 'Midnight Tram (Original Soundtrack)')).toMatchObject(kept);
      expect(decide(artist, 'Evening Tram')).toMatchObject(pruned);
    },
  );

  test('a nearly equal title, or the beginning of it, is for review', () => {
    expect(decide('Various', 'Sunken Treasure: Lost Songs of the Coasts')).toMatchObject({
      ...inDoubt,
      rule: '2 compilation, similar title',
    });
    expect(
      decide('Various', 'Sunken Treasures: Lost Songs of the Coast and the Islands'),
    ).toMatchObject(inDoubt);
    expect(decide('Various', 'Sunken Treasures: Lost Songs of the Coast Volume 2')).toMatchObject(
      pruned,
    );
  });

  test('trap 11: a band with soundtrack in its name is a band', () => {
    expect(decide('Soundtrack Of Our Days', 'Behind The Screen')).toMatchObject({
      ...kept,
      rule: '3 same artist',
    });
    expect(decide('The Soundtrack Of Our Days', 'Midnight Tram')).toMatchObject(pruned);
  });

  test('an artist of its tracks with the exact title is the compilation', () => {
    expect(decide('The Gull Brothers', 'Harbour Compilation')).toMatchObject({
      ...kept,
      rule: '3 artist of a joint album',
      libraryArtist: 'V/A',
    });
    expect(decide('Gull Brothers', 'Harbor Compilation')).toMatchObject(inDoubt);
    expect(decide('Gull Brothers', 'Other')).toMatchObject(pruned);
    const aliases = new Map([[5, ['Gull Brothers']]]);
    expect(
      decide({ name: 'Nobody', artistId: 5 }, 'Harbour Compilation', { aliases }),
    ).toMatchObject({ ...kept, rule: '4 same title, alias of the artist' });
  });
});

describe('rule 3: same artist', () => {
  test.each([
    ['Silver Otters', 'without the article'],
    ['The Silver Otters (2)', 'with a Discogs number'],
    ['SILVER-OTTERS', 'punctuation and case'],
    ['Silver Otters [UK]', 'with a bracket'],
  ])('%s: %s', (artist) => {
    expect(decide(artist, 'Night Ferry')).toMatchObject({
      ...kept,
      rule: '3 same artist',
      artistScore: 1,
      titleScore: 1,
      libraryArtist: 'Silver Otters, The',
      closeness: closeness.sameTitle,
    });
  });

  test.each([
    ['QTB', 'Paper Moons', 'initials'],
    ['Kettle 88', 'Small Machines', 'hyphen'],
    ['Ada Marlow', 'Glass Weather', 'inverted name'],
    ['Orsted and Finch', 'Two Lanterns', 'accents and ampersand'],
    ['Oersted + Finch', 'Two Lanterns', 'oe and plus'],
    ['[re:wind]', 'Loop Diary', 'a name that is nothing but a bracket'],
    ['Parade Of Tin', 'Lemon Street', 'alternate name of the row'],
    ['TP3', 'Lemon Street', 'alternate name of the row'],
  ])('%s has %s: %s', (artist, title) => {
    expect(decide(artist, title)).toMatchObject({ ...kept, rule: '3 same artist' });
  });

  test('the name as printed counts like the name', () => {
    expect(decide('A. J. Marlow-Hughes*Ada Marlow', 'Glass Weather')).toMatchObject({
      ...kept,
      spelling: 'Ada Marlow',
    });
  });

  test('names from the catalogue count for every album of the artist', () => {
    const alternates = [['Finch', 'Goldie Finch-Hatton']] as const;
    expect(decide('Goldie Finch-Hatton', 'Solo Flight', { alternates })).toMatchObject({
      ...kept,
      rule: '3 same artist',
    });
    expect(decide('Goldie Finch-Hatton', 'Quite Other', { alternates })).toMatchObject(pruned);
  });

  test.each([
    [['Finch', 'Örsted']],
    [['Örsted', 'Finch']],
    [['Finch (2)', 'Örsted (14)']],
    ['Finch feat. Örsted'],
    ['Finch, Örsted'],
    ['Örsted / Finch'],
    ['Örsted With Finch'],
    [['Nobody*Finch', 'Örsted']],
  ])('a joint album is found by its artists in any order, with any join words: %j', (credits) => {
    expect(decide(credits, 'Two Lanterns')).toMatchObject({
      ...kept,
      libraryArtist: 'Örsted & Finch',
    });
  });

  test('one artist of a joint album alone, or of a joint release, needs the exact title', () => {
    expect(decide('Örsted', 'Two Lanterns')).toMatchObject({
      ...kept,
      rule: '3 artist of a joint album',
    });
    expect(decide('Örsted', 'Two Lantern')).toMatchObject({
      ...inDoubt,
      rule: '3 artist of a joint album',
    });
    expect(decide('Örsted', 'Two Lamps')).toMatchObject(pruned);
    expect(decide('Finch & Nobody', 'Solo Flights')).toMatchObject({
      ...kept,
      rule: '3 artist of a joint album',
    });
  });

  test('and a title that says more than that both have a `Greatest Hits`', () => {
    const library = [
      ...rows('Örsted & Finch | Live', 'Finch | Greatest Hits'),
      { artist: 'V/A', title: 'Greatest Hits', trackArtists: ['Gull Brothers'] },
    ];
    expect(decide('Örsted', 'Live', { library })).toMatchObject(inDoubt);
    expect(decide(['Örsted', 'Finch'], 'Live', { library })).toMatchObject(kept);
    expect(decide('Finch & Nobody', 'Greatest Hits', { library })).toMatchObject(inDoubt);
    expect(decide('Gull Brothers', 'Greatest Hits', { library })).toMatchObject(inDoubt);
    expect(decide('Finch', 'Greatest Hits', { library })).toMatchObject(kept);
    const aliases = new Map([[5, ['Finch']]]);
    expect(
      decide({ name: 'Nobody', artistId: 5 }, 'Greatest Hits', { library, aliases }),
    ).toMatchObject(inDoubt);
  });

  test('s/t of a joint album stands for its artists, not for each of them', () => {
    const library = rows('Finch & Örsted | s/t');
    expect(decide('Finch', 'Finch', { library })).toMatchObject(pruned);
    expect(decide(['Finch', 'Örsted'], 'Finch & Örsted', { library })).toMatchObject(kept);
    expect(decide('Finch & Nobody', 's/t', { library: rows('Finch | Finch') })).toMatchObject(
      pruned,
    );
    // Where the other side has one whole artist, it stands for that name.
    const ofFinch = { library: rows('Finch | s/t'), aliases: new Map([[5, ['Finch']]]) };
    expect(decide('Finch & Nobody', 'Finch', ofFinch)).toMatchObject(kept);
    expect(decide({ name: 'Nobody', artistId: 5 }, 'Finch', ofFinch)).toMatchObject(kept);
    expect(decide('Finch', 's/t', { library: rows('Finch & Örsted | Finch') })).toMatchObject(kept);
  });

  test('trap 10: the best of several main artists decides', () => {
    expect(decide(['Nobody', 'Finch'], 'Solo Flights')).toMatchObject({
      ...kept,
      spelling: 'Finch',
      libraryArtist: 'Finch',
    });
    expect(decide(['Heron', 'Ada Marlow'], 'Glass Weather')).toMatchObject({
      ...kept,
      libraryArtist: 'Marlow, Ada',
    });
  });
});

describe('title score', () => {
  const score = (title: string, other: string, artist = 'Ada Marlow'): number =>
    decide(artist, title, { library: [{ artist, title: other }] }).titleScore ?? 0;

  test.each([
    ['Glass Weather', 'Glass Weather (Deluxe Edition)'],
    ['Glass Weather', 'Glass Weather - Remastered 2009'],
    ['Glass Weather', 'Glass Weather (2009 Remix Remaster)'],
    ['Glass Weather', 'Glass Weather (Remastered & Remixed Edition)'],
    ['Glass Weather', 'Glass Weather (Remixed & Re-Mastered Edition)'],
    ['Glass Weather', 'Glass Weather: 20th Anniversary Edition'],
    ['Glass Weather EP', 'Glass Weather'],
    ['Glass Weather 12"', 'Glass Weather'],
    ['G.L.A.S.', 'Glas'],
    ['Rain & Glass', 'Rain and Glass'],
    ['Songs Vol. 2', 'Songs, Volume II'],
    ['Songs Pt. Three', 'Songs (Part 3)'],
    ['Glass IV', 'Glass 4'],
    ['MMXVIII', '2018'],
    ['Glas = Verre', 'Verre'],
    ['s/t', 'Ada Marlow'],
    ['Self-Titled', 'Ada Marlow'],
    ['Ada Marlow Presents Glass Weather', 'Glass Weather'],
    ["Ada Marlow's Glass Weather", 'Glass Weather'],
  ])('%s and %s are one title', (a, b) => {
    expect(score(a, b)).toBe(1);
    expect(score(b, a)).toBe(1);
  });

  test.each([
    ['Glass Wether', 'Glass Weather', 'typing error'],
    ['Weather Glass', 'Glass Weather', 'words in another order'],
    ['Glass Weather', 'Glass Weather with Ada Marlow', 'the name behind it'],
    ['Glasswether', 'Glass Weather', 'words joined'],
  ])('%s and %s are nearly one: kept (%s)', (a, b) => {
    expect(score(a, b)).toBeGreaterThanOrEqual(0.9);
    expect(score(a, b)).toBeLessThan(1);
  });

  test.each([
    ['Glass Weather', 'Glass Weather: Songs of the Year', 'a whole part'],
    ['Glass Weather', 'Glass Weather / Rain Machines', 'two albums in one'],
    ['Glass Weather', 'Glass Weather (1982-1984)', 'years'],
  ])('%s and %s are for review (%s)', (a, b) => {
    expect(score(a, b)).toBe(0.85);
    expect(score(b, a)).toBe(0.85);
  });

  test('what may or may not be the title leaves a doubt', () => {
    expect(score('Untitled', 'Ada Marlow')).toBe(0.85);
    expect(score('Music from the Motion Picture Glass Weather', 'Glass Weather')).toBe(0.85);
  });

  test.each([
    ['Glass', 'Glass XVI', 'number'],
    ['Songs Volume 1', 'Songs Volume 7', 'volumes'],
    ['Songs Volume 1', 'Songs', 'a volume is not the album without a number'],
    ['Up', 'The Wake Up Bomb', 'no subset is ever enough'],
    ['Glass', 'Glass: Live', 'live version'],
    ['Glass', 'Glass (Remixes)', 'remixes'],
    ['Glass', 'Glass (Live Version)', 'no edition'],
    ['Glass', 'Glass - Instrumental Version', 'no edition'],
    ['Glass', 'Glass: The Remix Edition', 'no edition'],
    ['Ada Marlow', 'Best of Ada Marlow', 'the name alone is no part'],
    ['Glass Weather', 'Stone Houses', 'nothing alike'],
  ])('%s and %s are two albums (%s)', (a, b) => {
    expect(score(a, b)).toBeLessThan(0.8);
    expect(score(b, a)).toBeLessThan(0.8);
  });

  test('KEEP from 0.90, REVIEW from 0.80; --score-cutoff moves the 0.90', () => {
    const at = (title: string, scoreCutoff?: number): Decision =>
      decide('Heron', title, { scoreCutoff, library: rows('Heron | abcdefghij') });
    // 9, 8.5 and 8 of 10 letters in common.
    expect(at('abcdefghix')).toMatchObject({ ...kept, titleScore: 0.9 });
    expect(at('abcdefghix', 0.91)).toMatchObject(inDoubt);
    expect(at('abcdefghxy')).toMatchObject({ ...inDoubt, titleScore: 0.8 });
    expect(at('abcdefghxy', 0.8)).toMatchObject(kept);
    expect(at('abcdefgxyz')).toMatchObject(pruned);
    expect(at('abcdefgxyz', 0.7)).toMatchObject(kept);
    expect(at('abcdefgxyz', 0.75)).toMatchObject(pruned);
    expect(at('abcdefghij', 1)).toMatchObject(kept);
  });

  test('trap 12: an album with the exact title comes before one with a similar title', () => {
    const both = rows('Finch | Solo Flights (EP)', 'Finch | Solo Flights!');
    expect(decide('Finch', 'Solo Flights', { library: both })).toMatchObject({
      libraryTitle: 'Solo Flights (EP)',
      closeness: closeness.sameTitle,
    });
    expect(decide('Finch', 'Solo Flights!', { library: both })).toMatchObject({
      libraryTitle: 'Solo Flights!',
      closeness: closeness.sameTitle,
    });
    expect(decide('Finch', 'Solo Flights?', { library: both })).toMatchObject({
      closeness: closeness.looseTitle,
    });
    expect(decide('Finch', 'Solo Flight', { library: both })).toMatchObject({
      closeness: closeness.similarTitle,
    });
  });
});

describe('rule 4: same title, similar artist', () => {
  test.each([
    ['Silver Oters', 'Night Ferry', '4 same title, similar artist', 'typing error'],
    ['Kettel 88', 'Small Machines', '4 same title, similar artist', 'typing error'],
    [
      'Heron Marsh Ensemble',
      'Wading',
      '4 same title, words of the artist',
      'all words of one name are in the other',
    ],
  ])('%s – %s is kept by %s (%s)', (artist, title, rule) => {
    expect(decide(artist, title)).toMatchObject({ ...kept, rule });
  });

  test('a name that is half alike, or shares a telling word, is for review', () => {
    expect(decide('Silver Otto Band', 'Night Ferry')).toMatchObject({
      ...inDoubt,
      rule: '4 same title, words of the artist',
    });
    expect(decide('Selva Otterson', 'Night Ferry')).toMatchObject(pruned);
    expect(decide('Herron X', 'Wading', { library: rows('Heronz | Wading') })).toMatchObject({
      ...inDoubt,
      rule: '4 same title, similar artist',
    });
  });

  test('words that many names share say nothing', () => {
    expect(decide('Garden Choir', 'Up')).toMatchObject(pruned);
    expect(
      decide('Garden Quartet', 'Two Lanterns', { library: rows('Paper Quartet | Two Lanterns') }),
    ).toMatchObject(pruned);
  });

  test('an equal title of few letters says little', () => {
    expect(decide('Bluebell', 'Up')).toMatchObject({
      ...inDoubt,
      rule: '4 same title, words of the artist',
    });
  });

  test('an album named after its artist needs a closer name', () => {
    expect(decide('Coppers', 'Copper')).toMatchObject(kept);
    expect(decide('Copper Wire', 'Copper')).toMatchObject(pruned);
    expect(decide('Coper X', 'Copper')).toMatchObject(pruned);
    for (const name of ['Phoenix', 'Seven', 'Motorhead'])
      expect(decide(`${name} Wire`, name, { library: rows(`${name} | ${name}`) })).toMatchObject(
        pruned,
      );
  });

  test('a library may have added to the name', () => {
    const library = rows('The London Copper | Copper');
    expect(decide('Copper', 'Copper', { library })).toMatchObject({
      ...inDoubt,
      rule: '4 same title, words of the artist',
    });
  });

  test('an album that is called s/t needs a closer name too', () => {
    const library = rows('Ada Marlow | s/t');
    expect(decide('Ada Marlowe', 's/t', { library })).toMatchObject(kept);
    expect(decide('Ada Marlow Quartet', 's/t', { library })).toMatchObject(inDoubt);
    expect(decide('Marlow', 's/t', { library })).toMatchObject(pruned);
  });

  test('generic titles say nothing about another artist', () => {
    expect(decide('Bluebell Choirs', 'Greatest Hits')).toMatchObject(pruned);
    expect(decide('The Bluebell-Choir', 'Greatest Hits')).toMatchObject(kept);
  });

  test('a title that is only similar is not looked up', () => {
    expect(decide('Silver Oters', 'Night Fery')).toMatchObject({
      ...pruned,
      rule: '5 nothing alike',
    });
  });

  test('names that only the artist list brings are kept with the title of any album', () => {
    const artists = ['Gorse', 'Various Artists', 'Finch'];
    expect(decide('The Gorse', 'Night Ferry', { artists })).toMatchObject({
      ...kept,
      rule: '4 same title, listed artist',
    });
    expect(decide('Gorse', 'Midnight Tram', { artists })).toMatchObject(kept);
    expect(decide('Gorse', 'Night Fery', { artists })).toMatchObject(pruned);
    expect(decide('Gorse', 'Greatest Hits', { artists })).toMatchObject(inDoubt);
    for (const title of ['s/t', 'Self-Titled'])
      expect(
        decide('Gorse', title, { artists, library: rows(`Ada Marlow | ${title}`) }),
      ).toMatchObject(inDoubt);
    // The albums of a library artist are known.
    expect(decide('Finch', 'Night Ferry', { artists })).toMatchObject(pruned);
  });

  test('an alias counts beside an equal title only', () => {
    const aliases = new Map([[5, ['Finch', 'Dave']]]);
    const credit = { name: 'G. F. Hatton', artistId: 5 };
    expect(decide(credit, 'Solo Flights', { aliases })).toMatchObject({
      ...kept,
      rule: '4 same title, alias of the artist',
      spelling: 'Finch',
    });
    expect(decide(credit, 'Solo Flight', { aliases })).toMatchObject(pruned);
    expect(decide({ ...credit, artistId: 6 }, 'Solo Flights', { aliases })).toMatchObject(pruned);
    // Neither the name before it nor `s/t` is an equal title.
    expect(decide(credit, 'Finch Solo Flights', { aliases })).toMatchObject(pruned);
    expect(decide('Finch', 'Finch Solo Flights')).toMatchObject(kept);
  });

  test('without a main credit a title is for review at most', () => {
    for (const credits of [[], [''], ['', '*Finch']])
      expect(decide(credits, 'Solo Flights')).toMatchObject({
        ...inDoubt,
        rule: '4 same title, no artist',
        spelling: null,
      });
    expect(decide([], 'Up')).toMatchObject(pruned);
    expect(decide([], 'Greatest Hits')).toMatchObject(pruned);
    expect(decide([], 'Self-Titled', { library: rows('Finch | Self-Titled') })).toMatchObject(
      pruned,
    );
    expect(decide([], 'Quite Other')).toMatchObject(pruned);
  });
});

describe('rule 5 and what holds for any release', () => {
  test('nothing alike is pruned, and names no album', () => {
    expect(decide('Nobody', 'Quite Other')).toEqual({
      decision: 'PRUNE',
      rule: '5 nothing alike',
      spelling: null,
      title: 'Quite Other',
      album: null,
      libraryArtist: null,
      libraryTitle: null,
      artistScore: null,
      titleScore: null,
      score: 0,
      closeness: closeness.none,
    });
  });

  test('an empty title matches nothing', () => {
    for (const artist of ['Finch', 'Various']) expect(decide(artist, ' ')).toMatchObject(pruned);
  });

  test('KEEP goes before REVIEW, then the closer title', () => {
    const more = rows('Finch | Solo Flight', 'Örsted | Solo Flights');
    expect(decide(['Finch', 'Örsted'], 'Solo Flights', { library: more })).toMatchObject({
      ...kept,
      libraryArtist: 'Örsted',
      titleScore: 1,
    });
  });

  test('a name that no index can hold is decided as the cache holds it: cut at 2,600 bytes', () => {
    const long = `Finch ${'é'.repeat(2_000)}`;
    const cut = `Finch ${'é'.repeat(1_297)}`;
    expect(Buffer.byteLength(cut)).toBe(2_600);
    const given = { library: [{ artist: long, title: 'Solo Flights' }] };
    expect(decide(long, 'Solo Flights', given)).toMatchObject(kept);
    expect(decide(cut, 'Solo Flights', given)).toMatchObject({ ...kept, rule: '3 same artist' });
    expect(decide(cut, 'Solo Flights')).toMatchObject({
      decision: decide(long, 'Solo Flights').decision,
    });
  });
});
