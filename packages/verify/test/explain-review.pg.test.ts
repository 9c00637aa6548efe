import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { explain, prune, review, verify, type ReviewAnswer, type ReviewQuestion } from '@wxyc/verify';
import { libraryFile, makeCache, releaseIds, type Pressing } from './cache.ts';

const libraryDb = libraryFile([
  ['Sade', 'Diamond Life'],
  ['Cat Power', 'Moon Pix'],
  ['Yo La Tengo', 'Painful'],
]);

const pressings: Pressing[] = [
  { id: 1, title: 'Diamond Life', artists: ['Sade', 'Guest'] },
  { id: 2, title: 'Diamond Days', artists: ['Sade'] },
  { id: 3, title: 'Diamond Nightlife', artists: ['Sade Orchestra'] },
  { id: 4, title: 'Moon Mix', artists: ['Cat Prower'] },
  { id: 5, title: 'Moon Mux', artists: ['Cat Prower'] },
  { id: 6, title: 'Elsewhere', artists: ['Zzyzx'] },
  { id: 7, title: 'No Main Artist' },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await makeCache(database, pressings);
});
afterAll(() => database.drop());

const options = () => ({ libraryDb, databaseUrl: database.url });

async function decisionsFile(): Promise<string> {
  const file = join(temporaryFolder(), 'decisions.csv');
  await verify({ ...options(), decisions: file });
  return file;
}

describe('explain', () => {
  it('tells each credit’s rule, scores and closest library artists', async () => {
    const explanation = await explain({ ...options(), releaseId: 4 });
    expect(explanation).toMatchObject({
      title: 'Moon Mix',
      source: 'database',
      decision: { decision: 'KEEP', rule: '5 similar artist, best title', matchedArtist: 'Cat Power', matchedTitle: 'Moon Pix' },
      credits: [{ artist: 'Cat Prower', normalForm: 'cat prower', closest: [{ artist: 'Cat Power', title: 'Moon Pix' }, {}, {}] }],
    });
  });

  it('explains a pruned release from the decisions file', async () => {
    const file = await decisionsFile();
    const pruned = await testDatabase();
    try {
      await makeCache(pruned, pressings);
      await prune({ libraryDb, databaseUrl: pruned.url });
      expect(await releaseIds(pruned)).not.toContain(6);
      const result = await runBin('wxyc-verify', ['explain', '6', libraryDb, pruned.url, '--decisions', file]);
      expect(result).toMatchObject({ code: 0 });
      expect(result.stdout).toContain('Release 6: Elsewhere');
      expect(result.stdout).toContain('PRUNE by rule 4 no word shared with a library artist');
      expect(result.stdout).toContain('decisions file');
      const without = await runBin('wxyc-verify', ['explain', '6', libraryDb, pruned.url]);
      expect(without.code).toBe(4);
      expect(without.stderr).toMatch(/Release 6 is not in the database; .*--decisions/);
      const unknown = await runBin('wxyc-verify', ['explain', '99', libraryDb, pruned.url, '--decisions', file]);
      expect(unknown.code).toBe(4);
      expect(unknown.stderr).toMatch(/neither in the database nor in/);
    } finally {
      await pruned.drop();
    }
  });

  it('refuses a file that is no decisions file', async () => {
    const file = join(temporaryFolder(), 'other.csv');
    writeFileSync(file, 'id,title\r\n1,x\r\n');
    await expect(explain({ ...options(), releaseId: 1, decisions: file })).rejects.toThrow(/is no decisions file: it has no column release_id \(found id, title\)/);
  });
});

