/** Writes by consumers of the full profile survive publishing and undo, even while either runs. */
import {
  ensureIndexes,
  carryOver,
  checkContract,
  createSchema,
  undoPublication,
} from '@wxyc/cache';
import { releaseTablesOf, tablesOf } from '@wxyc/dataset';
import { openClient } from '@wxyc/postgres';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { unchecked } from '../src/consumers.ts';
import { publishNow, run, untilAsking, withClient } from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const next = 'discogs_next';
const undo = () => undoPublication({ databaseUrl: database.url, retryMinutes: 0.5 });

/** A build of the full profile as the steps leave it: releases and artists with a row in every table. */
async function makeFull(
  generation: string,
  from: number,
  to: number,
  indexes = true,
): Promise<void> {
  await createSchema({ databaseUrl: database.url, schema: next, replace: true, profile: 'full' });
  await withClient(database.url, async (client) => {
    const g = generation;
    const ids = `generate_series(${from}, ${to}) id`;
    await client.query(`SET search_path = ${next}, public; BEGIN;
      INSERT INTO release (id, title, release_year, released, country, format, master_id) SELECT id, '${g} release ' || id, 1990, '1990-01-00', 'US', '2xVinyl', 1000 + id FROM ${ids};
      INSERT INTO release_artist (release_id, artist_name, extra, artist_id, role) SELECT id, '${g} artist ' || id, n, id, CASE n WHEN 1 THEN 'Producer' END FROM ${ids}, generate_series(0, 1) n;
      INSERT INTO release_label (release_id, label_name, catno, label_id) SELECT id, '${g} label', 'C-' || id, 7 FROM ${ids};
      INSERT INTO release_genre SELECT id, '${g} genre' FROM ${ids};
      INSERT INTO release_style SELECT id, '${g} style' FROM ${ids};
      INSERT INTO release_format (release_id, name, qty, descriptions) SELECT id, 'Vinyl', 2, '{LP,Album}' FROM ${ids};
      INSERT INTO release_identifier (release_id, type, value) SELECT id, 'Barcode', '${g} ' || id FROM ${ids};
      INSERT INTO release_video (release_id, sequence, src) SELECT id, 1, 'https://v/${g}/' || id FROM ${ids};
      INSERT INTO release_track (release_id, sequence, title) SELECT id, n, '${g} track ' || n FROM ${ids}, generate_series(1, 2) n;
      INSERT INTO release_track_artist (release_id, track_sequence, artist_name, extra, role) SELECT id, 1, '${g} performer', n, CASE n WHEN 1 THEN 'Mixed By' END FROM ${ids}, generate_series(0, 1) n;
      INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM ${ids};
      INSERT INTO artist (id, name, profile) SELECT id, '${g} artist ' || id, '${g}' FROM ${ids};
      INSERT INTO artist_alias SELECT id, id + 1, '${g} alias' FROM ${ids};
      INSERT INTO artist_name_variation SELECT id, '${g} variation' FROM ${ids};
      INSERT INTO artist_member (artist_id, member_id, member_name) SELECT id, id + 2, '${g} member' FROM ${ids};
      INSERT INTO artist_url SELECT id, 'https://u/${g}' FROM ${ids};
      INSERT INTO master (id, title, year) SELECT 1000 + id, '${g} master', 1990 FROM ${ids};
      INSERT INTO master_artist SELECT 1000 + id, id, '${g} artist' FROM ${ids};
      COMMIT`);
  });
  if (indexes) await index();
}

async function index(): Promise<void> {
  await ensureIndexes({ databaseUrl: database.url, schema: next });
  await run(
    database.url,
    tablesOf('full').map(({ name }) => `VACUUM ANALYZE ${next}.${name}`),
  );
}

const children = releaseTablesOf('full')
  .filter(({ written }) => written !== undefined)
  .map(({ name }) => name);

