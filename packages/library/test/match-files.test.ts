import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  basisFingerprint,
  Classifier,
  packBasis,
  readAliases,
  readAlternates,
  readIds,
  unpackBasis,
  type MatchBasis,
} from '@wxyc/matching';
import { readMatchBasis } from '@wxyc/library';
import { BadInputError } from '@wxyc/step';
import { libraryFile, temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
let files = 0;
const fileWith = (content: string | Buffer): string => {
  const file = join(folder, String(++files));
  writeFileSync(file, content);
  return file;
};

describe('release ids to keep', () => {
  test('one a line, with a BOM, either line end and empty lines', () => {
    expect(readIds(fileWith('\ufeff249504\r\n\n 12 \n249504'))).toEqual([249504, 12, 249504]);
  });

  test.each([
    ['12\nr13\n', 'line 2 is "r13", not a release id; give one id per line, such as 249504'],
    ['0\n', 'line 1 is "0", not a release id; give one id per line, such as 249504'],
    ['12,13\n', 'line 1 is "12,13", not a release id; give one id per line, such as 249504'],
    ['\n \n', 'holds no release id; give one per line, or leave --keep-ids out'],
  ])('%j is bad input', (content, message) => {
    const file = fileWith(content);
    expect(() => readIds(file)).toThrow(new BadInputError(`${file}: ${message}`));
  });

  test('so is a missing file, or none given', () => {
    const missing = join(folder, 'missing');
    expect(() => readIds(missing)).toThrow(BadInputError);
    expect(() => readIds(missing)).toThrow(
      `${missing}: no such file; give a file with one release id per line`,
    );
    mkdirSync(join(folder, 'directory'));
    expect(() => readIds(join(folder, 'directory'))).toThrow(
      /: a directory; give a file with one release id per line/,
    );
    symlinkSync('loop', join(folder, 'loop'));
    expect(() => readIds(join(folder, 'loop'))).toThrow(
      /loop: cannot be read \(ELOOP\); give a file with one release id per line/,
    );
  });
});

describe('further names', () => {
  test('of library artists', async () => {
    expect(
      await readAlternates(
        fileWith(
          '\ufeffname,artist,source\r\n"Otters, The",Silver Otters,x\r\n,Heron,\r\nshort\r\n',
        ),
      ),
    ).toEqual([['Silver Otters', 'Otters, The']]);
    expect(await readAlternates(fileWith('artist,name\n'))).toEqual([]);
  });

  test('are refused if the file is not UTF-8: they would match nothing', async () => {
    const file = fileWith(Buffer.from('artist,name\nBj\u00f6rk,Sugarcubes\n', 'latin1'));
    await expect(readAlternates(file)).rejects.toThrow(
      new BadInputError(`${file}: not UTF-8, somewhere from row 1 on; save it as UTF-8`),
    );
  });

  test('of artists on Discogs', async () => {
    expect(await readAliases(fileWith('artist_id,name\n5,Finch\n5,"Örsted"\n7,\n'))).toEqual(
      new Map([[5, ['Finch', 'Örsted']]]),
    );
  });

  test.each([
    ['', /is empty: a header row was expected/],
    ['artist;name\nx;y\n', /has no column "artist_id"; its columns are: artist;name/],
    ['artist_id\n5\n', /has no column "name"; its columns are: artist_id/],
    [
      'artist_id,name\n5,x\na5,Finch\n',
      /row 2 has the artist_id "a5"; give the artist's Discogs id, such as 194/,
    ],
    ['artist_id,name\n5,"x\n', /quote/],
  ])('%j is bad input', async (content, message) => {
    const file = fileWith(content);
    await expect(readAliases(file)).rejects.toThrow(BadInputError);
    await expect(readAliases(file)).rejects.toThrow(message);
  });

  test('so is a file that is not there', async () => {
    await expect(readAlternates(join(folder, 'missing'))).rejects.toThrow(/missing does not exist/);
  });
});

describe('the basis', () => {
  const libraryDb = libraryFile(
    [
      ['Silver Otters', 'Night Ferry', 'TSO', 700],
      ['', 'x'],
      ['Finch', 'Solo Flights'],
    ],
    ['artist', 'title', 'alternate_artist_name', 'release_id'],
  );

  test('is read from the files that a call names', async () => {
    const basis = await readMatchBasis({
      libraryDb,
      libraryArtists: fileWith('Gorse\nVarious\n'),
      mappingsFile: fileWith('{"prune":{"Bog":null}}'),
      scoreCutoff: 0.85,
      alternates: fileWith('artist,name\nFinch,Goldie\n'),
      keepIds: fileWith('12\n'),
      aliases: fileWith('artist_id,name\n5,Finch\n'),
    });
    expect(basis).toEqual({
      library: [
        { artist: 'Silver Otters', title: 'Night Ferry', alternates: ['TSO'], releaseId: 700 },
        { artist: 'Finch', title: 'Solo Flights' },
      ],
      mappings: { keep: new Map(), prune: new Set(['Bog']) },
      scoreCutoff: 0.85,
      artists: ['Gorse'],
      alternates: [['Finch', 'Goldie']],
      keepIds: [12],
      aliases: new Map([[5, ['Finch']]]),
      skipped: 1,
      remarks: [],
    });
  });

  test('sent to a thread, it decides the same', () => {
    const basis: MatchBasis = {
      library: [
        { artist: 'Silver Otters', title: 'Night Ferry', releaseId: 700 },
        { artist: 'Finch', title: 'Solo Flights', alternates: ['Goldie'], trackArtists: ['Gull'] },
      ],
      mappings: { keep: new Map([['Gorse', 'Finch']]), prune: new Set(['Bog']) },
      scoreCutoff: 0.8,
      aliases: new Map([[5, ['Finch']]]),
    };
    const sent = unpackBasis(structuredClone(packBasis(basis)));
    expect({ ...sent, index: undefined }).toEqual({ ...basis, index: undefined });
    for (const name of ['Gorse', 'Bog', 'Silver Oters', 'Goldie']) {
      const release = { id: 1, title: 'Solo Flights', credits: [{ name, artistId: 5 }] };
      expect(new Classifier(sent).decide(release)).toEqual(new Classifier(basis).decide(release));
    }
  });

  test('its fingerprint changes with everything that decisions depend on, and with nothing else', () => {
    const library = [
      { artist: 'a', title: 'b' },
      { artist: 'c', title: 'd' },
    ];
    const base = basisFingerprint({ library });
    const mappings = { keep: new Map<string, string | null>(), prune: new Set<string>() };
    expect(
      basisFingerprint({
        library: library.map((row) => ({ ...row })),
        mappings,
        scoreCutoff: 0.9,
        alternates: [],
        keepIds: [],
        aliases: new Map(),
      }),
    ).toBe(base);
    expect(base).toMatch(/^match-\d+-[\da-f]{32}$/);
    const others: MatchBasis[] = [
      { library: library.slice(1) },
      { library: [{ ...library[0]!, alternates: ['x'] }, library[1]!] },
      { library: [{ ...library[0]!, trackArtists: ['x'] }, library[1]!] },
      { library: [{ ...library[0]!, releaseId: 1 }, library[1]!] },
      { library: [{ ...library[0]!, masterId: 1 }, library[1]!] },
      { library, scoreCutoff: 0.8 },
      { library, mappings: { ...mappings, keep: new Map([['a', null]]) } },
      { library, mappings: { ...mappings, keep: new Map([['a', 'c']]) } },
      { library, mappings: { ...mappings, prune: new Set(['a']) } },
      { library, alternates: [['a', 'x']] },
      { library, alternates: [['c', 'x']] },
      { library, artists: [] },
      { library, artists: ['x'] },
      { library, keepIds: [1] },
      { library, aliases: new Map([[1, ['x']]]) },
    ];
    expect(new Set([base, ...others.map(basisFingerprint)]).size).toBe(others.length + 1);
    const kept = [
      ['a', null],
      ['b', 'c'],
    ] as const;
    expect(
      basisFingerprint({ library, mappings: { ...mappings, keep: new Map([...kept].reverse()) } }),
    ).toBe(basisFingerprint({ library, mappings: { ...mappings, keep: new Map(kept) } }));
  });
});