describe('review', () => {
  const doubtful = { scoreCutoff: 0.95 };

  async function answer(answers: ReviewAnswer[], mappingsFile: string, decisions?: string): Promise<ReviewQuestion[]> {
    const asked: ReviewQuestion[] = [];
    await review({ ...options(), ...doubtful, mappingsFile, decisions }, (question) => {
      asked.push(question);
      return Promise.resolve(answers[asked.length - 1] ?? 'quit');
    });
    return asked;
  }

  it('asks about artists in doubt, most releases first, and writes what was settled after every answer', async () => {
    const mappingsFile = join(temporaryFolder(), 'mappings.json');
    const asked = await answer([{ keepAs: 'Cat Power' }, 'prune', 'skip'], mappingsFile);
    expect(asked.map(({ artist }) => [artist.artist, artist.releases])).toEqual([
      ['Cat Prower', 2],
      ['Sade', 1],
      ['Sade Orchestra', 1],
    ]);
    expect(asked[0]!.candidates[0]).toMatchObject({ artist: 'Cat Power', title: 'Moon Pix' });
    expect(JSON.parse(readFileSync(mappingsFile, 'utf8'))).toEqual({ keep: { 'Cat Prower': 'Cat Power' }, prune: { Sade: null } });

    // The next run honours it: 4 and 5 are kept, 2 is pruned, 1 stays because it is owned.
    const { report } = await verify({ ...options(), ...doubtful, mappingsFile });
    expect(report.decisions).toEqual({ keep: 3, review: 2, prune: 2 });
    expect(report.review.map(({ artist }) => artist)).toEqual(['Sade Orchestra']);
    // And a further review asks about the rest only.
    expect((await answer(['quit'], mappingsFile)).map(({ artist }) => artist.artist)).toEqual(['Sade Orchestra']);
  });

  it('works from a decisions file without a database', async () => {
    const file = join(temporaryFolder(), 'decisions.csv');
    await verify({ ...options(), ...doubtful, decisions: file });
    const mappingsFile = join(temporaryFolder(), 'mappings.json');
    const result = await runBin(
      'wxyc-verify',
      ['review', libraryDb, 'postgresql://127.0.0.1:1/nowhere', '--decisions', file, '--mappings-file', mappingsFile, '--score-cutoff', '0.95'],
      { input: 'what\n1\nk\np\n' },
    );
    expect(result).toMatchObject({ code: 0 });
    expect(result.stdout).toContain('1 of 3: Cat Prower, 2 releases');
    expect(result.stdout).toContain('"what" is none of the answers');
    expect(result.stdout).toContain('2 kept, 1 pruned, 0 left; 4 releases settled.');
    expect(JSON.parse(readFileSync(mappingsFile, 'utf8'))).toEqual({ keep: { 'Cat Prower': 'Cat Power', Sade: null }, prune: { 'Sade Orchestra': null } });
  });

  it('writes nothing when the person quits, or the input ends, before an answer', async () => {
    const mappingsFile = join(temporaryFolder(), 'mappings.json');
    for (const input of ['q\n', '']) {
      const result = await runBin('wxyc-verify', ['review', libraryDb, database.url, '--mappings-file', mappingsFile, '--score-cutoff', '0.95'], { input });
      expect(result.code).toBe(0);
      expect(result.stdout).toContain('0 kept, 0 pruned, 3 left');
      expect(existsSync(mappingsFile)).toBe(false);
    }
  });
});

describe('wxyc-verify', () => {
  it('prints the report and the closing table; the same report for a prune', async () => {
    const dry = await runBin('wxyc-verify', [libraryDb, database.url]);
    expect(dry.code).toBe(0);
    expect(dry.stdout).toMatch(/^library +3 pairs, 3 artists, 0 compilation titles\nreleases +7\nKEEP +\d\nREVIEW +\d \(\d artists?, 1 without a main artist\)\nPRUNE +\d\n/);
    expect(dry.stdout).toMatch(/\nverify +releases +7 /);
    const copy = await testDatabase();
    try {
      await makeCache(copy, pressings);
      const pruned = await runBin('wxyc-verify', [libraryDb, copy.url, '--prune']);
      expect(pruned.code).toBe(0);
      expect(pruned.stdout.split('\n').slice(0, 6)).toEqual(dry.stdout.split('\n').slice(0, 6));
      expect(pruned.stdout).toMatch(/\nprune +releases +7 /);
    } finally {
      await copy.drop();
    }
  });

  it('refuses contradicting actions as usage, bad files as bad input', async () => {
    expect(await runBin('wxyc-verify', [libraryDb, database.url, '--prune', '--copy-to', 'postgresql:///x'])).toMatchObject({ code: 2 });
    expect(await runBin('wxyc-verify', [])).toMatchObject({ code: 2 });
    expect(await runBin('wxyc-verify', ['/nonexistent.db', database.url])).toMatchObject({ code: 4 });
  });
});
