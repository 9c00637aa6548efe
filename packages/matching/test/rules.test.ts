import { createClassifier, type Classifier, type ClassifierOptions, type Decision } from '@wxyc/matching';

const albums: [string, string][] = [
  ['Stereolab', 'Dots and Loops'],
  ['Nirvana', 'Nevermind'],
  ['Nirvana', 'In Utero'],
  ['Beatles, The', 'Abbey Road'],
  ['Sade', 'Diamond Life'],
  ['Cat Power', 'Moon Pix'],
  ['The Soundtrack of Our Lives', 'Behind the Music'],
  ['[re:jazz]', 'Point of View'],
  ['Various Artists', 'Nuggets: Original Artyfacts from the First Psychedelic Era'],
  ['Soundtrack', 'Paris, Texas'],
  ['V/A', 'Hits'],
];
const library = albums.map(([artist, title]) => ({ artist, title }));

function classifier(options: Partial<ClassifierOptions> & { keep?: Record<string, string | null>; prune?: string[] } = {}): Classifier {
  const { keep = {}, prune = [], ...rest } = options;
  return createClassifier({ library, mappings: { keep: new Map(Object.entries(keep)), prune: new Set(prune) }, ...rest });
}

const decide = (artists: string | string[], title: string, options?: Parameters<typeof classifier>[0]): Decision =>
  classifier(options).decide([artists].flat(), title);

describe('rule 1: mappings', () => {
  test('keep with null keeps everything of the artist', () => {
    expect(decide('Unknown Person', 'Anything', { keep: { 'unknown person': null } })).toMatchObject({ decision: 'KEEP', rule: '1 mapped: keep' });
  });

  test('keep with a library artist decides by that artist’s titles, and REVIEW becomes KEEP', () => {
    const keep = { 'Kurt & Co': 'nirvana' };
    expect(decide('Kurt And Co', 'Nevermind', { keep })).toMatchObject({ decision: 'KEEP', matchedArtist: 'Nirvana', rule: '1 mapped: keep as library artist' });
    const doubtful = decide('Nirvana', 'Neverlong');
    expect(doubtful.decision).toBe('REVIEW');
    expect(decide('Kurt And Co', 'Neverlong', { keep })).toMatchObject({ decision: 'KEEP', score: doubtful.score });
    expect(decide('Kurt And Co', 'Quite Another Album', { keep })).toMatchObject({ decision: 'PRUNE', rule: '1 mapped: keep as library artist' });
  });

  test('trap 14: (fix) what is mapped keep is not pruned', () => {
    // The word screen would prune it: it shares no word with the library.
    expect(decide('Zzyzx', 'Nothing Here', { keep: { Zzyzx: null } }).decision).toBe('KEEP');
    expect(decide('Zzyzx', 'Moon Pix', { keep: { Zzyzx: 'Cat Power' } }).decision).toBe('KEEP');
  });

  test('a mapping to an artist that the library lacks keeps nothing, and is named', () => {
    const lost = classifier({ keep: { Zzyzx: 'Nobody', Other: null } });
    expect(lost.decide(['Zzyzx'], 'Moon Pix')).toMatchObject({ decision: 'PRUNE', rule: '1 mapped: keep as an artist that the library lacks' });
    expect(lost.missingTargets).toEqual(['Nobody']);
  });

  test('prune prunes, except an album that is owned', () => {
    const prune = ['Nirvana', 'Cat Powers'];
    expect(decide('Nirvana', 'Incesticide', { prune })).toMatchObject({ decision: 'PRUNE', rule: '1 mapped: prune' });
    expect(decide('Nirvana', 'Nevermind', { prune })).toMatchObject({ decision: 'KEEP', rule: '1 mapped: prune, but owned' });
    expect(decide('Nirvana', 'Neverlong', { prune })).toMatchObject({ decision: 'PRUNE', rule: '1 mapped: prune' });
    // Similar to an owned one only: not an artist of the library.
    expect(decide('Cat Powers', 'Moon Pix').decision).toBe('KEEP');
    expect(decide('Cat Powers', 'Moon Pix', { prune }).decision).toBe('PRUNE');
  });

  test('keys are compared in normal form but keep their Discogs number', () => {
    const prune = ['NIRVANA (2)', 'Beatles, The (7)'];
    expect(decide('Nirvana (2)', 'Incesticide', { prune }).rule).toBe('1 mapped: prune');
    expect(decide('Nirvana', 'Incesticide', { prune }).rule).toBe('3 library artist, best title');
    expect(decide('Nirvana (3)', 'Incesticide', { prune }).rule).toBe('3 library artist, best title');
    expect(decide('The Beatles (7)', 'x', { prune }).rule).toBe('1 mapped: prune');
  });

  test('keep goes before prune', () => {
    expect(decide('Nirvana', 'x', { keep: { nirvana: null }, prune: ['Nirvana'] }).decision).toBe('KEEP');
  });
});