/** A release with everything that belongs to it, as a consumer writes it after a fetch: in one transaction. */
const fetchRelease = (id: number, mark: string): string[] => [
  'BEGIN',
  `INSERT INTO release (id, title, released, format, master_id, artwork_url) VALUES (${id}, '${mark}', '2001-02-03', 'CD', 5, 'https://art/${mark}')
   ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, released = EXCLUDED.released, format = EXCLUDED.format, master_id = EXCLUDED.master_id, artwork_url = EXCLUDED.artwork_url, not_found = false`,
  ...children.map((name) => `DELETE FROM ${name} WHERE release_id = ${id}`),
  `INSERT INTO release_artist (release_id, artist_name, artist_id, anv, role, extra) VALUES (${id}, '${mark}', 5, NULL, NULL, 0), (${id}, '${mark}', 5, 'printed', 'Producer', 1)`,
  `INSERT INTO release_label (release_id, label_name, catno, label_id) VALUES (${id}, '${mark}', 'X 1', 9), (${id}, '${mark}', 'X 2', 9)`,
  `INSERT INTO release_genre VALUES (${id}, '${mark}')`,
  `INSERT INTO release_style VALUES (${id}, '${mark}')`,
  `INSERT INTO release_format (release_id, name, qty, text, descriptions) VALUES (${id}, '${mark}', 1, 'red', '{Album,"Re, issue"}')`,
  `INSERT INTO release_identifier (release_id, type, value, description) VALUES (${id}, 'Barcode', '${mark}', 'scanned')`,
  `INSERT INTO release_video (release_id, sequence, src, title, duration, embed) VALUES (${id}, 1, '${mark}', NULL, 5, false)`,
  `INSERT INTO release_track (release_id, sequence, title) VALUES (${id}, 1, '${mark}'), (${id}, 2, '${mark}')`,
  `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${id}, 1, '${mark}') ON CONFLICT DO NOTHING`,
  `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${id}, 1, '${mark}') ON CONFLICT DO NOTHING`,
  `INSERT INTO cache_metadata (release_id, source) VALUES (${id}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
  'COMMIT',
];

const fetchArtist = (id: number, mark: string): string[] => [
  'BEGIN',
  `INSERT INTO artist (id, name, profile, image_url) VALUES (${id}, '${mark}', '${mark}', 'https://img/${mark}')
   ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, profile = EXCLUDED.profile, image_url = EXCLUDED.image_url, fetched_at = now(), not_found = false`,
  ...['artist_alias', 'artist_name_variation', 'artist_member', 'artist_url'].map(
    (name) => `DELETE FROM ${name} WHERE artist_id = ${id}`,
  ),
  `INSERT INTO artist_alias VALUES (${id}, 6, '${mark}')`,
  `INSERT INTO artist_name_variation VALUES (${id}, '${mark}')`,
  `INSERT INTO artist_member (artist_id, member_id, member_name, active) VALUES (${id}, 8, '${mark}', false)`,
  `INSERT INTO artist_url VALUES (${id}, '${mark}')`,
  'COMMIT',
];
const goneRelease = (id: number): string =>
  `INSERT INTO release (id, title, not_found) VALUES (${id}, '', true) ON CONFLICT (id) DO UPDATE SET not_found = true`;
const goneArtist = (id: number): string =>
  `INSERT INTO artist (id, name, not_found) VALUES (${id}, '', true) ON CONFLICT (id) DO UPDATE SET not_found = true, fetched_at = now()`;

/** Everything that the cache holds of a release or an artist, table by table, in stored order. */
async function wholeRelease(id: number): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const { name, rootKey = 'id' } of releaseTablesOf('full'))
    rows[name] = (
      await database.query<{ row: object }>(
        `SELECT to_jsonb(t) - 'cached_at' AS row FROM ${name} t WHERE ${rootKey} = $1 ORDER BY ctid`,
        [id],
      )
    ).map(({ row }) => row);
  return rows;
}
async function wholeArtist(id: number): Promise<Record<string, unknown[]>> {
  const rows: Record<string, unknown[]> = {};
  for (const { name, rootKey = 'id' } of tablesOf('full').filter(({ root }) => root === 'artist'))
    rows[name] = (
      await database.query<{ row: object }>(
        `SELECT to_jsonb(t) AS row FROM ${name} t WHERE ${rootKey} = $1 ORDER BY ctid`,
        [id],
      )
    ).map(({ row }) => row);
  return rows;
}
const artistOf = (id: number) =>
  database.query('SELECT name, image_url, not_found FROM artist WHERE id = $1', [id]);
const releaseOf = (id: number) =>
  database.query(
    'SELECT title, artwork_url AS artwork, artwork_checked_at IS NOT NULL AS checked, not_found FROM release WHERE id = $1',
    [id],
  );

it('releases and artists that were fetched, those that are not found, artwork and the times it was looked for, whenever they were written', async () => {
  await makeFull('g0', 1, 10);
  await publishNow(database.url, { profile: 'full' });
  // Somebody's own table, unknown to any publication.
  await run(database.url, [
    'CREATE TABLE negative_lookup (query text PRIMARY KEY, asked_at timestamptz NOT NULL DEFAULT now())',
    "INSERT INTO negative_lookup VALUES ('nothing')",
  ]);
  const early = [
    ...fetchRelease(50, 'early'),
    ...fetchRelease(2, 'early'),
    ...fetchArtist(70, 'early'),
    ...fetchArtist(3, 'early'),
    goneRelease(60),
    goneRelease(11),
    goneArtist(80),
    goneArtist(12),
  ];
  await run(database.url, [
    ...early,
    'UPDATE release SET artwork_checked_at = now() WHERE id = 5',
    "UPDATE release SET artwork_url = 'https://art/6', artwork_checked_at = now() WHERE id = 6",
    "UPDATE artist SET image_url = 'https://img/4' WHERE id = 4",
  ]);
  const fetched = [await wholeRelease(50), await wholeRelease(2), await wholeArtist(70)];
  await makeFull('g1', 3, 12);
  // And while the build is under way.
  await run(database.url, [
    ...fetchRelease(51, 'late'),
    ...fetchRelease(7, 'late'),
    ...fetchArtist(71, 'late'),
    ...fetchArtist(8, 'late'),
    goneRelease(9),
    'UPDATE release SET artwork_checked_at = now() WHERE id = 10',
    "UPDATE artist SET image_url = 'https://img/9' WHERE id = 9",
  ]);
  const written = [
    await wholeRelease(51),
    await wholeRelease(7),
    await wholeArtist(71),
    await wholeArtist(8),
  ];
  expect(written[1]!['release_artist']).toHaveLength(2);

  const check = async (generation: string): Promise<void> => {
    expect([await wholeRelease(50), await wholeRelease(2), await wholeArtist(70)]).toEqual(fetched);
    expect([
      await wholeRelease(51),
      await wholeRelease(7),
      await wholeArtist(71),
      await wholeArtist(8),
    ]).toEqual(written);
    expect(await releaseOf(60)).toEqual([
      { title: '', artwork: null, checked: false, not_found: true },
    ]);
    expect(await artistOf(80)).toEqual([{ name: '', image_url: null, not_found: true }]);
    expect(await releaseOf(5)).toEqual([
      { title: `${generation} release 5`, artwork: null, checked: true, not_found: false },
    ]);
    expect(await releaseOf(6)).toEqual([
      {
        title: `${generation} release 6`,
        artwork: 'https://art/6',
        checked: true,
        not_found: false,
      },
    ]);
    expect(await releaseOf(10)).toMatchObject([{ checked: true }]);
    expect(await artistOf(9)).toMatchObject([{ image_url: 'https://img/9' }]);
    expect(await database.query('SELECT query FROM negative_lookup')).toEqual([
      { query: 'nothing' },
    ]);
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
  };
  await publishNow(database.url);
  await check('g1');
  // The dump has these now. The artist who was fetched before keeps what an earlier dump had.
  expect(await releaseOf(11)).toMatchObject([{ title: 'g1 release 11', not_found: false }]);
  expect(await artistOf(12)).toMatchObject([{ name: 'g1 artist 12', not_found: false }]);
  expect(await releaseOf(9)).toMatchObject([{ title: 'g1 release 9', not_found: false }]);
  expect(await artistOf(4)).toEqual([
    { name: 'g1 artist 4', image_url: 'https://img/4', not_found: false },
  ]);
  expect(await artistOf(3)).toMatchObject([{ image_url: 'https://img/early' }]);
  // The previous cache's imported artists are not consumers' data, and go with it.
  expect(await artistOf(1)).toEqual([]);
  expect(await database.query('SELECT count(*)::int AS count FROM master')).toEqual([
    { count: 10 },
  ]);

  await run(database.url, [
    ...fetchRelease(52, 'since'),
    ...fetchArtist(72, 'since'),
    ...fetchArtist(5, 'since'),
    goneArtist(81),
  ]);
  const since = [await wholeRelease(52), await wholeArtist(72), await wholeArtist(5)];
  await undo();
  expect([await wholeRelease(52), await wholeArtist(72), await wholeArtist(5)]).toEqual(since);
  expect(await artistOf(81)).toMatchObject([{ not_found: true }]);
  expect(await artistOf(1)).toMatchObject([{ name: 'g0 artist 1' }]);
  expect(await wholeRelease(50)).toEqual(fetched[0]);
  await undo();
  await check('g1');
  expect([await wholeRelease(52), await wholeArtist(72), await wholeArtist(5)]).toEqual(since);
});

it('what consumers add or change without fetching the release is repeated on the new rows', async () => {
  await makeFull('g0', 1, 10);
  await publishNow(database.url, { profile: 'full' });
  await makeFull('g1', 1, 10);
  await run(database.url, [
    "INSERT INTO release_genre VALUES (3, 'mine')",
    'DELETE FROM release_video WHERE release_id = 4',
    "INSERT INTO release_video (release_id, sequence, src) VALUES (4, 1, 'mine')",
  ]);
  await publishNow(database.url);
  expect(
    await database.query('SELECT genre FROM release_genre WHERE release_id = 3 ORDER BY 1'),
  ).toEqual([{ genre: 'g0 genre' }, { genre: 'mine' }]);
  expect(await database.query('SELECT src FROM release_video WHERE release_id = 4')).toEqual([
    { src: 'mine' },
  ]);
  expect(await database.query('SELECT title FROM release WHERE id IN (3, 4)')).toEqual([
    { title: 'g1 release 3' },
    { title: 'g1 release 4' },
  ]);
});

it('what is written of an artist after the last pass is carried under the lock, and an artist carried before counts once', async () => {
  await makeFull('g0', 1, 10);
  await publishNow(database.url, { profile: 'full' });
  await makeFull('g1', 1, 10);
  await run(database.url, [...fetchArtist(70, 'before'), ...fetchArtist(71, 'alone')]);
  await withClient(database.url, async (consumer) => {
    await consumer.query('BEGIN');
    await consumer.query("UPDATE artist_url SET url = 'after' WHERE artist_id = 70");
    await consumer.query("INSERT INTO artist_alias VALUES (71, 7, 'after')");
    const publishing = publishNow(database.url);
    await untilAsking(database);
    // The attempt that waits for this transaction did not see it before.
    await consumer.query('COMMIT');
    expect(await publishing).toMatchObject({ attempts: 1, carried: { artists: 4 }, late: 2 });
  });
  expect(await wholeArtist(70)).toMatchObject({ artist_url: [{ artist_id: 70, url: 'after' }] });
  expect(await wholeArtist(71)).toMatchObject({
    artist_alias: [{ alias_name: 'alone' }, { alias_name: 'after' }],
    artist_url: [{ url: 'alone' }],
  });
});

it('a change of profile must be requested; what the lean cache has no place for is dropped with a warning, and comes back', async () => {
  await makeFull('g0', 1, 10);
  await publishNow(database.url);
  await run(database.url, [
    ...fetchRelease(50, 'mine'),
    ...fetchArtist(70, 'mine'),
    goneRelease(60),
  ]);
  const whole = [await wholeRelease(50), await wholeArtist(70)];
  const lean = async (): Promise<void> => {
    await createSchema({ databaseUrl: database.url, schema: next, replace: true, profile: 'lean' });
    await run(database.url, [
      `INSERT INTO ${next}.release (id, title) SELECT id, 'lean ' || id FROM generate_series(1, 10) id`,
      `INSERT INTO ${next}.release_artist (release_id, artist_name) SELECT id, 'lean artist' FROM ${next}.release`,
      `INSERT INTO ${next}.release_track (release_id, sequence, title) SELECT id, 1, 'lean track' FROM ${next}.release`,
      `INSERT INTO ${next}.cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM ${next}.release`,
      `ALTER TABLE ${next}.release DROP COLUMN master_id`,
    ]);
    await ensureIndexes({ databaseUrl: database.url, schema: next });
  };
  await lean();
  await expect(publishNow(database.url)).rejects.toMatchObject({
    code: 'OTHER_PROFILE',
    message: expect.stringMatching(
      /The published cache has the profile full, and the new one would be lean: give --profile lean .*discogs_next is kept/,
    ),
  });
  await expect(publishNow(database.url, { profile: 'full' })).rejects.toThrow(
    /has the profile lean, not full/,
  );
  await publishNow(database.url, { profile: 'lean' });
  expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
  // There a main and an extra credit of one name are one row, and only performers count as track artists.
  expect(
    await database.query('SELECT artist_name, extra FROM release_artist WHERE release_id = 50'),
  ).toEqual([{ artist_name: 'mine', extra: 0 }]);
  expect(await database.query('SELECT id FROM release WHERE id = 60')).toEqual([]);
  await expect(makeFull('g1', 1, 10).then(() => publishNow(database.url))).rejects.toMatchObject({
    code: 'OTHER_PROFILE',
  });
  await undo();
  expect([await wholeRelease(50), await wholeArtist(70)]).toEqual(whole);
});

it('foreign tables with names of the full profile are untouched by lean caches, and named before a full one is built', async () => {
  await run(database.url, [
    'CREATE TABLE artist (id integer PRIMARY KEY, name text)',
    "INSERT INTO artist VALUES (1, 'of somebody')",
  ]);
  await createSchema({ databaseUrl: database.url, schema: next, profile: 'full' });
  await makeFull('g0', 1, 10);
  await expect(publishNow(database.url)).rejects.toThrow(
    /public\.artist is not a table of a cache/,
  );
  expect(await database.query('SELECT name FROM artist')).toEqual([{ name: 'of somebody' }]);
});

it('consumers at work through a rebuild and its undoing meet no error and lose no write', async () => {
  await makeFull('g0', 1, 2000);
  await publishNow(database.url);
  let stopped = false;
  const errors: string[] = [];
  const releases = new Map<number, string>();
  const artists = new Map<number, string>();
  const work = async (
    ids: number[],
    statements: (id: number, mark: string) => string[],
    done: Map<number, string>,
  ): Promise<void> => {
    const client = await openClient(database.url, { applicationName: 'consumer' });
    for (let turn = 0; !stopped; turn++) {
      const id = ids[turn % ids.length]!;
      try {
        for (const statement of statements(id, `mark ${id} ${turn}`)) await client.query(statement);
        done.set(id, `mark ${id} ${turn}`);
      } catch (error) {
        errors.push((error as Error).message);
        await client.query('ROLLBACK').catch(() => undefined);
      }
    }
    await client.end();
  };
  const range = (from: number): number[] => Array.from({ length: 30 }, (_, n) => from + n);
  const working = Promise.all([
    work(range(10), fetchRelease, releases),
    work(range(5000), fetchRelease, releases),
    work(range(100), fetchArtist, artists),
    work(range(7000), fetchArtist, artists),
  ]);
  try {
    await makeFull('g1', 1, 2000, false);
    await carryOver({ databaseUrl: database.url });
    await index();
    await publishNow(database.url);
    await undo();
    await undo();
  } finally {
    stopped = true;
    await working;
  }
  expect(errors).toEqual([]);
  expect([...releases.keys()].length).toBe(60);
  for (const [id, mark] of releases) {
    expect(await wholeRelease(id)).toMatchObject({
      release: [{ title: mark }],
      release_artist: [
        { artist_name: mark, extra: 0 },
        { artist_name: mark, extra: 1 },
      ],
      release_genre: [{ genre: mark }],
      release_style: [{ style: mark }],
      release_format: [{ name: mark }],
      release_identifier: [{ value: mark }],
      release_video: [{ src: mark }],
      release_track: [{ title: mark }, { title: mark }],
      release_track_artist: [{ artist_name: mark }],
      cache_metadata: [{ source: 'api_fetch' }],
    });
  }
  for (const [id, mark] of artists) {
    expect(await wholeArtist(id)).toMatchObject({
      artist: [{ name: mark }],
      artist_alias: [{ alias_name: mark }],
      artist_name_variation: [{ name: mark }],
      artist_member: [{ member_name: mark, active: false }],
      artist_url: [{ url: mark }],
    });
  }
  expect(await releaseOf(900)).toMatchObject([{ title: 'g1 release 900' }]);
});

test('where artwork was looked for on most releases, the others are read through their own index', async () => {
  await makeFull('g1', 1, 5000);
  await run(database.url, [
    `UPDATE ${next}.release SET artwork_checked_at = now() WHERE id % 100 > 0`,
    `VACUUM (FULL, ANALYZE) ${next}.release`,
  ]);
  const plan = await withClient(database.url, async (client) => {
    await client.query(`SET search_path = ${next}, public`);
    const { rows } = await client.query(`EXPLAIN (FORMAT JSON) ${unchecked.sql}`);
    return JSON.stringify(rows);
  });
  expect(plan).toContain('idx_release_artwork_unchecked');
});

test('a release of a cache that lacks a table, built by an earlier version, comes with all the other tables', async () => {
  await makeFull('g1', 1, 3);
  await publishNow(database.url, { profile: 'full' });
  const lean = releaseTablesOf('lean').map(({ name }) => name);
  const further = children.filter((name) => !lean.includes(name));
  await withClient(database.url, async (client) => {
    const release = async (): Promise<Record<string, unknown>> =>
      (await client.query<{ release: object }>('SELECT discogs.release(1)')).rows[0]!
        .release as Record<string, unknown>;
    const whole = await release();
    expect(whole).toMatchObject({ genres: ['g1 genre'], identifiers: [{ value: 'g1 1' }] });
    for (const table of further) {
      await client.query(`BEGIN; DROP TABLE ${table}`);
      const rest = await release();
      const missing = Object.keys(whole).filter((key) => !(key in rest));
      expect({ table, missing }).toEqual({ table, missing: [expect.any(String)] });
      expect({ ...whole, ...rest }).toEqual(whole);
      await client.query('ROLLBACK');
    }
  });
});
