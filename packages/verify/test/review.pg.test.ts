import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decisionColumns } from '@wxyc/matching';
import {
  libraryFile,
  runBin,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import {
  review,
  verify,
  type ReviewAnswer,
  type ReviewQuestion,
  type ReviewResult,
} from '@wxyc/verify';
import { makeCache, type Pressing } from './cache.ts';

const libraryDb = libraryFile([
  ['Sade', 'Diamond Life'],
  ['Cat Power', 'Moon Pix'],
  ['Yo La Tengo', 'Painful'],
]);

const pressings: Pressing[] = [
  { id: 1, title: 'Diamond Life', artists: ['Sade', 'Guest'] },
  { id: 2, title: 'Diamond Lives', artists: ['Sade'] },
  { id: 3, title: 'Diamond Life (Plus)', artists: ['Sade'] },
  { id: 13, title: 'Diamond Life (Plus)', artists: ['Sade'] },
  { id: 4, title: 'Moon Pix - Extras', artists: ['Cat Power'] },
  { id: 5, title: 'Moon Pix', artists: ['Cat Zzz'] },
  { id: 6, title: 'Elsewhere', artists: ['Zzyzx'] },
  // Without a main artist.
  { id: 7, title: 'Painful' },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await makeCache(database, pressings);
  await database.query('UPDATE release SET release_year = 1984');
});
afterAll(() => database.drop());

const options = () => ({ libraryDb, databaseUrl: database.url });

function files(): { mappingsFile: string; keepIds: string } {
  const folder = temporaryFolder();
  return { mappingsFile: join(folder, 'mappings.json'), keepIds: join(folder, 'keep_ids.txt') };
}

async function answer(
  answers: ReviewAnswer[],
  places: ReturnType<typeof files>,
  decisions?: string,
): Promise<{ asked: ReviewQuestion[]; result: ReviewResult }> {
  const asked: ReviewQuestion[] = [];
  const result = await review({ ...options(), ...places, decisions }, (question) => {
    asked.push(question);
    return Promise.resolve(answers[asked.length - 1] ?? 'quit');
  });
  return { asked, result };
}

const content = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const titles = (asked: ReviewQuestion[]): string[] =>
  asked.map(({ item, album }) => `${item.artist ?? ''}: ${album.title}`);