describe('rule 2: compilations', () => {
  test('trap 11: (fix) a compilation is kept by its title, before the word screen', () => {
    expect(decide('Various', 'Paris, Texas')).toMatchObject({ decision: 'KEEP', rule: '2 compilation, title known', matchedTitle: 'Paris, Texas', titleScore: 100 });
    expect(decide('Various', 'Nuggets: Original Artyfacts from the 1st Psychedelic Era')).toMatchObject({ decision: 'KEEP', rule: '2 compilation, title known' });
    expect(decide('V.A.', 'Something Else')).toMatchObject({ decision: 'PRUNE', rule: '2 compilation, title unknown', matchedTitle: null });
  });

  test('(fix) the words of a short library title in a longer one are not enough', () => {
    expect(decide('Various', 'Hits').decision).toBe('KEEP');
    expect(decide('Various', 'Hits Of The Year Nineteen Eighty Four').decision).toBe('PRUNE');
  });

  test('the order of the words does not count', () => {
    expect(decide('Various', 'Texas, Paris').decision).toBe('KEEP');
  });

  test('trap 11: a band with soundtrack in its name is matched as a band', () => {
    expect(decide('The Soundtrack Of Our Lives', 'Behind The Music')).toMatchObject({ decision: 'KEEP', rule: '3 library artist, exact title' });
    expect(decide('The Soundtrack Of Our Lives', 'Paris, Texas').decision).toBe('PRUNE');
  });

  test('a library’s compilations are no artists: Various Production is not similar to Various Artists', () => {
    expect(decide('Various Production', 'Hits').rule).toMatch(/^4/);
  });
});

describe('rule 3: an artist of the library', () => {
  test('its exact title in normal form keeps', () => {
    expect(decide('The Beatles', 'ABBEY ROAD (Reissue)')).toMatchObject({ decision: 'KEEP', rule: '3 library artist, exact title', artistScore: 100, titleScore: 100, score: 1 });
  });

  test('0.75 keeps, 0.65 is for review, less is pruned; --score-cutoff moves the 0.75 only', () => {
    // 75 exactly: 9 of 12 characters each.
    expect(decide('Sade', 'Diamond Wild')).toMatchObject({ decision: 'KEEP', titleScore: 75, score: 0.75, rule: '3 library artist, best title' });
    expect(decide('Sade', 'Diamond Wild', { scoreCutoff: 0.76 }).decision).toBe('REVIEW');
    expect(decide('Sade', 'Diamond Days').decision).toBe('REVIEW');
    expect(decide('Sade', 'Diamond Days', { scoreCutoff: 0.7 }).decision).toBe('KEEP');
    expect(decide('Sade', 'Diamante Vida').decision).toBe('PRUNE');
    expect(decide('Sade', 'Diamante Vida', { scoreCutoff: 0.9 }).decision).toBe('PRUNE');
  });

  test('the best of the artist’s titles counts, the first in sorted order among equals', () => {
    expect(decide('Nirvana', 'In Utero 2').matchedTitle).toBe('In Utero');
    const twins = classifier({ library: [{ artist: 'A', title: 'bcdx' }, { artist: 'A', title: 'bcde' }] });
    expect(twins.decide(['A'], 'bcdz')).toMatchObject({ matchedTitle: 'bcde', titleScore: 75 });
  });

  test('trap 4: Nirvana (2), And for &, and ø are artists of the library', () => {
    expect(decide('Nirvana (2)', 'Nevermind').rule).toMatch(/^3/);
    const more = { library: [...library, { artist: 'Simon & Garfunkel', title: 'Bookends' }, { artist: 'Bjork', title: 'Debut' }] };
    expect(decide('Simon And Garfunkel', 'Bookends', more).rule).toMatch(/^3/);
    expect(decide('Bjørk', 'Debut', more).rule).toMatch(/^3/);
  });

  test('names that are nothing but a bracket are told apart', () => {
    expect(decide('[re:jazz]', 'Point Of View').decision).toBe('KEEP');
    expect(decide('[unknown]', 'Point Of View').decision).toBe('PRUNE');
  });
});

