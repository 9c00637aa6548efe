import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadInputError } from '@wxyc/step';
import {
  libraryFile,
  runBin,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { explain, explainAlbum, prune, verify } from '@wxyc/verify';
import { makeCache, releaseIds, type Pressing } from './cache.ts';

const libraryDb = libraryFile([
  ['Sade', 'Diamond Life'],
  ['Cat Power', 'Moon Pix'],
  ['Yo La Tengo', 'Painful'],
  ['Yo La Tengo', 'Electr-O-Pura'],
]);

const pressings: Pressing[] = [
  { id: 1, title: 'Diamond Life', artists: ['Sade', 'Guest'] },
  { id: 2, title: 'Diamond Lives', artists: ['Sade'] },
  { id: 4, title: 'Moon Pix', artists: ['Cat Prower'] },
  { id: 6, title: 'Elsewhere', artists: ['Zzyzx'] },
  { id: 8, title: 'Diamond Rings', artists: ['Sade'] },
  { id: 9, title: 'Painfully Yours', artists: ['Yo La Tengo'] },
  { id: 10, title: 'Nowhere', artists: ['Qwert'], source: 'api_fetch' },
];

let database: TestDatabase;
let decisions: string;
beforeAll(async () => {
  database = await testDatabase();
  await makeCache(database, pressings);
  decisions = join(temporaryFolder(), 'decisions.csv');
  await verify({ ...options(), decisions });
  await prune(options());
  // As dedup leaves it: 3 was another pressing of 1.
  await database.query(
    "INSERT INTO release_pressing VALUES (1, 3, 'it has more tracks'); UPDATE release SET release_year = 1984",
  );
});
afterAll(() => database.drop());

const options = () => ({ libraryDb, databaseUrl: database.url });
const bin = (...words: string[]) => runBin('wxyc-verify', ['explain', ...words]);

describe('explain a release', () => {
  it('states each credit’s rule, scores and closest library artists', async () => {
    const explanation = await explain({ ...options(), releaseId: 4 });
    expect(explanation).toMatchObject({
      title: 'Moon Pix',
      status: 'in the database',
      decision: {
        decision: 'KEEP',
        rule: '4 same title, similar artist',
        libraryArtist: 'Cat Power',
        libraryTitle: 'Moon Pix',
      },
      credits: [
        {
          artist: 'Cat Prower',
          normalForm: 'cat prower',
          closest: [
            {
              artist: 'Cat Power',
              title: 'Moon Pix',
              score: expect.closeTo(0.94, 2),
              titleScore: 1,
            },
            { artist: 'Yo La Tengo' },
            { artist: 'Sade' },
          ],
        },
      ],
    });
  });

  it('kept: names the rule in words, the match and the cut-offs', async () => {
    const { code, stdout } = await bin('2', libraryDb, database.url);
    expect(code).toBe(0);
    expect(stdout).toContain('Release 2: Diamond Lives');
    expect(stdout).toContain('https://www.discogs.com/release/2');
    expect(stdout).toContain(
      'Decision: REVIEW by rule 3 (an artist of the library; the titles decide), as Sade, matched with Sade – Diamond Life (artist 1.00, title 0.88)',
    );
    expect(stdout).toContain(
      "Cut-offs: titles: KEEP from 0.90, REVIEW from 0.80; names, with an equal title: KEEP from 0.85 (0.90 if the album bears the artist's name), REVIEW from 0.75.",
    );
    expect((await bin('2', libraryDb, database.url, '--score-cutoff', '0.85')).stdout).toMatch(
      /Decision: KEEP .*Cut-offs: titles: KEEP from 0\.85/s,
    );
  });

  it('fetched by a consumer: says that it stays, though no album comes near', async () => {
    expect(await explain({ ...options(), releaseId: 10 })).toMatchObject({
      isFetched: true,
      decision: { decision: 'PRUNE' },
    });
    expect((await bin('10', libraryDb, database.url)).stdout).toContain(
      'it is in the database: a consumer fetched it, so it stays whatever is decided',
    );
    expect(await explain({ ...options(), releaseId: 1 })).toMatchObject({ isFetched: false });
  });

  it('pruned: from the decisions file, by the spelling that decided', async () => {
    expect(await releaseIds(database)).toEqual([1, 2, 4, 10]);
    const { code, stdout } = await bin('8', libraryDb, database.url, '--decisions', decisions);
    expect(code).toBe(0);
    expect(stdout).toContain('Release 8: Diamond Rings');
    expect(stdout).toMatch(/the decisions file says PRUNE by rule 3 \(.*\), score 0\.\d+/);
    expect(stdout).toContain('it is not in the database');
    expect(stdout).toMatch(
      /Decision, by the current library and mappings: PRUNE by rule 3 .*nearest to Sade – Diamond Life/,
    );
    const without = await bin('8', libraryDb, database.url);
    expect(without.code).toBe(4);
    expect(without.stderr).toMatch(/Release 8 is not in the database, .*--decisions/);
    // The cache itself is not needed.
    expect(
      await bin('8', libraryDb, 'postgresql://127.0.0.1:1/nowhere', '--decisions', decisions),
    ).toMatchObject({ code: 0 });
  });

  it('dropped by dedup: names the pressing that stayed, and why, with a decisions file and without', async () => {
    for (const more of [[], ['--decisions', decisions]]) {
      const { code, stdout } = await bin('3', libraryDb, database.url, ...more);
      expect(code).toBe(0);
      expect(stdout).toContain(
        'dedup dropped it: another pressing of its master was kept, 1 Guest / Sade – Diamond Life (1984, US, label 1)  https://www.discogs.com/release/1',
      );
      expect(stdout).toContain('for it has more tracks');
    }
  });

  it('dropped by dedup of a cache that left no note: by the decisions file and the database', async () => {
    const file = join(temporaryFolder(), 'decisions.csv');
    const row = (id: number, decision: string): string =>
      `${id},Sade,Diamond Life,${decision},1,Sade,Diamond Life,1,1,1,3 same artist\r\n`;
    writeFileSync(
      file,
      `release_id,spelling,title,decision,library_row,library_artist,library_title,artist_score,title_score,score,rule\r\n${row(1, 'KEEP')}${row(5, 'KEEP')}`,
    );
    const explanation = await explain({ ...options(), releaseId: 5, decisions: file });
    expect(explanation).toMatchObject({
      status: 'left out',
      decision: { decision: 'KEEP' },
      instead: [{ id: 1, year: 1984 }],
    });
  });

  it('never near: says so', async () => {
    const { code, stdout } = await bin('6', libraryDb, database.url, '--decisions', decisions);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'neither in the database nor in the decisions file, which lists every release that a rule scored',
    );
    expect(stdout).toContain('PRUNE by rule 5 (no album of the library comes near)');
  });

  it('refuses a file that is not a decisions file, and one with earlier rules', async () => {
    const file = join(temporaryFolder(), 'other.csv');
    writeFileSync(file, 'id,title\r\n1,x\r\n');
    await expect(explain({ ...options(), releaseId: 1, decisions: file })).rejects.toThrow(
      /is not a decisions file: it has no column release_id \(found id, title\)/,
    );
    writeFileSync(
      file,
      'release_id,artist,title,decision,matched_artist,matched_title,artist_score,title_score,score,rule\r\n1,x,y,PRUNE,,,,,,4\r\n',
    );
    await expect(explain({ ...options(), releaseId: 1, decisions: file })).rejects.toThrow(
      BadInputError,
    );
    await expect(explain({ ...options(), releaseId: 1, decisions: file })).rejects.toThrow(
      /written by an earlier version, .*write it again/,
    );
  });
});

