import { jest } from '@jest/globals';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { createSchema } from '@wxyc/cache';
import { decisionsFit, decisionsFor, readJudgement, storeDecisions, streamReleases, type Judgement } from '@wxyc/decisions';
import { openClient, type Client } from '@wxyc/postgres';
import { temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';

jest.setTimeout(120_000);

const schema = 'discogs_next';
/** More than two fetches of the cursor. */
const releases = 9_001;
let database: TestDatabase;
let client: Client;

beforeAll(async () => {
  database = await testDatabase();
  await createSchema({ databaseUrl: database.url, schema });
  client = await openClient(database.url);
  await client.query(`INSERT INTO discogs_next.release (id, title) SELECT id, 'Album ' || id % 3 FROM generate_series(1, ${releases}) id`);
  // Release 1 has none, 2 has an extra credit only, 3 has two main ones.
  await client.query(`INSERT INTO discogs_next.release_artist SELECT id, 'Artist', 0 FROM generate_series(3, ${releases}) id`);
  await client.query(`INSERT INTO discogs_next.release_artist VALUES (2, 'Artist', 1), (3, 'Other', 0)`);
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

function judgement(title: string): Judgement {
  const file = join(temporaryFolder(), 'library.db');
  const library = new Database(file);
  library.exec('CREATE TABLE library (artist, title)');
  library.prepare('INSERT INTO library VALUES (?, ?)').run('Artist', title);
  library.close();
  return readJudgement({ libraryDb: file });
}

const counts = async (table: string): Promise<Record<string, number>> =>
  Object.fromEntries((await client.query(`SELECT decision, count(*)::int AS n FROM ${table} GROUP BY 1 ORDER BY 1`)).rows.map(({ decision, n }) => [decision, n]));

test('releases are streamed whole, by ascending id, with their main artists', async () => {
  await client.query('BEGIN');
  const seen: number[] = [];
  const first: unknown[] = [];
  let batches = 0;
  for await (const batch of streamReleases(client, schema)) {
    batches += 1;
    for (const release of batch) {
      seen.push(release.id);
      if (release.id <= 3) first.push({ ...release, artists: release.artists.sort() });
    }
  }
  await client.query('COMMIT');
  expect(seen).toEqual(Array.from({ length: releases }, (_, at) => at + 1));
  expect(batches).toBe(3);
  expect(first).toEqual([
    { id: 1, title: 'Album 1', artists: [] },
    { id: 2, title: 'Album 2', artists: [] },
    { id: 3, title: 'Album 0', artists: ['Artist', 'Other'] },
  ]);
});

test('stored decisions serve whoever judges alike, and nobody else', async () => {
  const mine = judgement('Album 0');
  const options = { databaseUrl: database.url, schema };
  const session = await decisionsFor(client, { ...options, judgement: mine });
  expect(session).not.toContain(schema);

  const stored = await storeDecisions({ ...options, judgement: mine });
  expect(stored.releases).toBe(releases);
  expect(await counts(stored.name)).toEqual(await counts(session));
  const { keep, review, prune } = stored.summary.counts;
  expect([keep, review, prune].reduce((sum, count) => sum + count)).toBe(releases);
  expect(stored.summary.withoutArtist).toBe(2);
  expect(await decisionsFor(client, { ...options, judgement: mine })).toBe(stored.name);

  const others = judgement('Something Else');
  expect(await decisionsFit(client, schema, others)).toBe(false);
  const theirs = await decisionsFor(client, { ...options, judgement: others });
  expect(theirs).not.toBe(stored.name);
  expect(await counts(theirs)).toEqual({ 0: releases - 2, 1: 2 });
  // Storing again replaces.
  await storeDecisions({ ...options, judgement: others });
  expect(await decisionsFit(client, schema, mine)).toBe(false);
});

test('a run that is interrupted leaves the stored decisions as they were', async () => {
  const mine = judgement('Album 1');
  await storeDecisions({ databaseUrl: database.url, schema, judgement: mine });
  const abort = new AbortController();
  const progress = { start: () => ({ update: () => abort.abort(), end: () => undefined }) };
  await expect(storeDecisions({ databaseUrl: database.url, schema, judgement: judgement('Album 2') }, { signal: abort.signal, progress })).rejects.toThrow();
  expect(await decisionsFit(client, schema, mine)).toBe(true);
});