describe('review', () => {
  it('asks about each album in doubt, artists with the most releases first, with year, label and the closest library artists', async () => {
    const { asked } = await answer(['skip', 'skip', 'skip', 'skip', 'skip'], files());
    expect(titles(asked)).toEqual([
      'Sade: Diamond Lives',
      'Sade: Diamond Life (Plus)',
      'Cat Power: Moon Pix - Extras',
      'Cat Zzz: Moon Pix',
      ': Painful',
    ]);
    expect(asked[1]).toMatchObject({
      number: 1,
      of: 4,
      item: { artist: 'Sade', releases: 3 },
      albumNumber: 2,
      album: { releaseIds: [3, 13], libraryArtist: 'Sade', libraryTitle: 'Diamond Life' },
      details: { id: 3, year: 1984, labels: ['label 0'] },
    });
    expect(asked[3]!.candidates[0]).toMatchObject({ artist: 'Cat Power', title: 'Moon Pix' });
    expect(asked[4]!.candidates).toEqual([]);
  });

  it('keeps one album by its releases, everything by an artist, an artist as another, or prunes; the next run honours it', async () => {
    const places = files();
    const { asked, result } = await answer(
      ['skip', 'album', 'prune', { keepAs: 'Cat Power' }, 'album'],
      places,
    );
    expect(asked).toHaveLength(5);
    expect(readFileSync(places.keepIds, 'utf8')).toBe('3\n13\n7\n');
    expect(content(places.mappingsFile)).toEqual({
      keep: { 'Cat Zzz': 'Cat Power' },
      prune: { 'Cat Power': null },
    });
    expect(result).toEqual({
      items: 4,
      kept: 1,
      pruned: 1,
      albumsKept: 2,
      left: 1,
      settledReleases: 5,
    });

    const { report } = await verify({ ...options(), ...places });
    // 1, 3, 13, 5 and 7; the album that was passed over stays in doubt; 4 and 6 go.
    expect(report.decisions).toEqual({ keep: 5, review: 1, prune: 2 });
    expect(titles((await answer(['quit'], places)).asked)).toEqual(['Sade: Diamond Lives']);
  });

  it('an answer about an artist settles all of its albums', async () => {
    const places = files();
    const { asked } = await answer(['keep'], places);
    expect(titles(asked)).toEqual(['Sade: Diamond Lives', 'Cat Power: Moon Pix - Extras']);
    expect(content(places.mappingsFile)).toEqual({ keep: { Sade: null }, prune: {} });
    expect(existsSync(places.keepIds)).toBe(false);
  });

  it('goes back: the answer before is undone, in the files too, and asked again', async () => {
    const places = files();
    writeFileSync(places.keepIds, '99\n');
    const { asked, result } = await answer(
      ['back', 'album', 'keep', 'back', 'back', 'skip', 'album'],
      places,
    );
    expect(titles(asked)).toEqual([
      'Sade: Diamond Lives',
      'Sade: Diamond Lives',
      'Sade: Diamond Life (Plus)',
      'Cat Power: Moon Pix - Extras',
      'Sade: Diamond Life (Plus)',
      'Sade: Diamond Lives',
      'Sade: Diamond Life (Plus)',
      'Cat Power: Moon Pix - Extras',
    ]);
    expect(readFileSync(places.keepIds, 'utf8')).toBe('99\n3\n13\n');
    expect(content(places.mappingsFile)).toEqual({ keep: {}, prune: {} });
    expect(result).toMatchObject({ kept: 0, albumsKept: 1, settledReleases: 2, left: 4 });
  });

  it('leaves in doubt what a decisions file has by an alias or one of several joined names', async () => {
    const decisions = join(temporaryFolder(), 'decisions.csv');
    writeFileSync(
      decisions,
      `${decisionColumns.join(',')}\n8,yo la tengo,Painfull,REVIEW,3,Yo La Tengo,Painful,1,0.9333,0.9333,3 artist of a joint album\n9,Yo La Tengo,Painful,REVIEW,1,Yo La Tengo,Painful,1,1,1,"4 same title, alias of the artist"\n`,
    );
    const { asked } = await answer(['skip'], files(), decisions);
    expect(asked).toMatchObject([
      { item: { artist: null }, album: { title: 'Painful', releaseIds: [9], score: 1 } },
      { item: { artist: null }, album: { title: 'Painfull', releaseIds: [8], score: 0.9333 } },
    ]);
  });

  it('stops if somebody else has changed a file meanwhile', async () => {
    const places = files();
    const edited = '{"keep":{"Gorse":null}}';
    await expect(
      review({ ...options(), ...places }, () => {
        writeFileSync(places.mappingsFile, edited);
        return Promise.resolve('keep');
      }),
    ).rejects.toThrow(
      `${places.mappingsFile}: changed during the review, so the last answer was not written; start the review again`,
    );
    expect(readFileSync(places.mappingsFile, 'utf8')).toBe(edited);
  });

  it('works from a decisions file, and without a database', async () => {
    const decisions = join(temporaryFolder(), 'decisions.csv');
    await verify({ ...options(), decisions });
    const { asked } = await answer([], files(), decisions);
    expect(asked[0]).toMatchObject({ of: 4, details: { year: 1984 } });

    const places = files();
    const result = await runBin(
      'wxyc-verify',
      [
        'review',
        libraryDb,
        'postgresql://127.0.0.1:1/nowhere',
        '--decisions',
        decisions,
        '--mappings-file',
        places.mappingsFile,
        '--keep-ids',
        places.keepIds,
      ],
      { input: 'what\ns\n?\na\nb\na\n1\np\n?\nk\na\n' },
    );
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain(
      '1 of 4: Sade, 3 releases in doubt, album 1 of 2\n  release: Diamond Lives  https://www.discogs.com/release/2\n  library: Sade – Diamond Life, score 0.88, rule 3 (',
    );
    expect(result.stdout).toContain(
      [
        '  a   keep this album, by the id of this release; decides nothing about the artist',
        '  k   keep everything by this artist',
        '  1-3 this is the library artist with that number, under another name',
        '  p   this is another artist: leave out what is in doubt',
        '  s   skip: decide later (Enter does the same)',
        '  b   back: undo the previous answer and ask again',
        '  q   quit; your answers so far are saved',
        'a, k, 1-3, p, s, b, q, or ? for help: ',
      ].join('\n'),
    );
    // Shown at first and on request; without an artist there is none to keep or prune.
    expect(result.stdout.match(/ {2}a {3}keep this album/g)).toHaveLength(3);
    expect(result.stdout).toContain(
      'by the id of this release; decides nothing about the artist\n  s ',
    );
    expect(result.stdout).toContain('by the id of these 2 releases');
    expect(result.stdout).toContain('a, s, b, q, or ? for help: ');
    expect(result.stdout).toContain('"what" is not one of the answers');
    // There is no artist to keep or prune.
    expect(result.stdout).toContain('"k" is not one of the answers');
    expect(result.stdout).toContain(
      'Settled 5 releases: 1 artist kept, 1 artist pruned, 2 albums kept by release id. Still open: 1 of 4.',
    );
    expect(result.stdout).toContain(
      `Your answers are written; give them to every run from now on: --mappings-file ${places.mappingsFile} --keep-ids ${places.keepIds}`,
    );
    expect(content(places.mappingsFile)).toEqual({
      keep: { 'Cat Power': 'Cat Power' },
      prune: { 'Cat Zzz': null },
    });
    expect(readFileSync(places.keepIds, 'utf8')).toBe('3\n13\n7\n');
  });

  it('shows year and label at the prompt', async () => {
    const places = files();
    const { stdout } = await runBin(
      'wxyc-verify',
      [
        'review',
        libraryDb,
        database.url,
        '--mappings-file',
        places.mappingsFile,
        '--keep-ids',
        places.keepIds,
      ],
      { input: 'q\n' },
    );
    expect(stdout).toContain(
      '  release: Diamond Lives (1984, US, label 2)  https://www.discogs.com/release/2\n',
    );
  });

  it('writes nothing when the person quits, or the input ends, before an answer', async () => {
    const places = files();
    for (const input of ['q\n', '']) {
      const result = await runBin(
        'wxyc-verify',
        [
          'review',
          libraryDb,
          database.url,
          '--mappings-file',
          places.mappingsFile,
          '--keep-ids',
          places.keepIds,
        ],
        { input },
      );
      expect(result.code).toBe(0);
      expect(result.stdout).toContain('Nothing was settled; all 4 are still open.');
      expect(existsSync(places.mappingsFile) || existsSync(places.keepIds)).toBe(false);
    }
  });
});