describe('explain an album', () => {
  it('found: its releases with their decisions, and how many pressings were dropped for them', async () => {
    const { code, stdout } = await bin(
      '--album',
      'SADE',
      'diamond life',
      libraryDb,
      database.url,
      '--decisions',
      decisions,
    );
    expect(code).toBe(0);
    expect(stdout).toContain('Sade – Diamond Life: found\n');
    expect(stdout).toContain(
      '1 Guest / Sade – Diamond Life (1984, US, label 1)  https://www.discogs.com/release/1',
    );
    expect(stdout).toContain('2 Sade – Diamond Lives');
    expect(stdout).toContain('1 further pressing dropped by dedup');
    // What was pruned is of interest only where nothing was found.
    expect(stdout).not.toContain('in the decisions file');
    expect(stdout).toContain('Cut-offs: titles: KEEP from 0.90');
  });

  it('missing: what came nearest, by the decisions file', async () => {
    expect(
      await explainAlbum({ ...options(), artist: 'Yo La Tengo', title: 'Painful', decisions }),
    ).toMatchObject({
      status: 'missing',
      releases: [],
      nearest: null,
      leftOut: [{ release_id: '9', title: 'Painfully Yours', decision: 'PRUNE' }],
    });
    expect(
      (
        await bin(
          '--album',
          'Yo La Tengo',
          'Painful',
          libraryDb,
          database.url,
          '--decisions',
          decisions,
        )
      ).stdout,
    ).toMatch(
      /in the decisions file, and not in the database:\n +9 Yo La Tengo – Painfully Yours: PRUNE by rule 3 \(.*\), score 0\.\d+/,
    );
    const { stdout } = await bin(
      '--album',
      'Yo La Tengo',
      'Electr-O-Pura',
      libraryDb,
      database.url,
    );
    expect(stdout).toContain('Yo La Tengo – Electr-O-Pura: missing');
    expect(stdout).toContain(
      "nothing like it is in the database; the run's --decisions FILE or --coverage FILE shows what the dump held",
    );
  });

  it('names what is closest in the library when it has no such album', async () => {
    const { code, stderr } = await bin('--album', 'Sado', 'Diamond Knife', libraryDb, database.url);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /The library has no album "Diamond Knife" by "Sado"; the closest are Sade – Diamond Life/,
    );
  });

  it('takes an id or an album, not both', async () => {
    expect(
      await bin('--album', 'Sade', 'Diamond Life', '1', libraryDb, database.url),
    ).toMatchObject({ code: 2 });
    for (const id of ['sade', '9999999999'])
      expect(await bin(id, libraryDb, database.url)).toMatchObject({ code: 2 });
    expect(await bin('1')).toMatchObject({ code: 2 });
  });
});
