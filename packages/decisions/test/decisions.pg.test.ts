import { jest } from '@jest/globals';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSchema } from '@wxyc/cache';
import {
  decisionsFit,
  decisionsFor,
  releaseToDecide,
  storeDecisions,
  streamReleases,
} from '@wxyc/decisions';
import { Classifier, type Decision, type Release } from '@wxyc/matching';
import { readMatchBasis, type ReadBasis } from '@wxyc/library';
import { openClient, type Client } from '@wxyc/postgres';
import { libraryFile, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';

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
  await client.query(
    `INSERT INTO discogs_next.release (id, title) SELECT id, 'Album ' || id % 3 FROM generate_series(1, ${releases}) id`,
  );
  // Release 1 has none, 2 has an extra credit only, 3 has two main ones.
  await client.query(
    `INSERT INTO discogs_next.release_artist SELECT id, 'Artist', 0 FROM generate_series(3, ${releases}) id`,
  );
  await client.query(
    `INSERT INTO discogs_next.release_artist VALUES (2, 'Artist', 1), (3, 'Other', 0); UPDATE discogs_next.release SET master_id = 77 WHERE id = 3`,
  );
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

async function basisOf(
  titles: string[],
  further: { mappings?: unknown; keepIds?: number[] } = {},
): Promise<ReadBasis> {
  const libraryDb = libraryFile(
    titles.map((title, at) => ['Artist', title, at === 1 ? 77 : null]),
    ['artist', 'title', 'master_id'],
  );
  const mappingsFile = join(temporaryFolder(), 'mappings.json');
  writeFileSync(mappingsFile, JSON.stringify(further.mappings ?? {}));
  return readMatchBasis({ libraryDb, mappingsFile });
}

const counts = async (table: string): Promise<Record<string, number>> =>
  Object.fromEntries(
    (
      await client.query(`SELECT decision, count(*)::int AS n FROM ${table} GROUP BY 1 ORDER BY 1`)
    ).rows.map(({ decision, n }) => [decision, n]),
  );

const allReleases = async (): Promise<Release[][]> => {
  await client.query('BEGIN');
  const batches: Release[][] = [];
  for await (const batch of streamReleases(client, schema)) batches.push(batch);
  await client.query('COMMIT');
  return batches;
};
const sorted = ({ credits, ...release }: Release): Release => ({
  ...release,
  credits: [...credits].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
});

test('releases are streamed whole, by ascending id, with their main artists', async () => {
  const batches = await allReleases();
  const seen = batches.flat();
  expect(seen.map(({ id }) => id)).toEqual(Array.from({ length: releases }, (_, at) => at + 1));
  expect(batches.length).toBe(3);
  expect(seen.slice(0, 3).map(sorted)).toEqual([
    { id: 1, masterId: null, title: 'Album 1', credits: [] },
    { id: 2, masterId: null, title: 'Album 2', credits: [] },
    { id: 3, masterId: 77, title: 'Album 0', credits: [{ name: 'Artist' }, { name: 'Other' }] },
  ]);
});

test('what the companions know comes with the releases, with masters from the column or from dedup', async () => {
  await client.query(`INSERT INTO discogs_next.release_credit VALUES (3, 'Other', 'The Others', 12), (3, 'Other', NULL, NULL), (4, 'Somebody Replaced', 'Somebody', NULL);
    INSERT INTO discogs_next.release_master VALUES (4, 5)`);
  try {
    const three = {
      id: 3,
      masterId: 77,
      title: 'Album 0',
      credits: [
        { name: 'Artist' },
        { name: 'Other' },
        { name: 'Other', variation: 'The Others', artistId: 12 },
      ],
    };
    const [first] = await allReleases();
    expect(sorted(first![2]!)).toEqual(sorted(three));
    expect(first![3]).toEqual({
      id: 4,
      masterId: null,
      title: 'Album 1',
      credits: [{ name: 'Artist' }],
    });
    expect(sorted((await releaseToDecide(client, schema, 3))!)).toEqual(sorted(three));
    expect(await releaseToDecide(client, schema, releases + 1)).toBeUndefined();

    await client.query('BEGIN');
    await client.query('ALTER TABLE discogs_next.release DROP COLUMN master_id');
    expect(await releaseToDecide(client, schema, 4)).toMatchObject({ id: 4, masterId: 5 });
    // An older cache: no companions at all.
    await client.query('DROP TABLE discogs_next.release_credit, discogs_next.release_master');
    expect(sorted((await releaseToDecide(client, schema, 3))!)).toEqual({
      id: 3,
      masterId: null,
      title: 'Album 0',
      credits: [{ name: 'Artist' }, { name: 'Other' }],
    });
    await client.query('ROLLBACK');
  } finally {
    await client.query('TRUNCATE discogs_next.release_credit, discogs_next.release_master');
  }
});

test('stored decisions are used only with the same library, mappings and cut-off', async () => {
  const mine = await basisOf(['Album 0', 'Nothing Like It']);
  const options = { databaseUrl: database.url, schema };
  const session = await decisionsFor(client, { ...options, basis: mine });
  expect(session).not.toContain(schema);

  const decided = new Map<number, Decision>();
  const stored = await storeDecisions({
    ...options,
    basis: mine,
    decisions: join(temporaryFolder(), 'decisions.csv'),
    onDecision: ({ id }, decision) => decided.set(id, decision),
  });
  expect(stored.releases).toBe(releases);
  expect(await counts(stored.name)).toEqual(await counts(session));
  const { keep, review, prune } = stored.summary.counts;
  expect([keep, review, prune].reduce((sum, count) => sum + count)).toBe(releases);
  expect(await decisionsFor(client, { ...options, basis: mine })).toBe(stored.name);

  // The same as what a classifier says about these releases.
  const classifier = new Classifier(mine);
  const differing = (await allReleases())
    .flat()
    .filter(
      (release) =>
        JSON.stringify(decided.get(release.id)) !== JSON.stringify(classifier.decide(release)),
    );
  expect(differing).toEqual([]);
  const rows = await client.query(
    `SELECT * FROM ${stored.name} WHERE release_id IN (1, 3, 6) ORDER BY 1`,
  );
  expect(rows.rows).toEqual([
    { release_id: 1, decision: 0, album: null, closeness: 0, score: 0 },
    // Owned by its master; the title tells which pressing.
    { release_id: 3, decision: 2, album: 1, closeness: 1, score: 1 },
    { release_id: 6, decision: 2, album: 0, closeness: 3, score: 1 },
  ]);
  expect(stored.coverage).toEqual({
    size: { albums: 2, artists: 1, compilations: 0, leftOut: 0 },
    found: 2,
    inDoubt: 0,
    missing: 0,
    missingAlbums: [],
    inDoubtAlbums: [],
  });

  const others = await basisOf(['Something Else']);
  expect(await decisionsFit(client, schema, others)).toBe(false);
  const theirs = await decisionsFor(client, { ...options, basis: others });
  expect(theirs).not.toBe(stored.name);
  expect(await counts(theirs)).toEqual({ 0: releases });
  // Storing again replaces.
  await storeDecisions({ ...options, basis: others });
  expect(await decisionsFit(client, schema, mine)).toBe(false);
});

test('an earlier table with other columns is created again', async () => {
  await client.query(
    "DROP TABLE IF EXISTS discogs_next.release_match; CREATE TABLE discogs_next.release_match (release_id integer, decision smallint); COMMENT ON TABLE discogs_next.release_match IS 'match-1-0123'",
  );
  const mine = await basisOf(['Album 0']);
  expect(await decisionsFit(client, schema, mine)).toBe(false);
  await storeDecisions({ databaseUrl: database.url, schema, basis: mine });
  expect(await decisionsFit(client, schema, mine)).toBe(true);
});

test('mappings that matched no release are reported', async () => {
  const { summary } = await storeDecisions({
    databaseUrl: database.url,
    schema,
    basis: await basisOf(['Album 0'], {
      mappings: { keep: { Other: 'Artist', 'Nobody Here': null }, prune: { Unheard: null } },
    }),
  });
  expect(summary.unmetMappings).toEqual(['nobody here', 'unheard']);
});

test('a run that is interrupted leaves the stored decisions as they were, and no half-written file', async () => {
  const mine = await basisOf(['Album 1']);
  await storeDecisions({ databaseUrl: database.url, schema, basis: mine });
  const abort = new AbortController();
  const progress = { start: () => ({ update: () => abort.abort(), end: () => undefined }) };
  const folder = temporaryFolder();
  await expect(
    storeDecisions(
      {
        databaseUrl: database.url,
        schema,
        basis: await basisOf(['Album 2']),
        decisions: join(folder, 'decisions.csv'),
      },
      { signal: abort.signal, progress },
    ),
  ).rejects.toThrow();
  expect(readdirSync(folder)).toEqual([]);
  expect(await decisionsFit(client, schema, mine)).toBe(true);
});