describe('rules 4 and 5: similar artists', () => {
  test('without a common word of three or more characters it is pruned, however similar', () => {
    expect(decide('Stereolaab', 'Dots and Loops')).toMatchObject({ decision: 'PRUNE', rule: '4 no word shared with a library artist' });
    const short = { library: [{ artist: 'DJ ab', title: 'Title' }] };
    expect(decide('DJ abc', 'Title', short).rule).toMatch(/^4/);
  });

  test('three code points are three characters: two astral ones are not', () => {
    const astral = { library: [{ artist: '𝔄𝔅 x', title: 'Title' }, { artist: '😀😁😂 x', title: 'Title' }] };
    expect(decide('😀😁 y', 'Title', astral).rule).toMatch(/^4/);
    expect(decide('😀😁😂 y', 'Title', astral).rule).toMatch(/^5/);
  });

  test('the similar artist’s exact title keeps', () => {
    expect(decide('Cat Powers', 'Moon Pix')).toMatchObject({ decision: 'KEEP', rule: '5 similar artist, exact title', matchedArtist: 'Cat Power' });
  });

  test('otherwise the score is the geometric mean of both', () => {
    const decision = decide('Cat Powers', 'Moon Mix');
    expect(decision.rule).toBe('5 similar artist, best title');
    expect(decision.score).toBeCloseTo(Math.sqrt(decision.artistScore! * decision.titleScore!) / 100, 12);
    // The artist's words are all in the name: 100; half of the title is enough then for more than its half.
    const subset = decide('Cat Power And Friends', 'Moon Dogs');
    expect(subset).toMatchObject({ artistScore: 100, rule: '5 similar artist, best title' });
    expect(subset.score).toBeCloseTo(Math.sqrt(subset.titleScore! / 100), 12);
  });

  test('below 60 no artist is similar', () => {
    expect(decide('Cat Abcdefghijklmnopqrstuvwxyz', 'Moon Pix')).toMatchObject({ decision: 'PRUNE', rule: '5 no similar artist', matchedArtist: null });
  });

  test('the first in sorted order wins among equals', () => {
    const twins = { library: [{ artist: 'Power Cay', title: 't' }, { artist: 'Power Cax', title: 't' }] };
    expect(decide('Power Caz', 't', twins).matchedArtist).toBe('Power Cax');
  });
});

describe('the release', () => {
  test('trap 10: (fix) the best of two main artists decides, KEEP over REVIEW over PRUNE', () => {
    expect(decide(['Aardvark', 'Nirvana'], 'Nevermind')).toMatchObject({ decision: 'KEEP', artist: 'Nirvana' });
    expect(decide(['Nirvana', 'Aardvark'], 'Nevermind')).toMatchObject({ decision: 'KEEP', artist: 'Nirvana' });
    expect(decide(['Nirvana', 'Aardvark'], 'Neverlong')).toMatchObject({ decision: 'REVIEW', artist: 'Nirvana' });
  });

  test('trap 14: (fix) a release without a main credit is REVIEW; empty names are no credits', () => {
    for (const artists of [[], [''], ['', '']]) {
      expect(decide(artists, 'Nevermind')).toMatchObject({ decision: 'REVIEW', rule: '0 no main credit', artist: null });
      expect(classifier().decisionOf(artists, 'Nevermind')).toBe(1);
    }
  });

  test('the order of the credits does not change the decision, nor which of them is named', () => {
    const credits = ['Nirvana', 'Nirvana (2)', 'Aardvark', 'Sade'];
    const forward = decide(credits, 'Nevermind');
    expect(decide([...credits].reverse(), 'Nevermind')).toEqual(forward);
  });

  test('a name that no index can hold is decided as the cache holds it: cut at 2,600 bytes', () => {
    const long = `Nirvana ${'é'.repeat(2_000)}`;
    const cut = `Nirvana ${'é'.repeat(1_296)}`;
    expect(Buffer.byteLength(cut)).toBe(2_600);
    expect(decide(long, 'Nevermind')).toEqual(decide(cut, 'Nevermind'));
  });

  test('an empty title matches nothing', () => {
    expect(decide('Nirvana', ' ')).toMatchObject({ decision: 'PRUNE', titleScore: 0 });
    expect(decide('Various', '')).toMatchObject({ decision: 'PRUNE' });
  });
});