describe('wxyc-verify', () => {
  it('prints the report and the closing table; the same report for a prune', async () => {
    const dry = await runBin('wxyc-verify', [libraryDb, database.url]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(
      /^library +3 albums, 0 of them compilations, by 3 artists\nalbums +1 found, 2 in doubt, 0 missing\nreleases +8\nKEEP +\d\nREVIEW +\d \(\d artists?, 1 that no artist decided\)\nPRUNE +\d\n/,
    );
    expect(dry.stdout).toMatch(/\nverify +releases +8 /);
    const copy = await testDatabase();
    try {
      await makeCache(copy, pressings);
      const pruned = await runBin('wxyc-verify', [libraryDb, copy.url, '--prune']);
      expect(pruned.code).toBe(0);
      expect(pruned.stdout.split('\n').slice(0, 7)).toEqual(dry.stdout.split('\n').slice(0, 7));
      expect(pruned.stdout).toMatch(/\nprune +releases +8 /);
    } finally {
      await copy.drop();
    }
  });

  it('refuses contradicting actions as usage, bad files as bad input', async () => {
    expect(
      await runBin('wxyc-verify', [
        libraryDb,
        database.url,
        '--prune',
        '--copy-to',
        'postgresql:///x',
      ]),
    ).toMatchObject({ code: 2 });
    expect(await runBin('wxyc-verify', [])).toMatchObject({ code: 2 });
    expect(await runBin('wxyc-verify', ['/nonexistent.db', database.url])).toMatchObject({
      code: 4,
    });
  });
});
