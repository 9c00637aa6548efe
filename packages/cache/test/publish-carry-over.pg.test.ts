import { ensureIndexes, carryOver } from '@wxyc/cache';
import { madeOnce, testDatabase, type TestDatabase } from '@wxyc/testing';
import {
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  run,
  untilAsking,
  wholeState,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

// A role called discogs would make things in the search functions' schema.
const sql = (text: string): Promise<unknown> => database.query(text);

/** Old cache of releases 1 to 10, build of releases 1 to 8 and 11 to 12. */
async function twoGenerations(indexes = true): Promise<void> {
  await madeOnce(database.url, `two generations, ${indexes}`, async () => {
    await publishedCache(database.url);
    await makeNext(indexes);
  });
}
async function makeNext(indexes = true): Promise<void> {
  await makeBuild(database.url, { to: 12, generation: 'new', indexes });
  await sql('DELETE FROM discogs_next.release_track WHERE release_id IN (9, 10)');
  for (const table of ['release_artist', 'release_label', 'release_track_artist', 'cache_metadata'])
    await sql(`DELETE FROM discogs_next.${table} WHERE release_id IN (9, 10)`);
  await sql('DELETE FROM discogs_next.release WHERE id IN (9, 10)');
}

const bulk = (generation: string, id: number): Record<string, unknown[]> => ({
  release: [
    { title: `${generation} release ${id}`, year: 1960 + id, country: 'US', artwork: null },
  ],
  artists: [`${generation} artist ${id}`],
  labels: [`${generation} label`],
  tracks: [1, 2, 3].map((n) => `${generation} track ${n} of ${id}`),
  trackArtists: [`${generation} performer ${id}`],
  source: ['bulk_import'],
});

describe("consumers' data", () => {
  it('bulk releases are replaced; those missing from the build go', async () => {
    await twoGenerations();
    const result = await publishNow(database.url);
    expect(result).toMatchObject({
      step: 'publish',
      read: 10,
      written: 10,
      replaced: true,
      carried: { releases: 0, amended: 0, artwork: 0 },
    });
    expect(await releaseRows(database.url, 3)).toEqual(bulk('new', 3));
    expect(await releaseRows(database.url, 12)).toEqual(bulk('new', 12));
    expect((await releaseRows(database.url, 9))['release']).toEqual([]);
  });

  it('trap 21: fetched during the run: carried whole, in place of what the build holds', async () => {
    await twoGenerations();
    await run(database.url, fetchStatements(3, 'mine'));
    await run(database.url, fetchStatements(77, 'mine'));
    const [three, other] = [
      await releaseRows(database.url, 3),
      await releaseRows(database.url, 77),
    ];
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toEqual(three);
    expect(await releaseRows(database.url, 77)).toEqual(other);
    expect(three['tracks']).toEqual(['mine track 1', 'mine track 2']);
  });

  it('trap 21: the same of what a consumer marks with a word of its own', async () => {
    await twoGenerations();
    await run(database.url, fetchStatements(3, 'mine'));
    await sql("UPDATE cache_metadata SET source = 'by hand' WHERE release_id = 3");
    const three = await releaseRows(database.url, 3);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toEqual(three);
    expect(three['source']).toEqual(['by hand']);
  });

  it('trap 21: fetched before the run: kept where the build does not hold it, replaced where it does', async () => {
    await publishedCache(database.url);
    await run(database.url, [...fetchStatements(4, 'mine'), ...fetchStatements(77, 'mine')]);
    await sql("UPDATE cache_metadata SET cached_at = '2020-01-01' WHERE release_id = 77");
    const old = await releaseRows(database.url, 77);
    await makeNext();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toEqual(old);
    expect(
      await database.query(
        "SELECT cached_at::text LIKE '2020-01-01%' AS kept FROM cache_metadata WHERE release_id = 77",
      ),
    ).toEqual([{ kept: true }]);
    // Only the artwork stays: the dump has none.
    expect(await releaseRows(database.url, 4)).toEqual({
      ...bulk('new', 4),
      release: [
        { title: 'new release 4', year: 1964, country: 'US', artwork: 'https://art/mine/4' },
      ],
    });
  });

  /** What wxyc-artwork writes about a release that it has looked up. */
  const lookedUp = (id: number, url: string | null = null): string[] => [
    'BEGIN',
    ...(url ? [`UPDATE release SET artwork_url = '${url}' WHERE id = ${id}`] : []),
    `UPDATE cache_metadata SET last_validated = now() WHERE release_id = ${id}`,
    'COMMIT',
  ];
  /** A cache with releases that a consumer fetched long ago. */
  async function fetchedLongAgo(...ids: number[]): Promise<void> {
    await publishedCache(database.url);
    await run(
      database.url,
      ids.flatMap((id) => fetchStatements(id, 'mine')),
    );
    await sql(
      "UPDATE release SET artwork_url = NULL; UPDATE cache_metadata SET cached_at = '2020-01-01' WHERE source = 'api_fetch'",
    );
  }

  it('trap 21: a look-up of artwork during the run is no fetch: the new version comes, and what was found stays', async () => {
    await fetchedLongAgo(4, 5, 77);
    await makeNext();
    await run(database.url, [
      ...lookedUp(4, 'https://img/4'),
      ...lookedUp(5),
      ...lookedUp(77, 'https://img/77'),
    ]);
    const other = await releaseRows(database.url, 77);
    const validated = (): Promise<unknown[]> =>
      database.query(
        'SELECT release_id, last_validated FROM cache_metadata WHERE last_validated IS NOT NULL ORDER BY 1',
      );
    const before = await validated();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 4)).toEqual({
      ...bulk('new', 4),
      release: [{ title: 'new release 4', year: 1964, country: 'US', artwork: 'https://img/4' }],
    });
    expect(await releaseRows(database.url, 5)).toEqual(bulk('new', 5));
    expect(await releaseRows(database.url, 77)).toEqual(other);
    expect(await validated()).toEqual(before);
    expect(before).toHaveLength(3);
  });

  const metadata = (statement: string): boolean => statement.includes('cache_metadata');
  const again = fetchStatements(4, 'again');
  // However long ago its transaction began.
  const stamped = "UPDATE cache_metadata SET cached_at = '2020-01-02' WHERE release_id = 4";
  it.each([
    ['of a transaction that began before the run', [], [...again, stamped]],
    ['that changes no row', [], [...fetchStatements(4, 'mine'), stamped]],
    ['that only deletes tracks', [], [...fetchStatements(4, 'mine', 0), stamped]],
    [
      'whose last statement began before the run and ended in it',
      again.filter((text) => !metadata(text)),
      again.filter(metadata),
    ],
  ])(
    'a fetch that a look-up follows is a fetch all the same: one %s',
    async (_, before, during) => {
      await fetchedLongAgo(4);
      await run(database.url, before);
      await withClient(database.url, async (consumer) => {
        await consumer.query('BEGIN');
        for (const statement of during) await consumer.query(statement);
        await makeNext();
        await consumer.query('COMMIT');
      });
      await run(database.url, lookedUp(4, 'https://img/4'));
      const mine = await releaseRows(database.url, 4);
      await publishNow(database.url);
      expect(await releaseRows(database.url, 4)).toEqual(mine);
    },
  );

  it('releases without metadata, or of another source, are kept with their children', async () => {
    await publishedCache(database.url);
    await sql('DELETE FROM cache_metadata WHERE release_id = 9');
    await sql("UPDATE cache_metadata SET source = 'by hand' WHERE release_id = 10");
    await makeNext();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 9)).toEqual({ ...bulk('old', 9), source: [] });
    expect(await releaseRows(database.url, 10)).toEqual({
      ...bulk('old', 10),
      source: ['by hand'],
    });
    // And once more: what was carried is carried again.
    await makeNext();
    await publishNow(database.url, { runId: 'again' });
    expect(await releaseRows(database.url, 9)).toEqual({ ...bulk('old', 9), source: [] });
  });

  it('trap 21: what a repeated import of tracks has emptied is carried again', async () => {
    await publishedCache(database.url);
    await run(database.url, fetchStatements(77, 'mine'));
    const old = await releaseRows(database.url, 77);
    await makeNext(false);
    await carryOver({ databaseUrl: database.url });
    for (const table of ['release_track', 'release_track_artist'])
      await sql(`DELETE FROM discogs_next.${table} WHERE release_id = 77`);
    expect(await carryOver({ databaseUrl: database.url })).toMatchObject({ releases: 1 });
    expect(await carryOver({ databaseUrl: database.url })).toMatchObject({ releases: 0 });
    await ensureIndexes({ databaseUrl: database.url, schema: 'discogs_next' });
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toEqual(old);
    expect(old['tracks']).toEqual(['mine track 1', 'mine track 2']);
  });

  it("trap 21: artwork of the old cache where the build has none; the build's own stays", async () => {
    await publishedCache(database.url);
    await sql(
      "UPDATE release SET artwork_url = 'https://old/' || id WHERE id IN (1, 2, 3); UPDATE release SET artwork_url = '' WHERE id = 4",
    );
    await makeNext();
    await sql(
      "UPDATE discogs_next.release SET artwork_url = 'https://dump/2' WHERE id = 2; UPDATE discogs_next.release SET artwork_url = '' WHERE id = 3",
    );
    const result = await publishNow(database.url);
    expect(result.carried.artwork).toBe(2);
    expect(
      await database.query('SELECT id, artwork_url FROM release WHERE id < 5 ORDER BY id'),
    ).toEqual([
      { id: 1, artwork_url: 'https://old/1' },
      { id: 2, artwork_url: 'https://dump/2' },
      { id: 3, artwork_url: 'https://old/3' },
      { id: 4, artwork_url: null },
    ]);
  });

  it("trap 22: a consumer's write that is half done when the cache is replaced ends as if it had met one cache", async () => {
    const statements = fetchStatements(5, 'mine');
    await publishedCache(database.url);
    for (let done = 0; done <= statements.length; done++) {
      await makeNext();
      // A reader holds a table until the consumer gets this far: the publication has begun, and waits.
      await withClient(database.url, async (reader) => {
        await reader.query('BEGIN; SELECT count(*) FROM release_label');
        const publishing = publishNow(database.url, { runId: `after ${done}` });
        await untilAsking(database);
        await run(database.url, statements.slice(0, done));
        await reader.query('COMMIT');
        await publishing;
      });
      await run(database.url, statements.slice(done));
      const { release, artists, tracks, trackArtists, source } = await releaseRows(database.url, 5);
      expect({ done, release, tracks, source }).toEqual({
        done,
        release: [
          expect.objectContaining({
            title: 'mine title',
            year: 2001,
            artwork: 'https://art/mine/5',
          }),
        ],
        tracks: ['mine track 1', 'mine track 2'],
        source: ['api_fetch'],
      });
      expect(artists).toContain('mine artist');
      expect(trackArtists).toContain('mine performer');
      await sql("UPDATE cache_metadata SET source = 'bulk_import' WHERE release_id = 5");
    }
  });

  it('a half-done write to a release that the build lacks can go on', async () => {
    const statements = fetchStatements(9, 'mine');
    await twoGenerations();
    await run(database.url, statements.slice(0, 2));
    await publishNow(database.url);
    await run(database.url, statements.slice(2));
    expect(await releaseRows(database.url, 9)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
      source: ['api_fetch'],
    });
  });

  it('artwork found during the run stays, and costs the release nothing of the new build', async () => {
    await twoGenerations();
    await sql("UPDATE release SET artwork_url = 'https://late/6' WHERE id = 6");
    await publishNow(database.url);
    expect(await releaseRows(database.url, 6)).toEqual({
      ...bulk('new', 6),
      release: [{ title: 'new release 6', year: 1966, country: 'US', artwork: 'https://late/6' }],
    });
  });

  it('a transaction that began before the run and ended within it is not lost', async () => {
    await publishedCache(database.url);
    await withClient(database.url, async (consumer) => {
      await consumer.query('BEGIN');
      for (const statement of fetchStatements(3, 'mine')) await consumer.query(statement);
      await makeNext();
      await consumer.query('COMMIT');
    });
    const mine = await releaseRows(database.url, 3);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toEqual(mine);
  });

  it("the server's clock was set back during the run: what was fetched since is recognised by its transaction, not its timestamp", async () => {
    await twoGenerations();
    await run(database.url, [
      ...fetchStatements(5, 'mine'),
      "UPDATE cache_metadata SET cached_at = now() - interval '1 day' WHERE release_id = 5",
    ]);
    const mine = await releaseRows(database.url, 5);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 5)).toEqual(mine);
  });

  it('the database was restored from a dump during the run: its transaction ids are not believed, only its times', async () => {
    await twoGenerations();
    await run(database.url, fetchStatements(5, 'mine'));
    const mine = await releaseRows(database.url, 5);
    // What a restored dump has: rows that were all written later, in tables of their own.
    await sql('UPDATE release SET id = id');
    for (const table of ['release_artist', 'release_track', 'cache_metadata'])
      await sql(`UPDATE ${table} SET release_id = release_id`);
    await sql(`CREATE TABLE restored AS TABLE discogs_next.build_start_seen; DROP TABLE discogs_next.build_start_seen;
      ALTER TABLE restored RENAME TO build_start_seen; ALTER TABLE build_start_seen SET SCHEMA discogs_next`);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toEqual(bulk('new', 3));
    expect(await releaseRows(database.url, 5)).toEqual(mine);
  });

  it('most is carried before indexing, and doing so twice changes nothing', async () => {
    await publishedCache(database.url);
    await run(database.url, fetchStatements(77, 'mine'));
    await makeNext(false);
    await run(database.url, fetchStatements(3, 'mine'));
    await sql("UPDATE release SET artwork_url = 'https://late/6' WHERE id = 6");
    expect(await carryOver({ databaseUrl: database.url })).toMatchObject({
      releases: 2,
      amended: 1,
    });
    const once = await wholeState(database.url, 'discogs_next');
    expect(await carryOver({ databaseUrl: database.url })).toMatchObject({ releases: 0 });
    expect(await wholeState(database.url, 'discogs_next')).toEqual(once);
    await ensureIndexes({ databaseUrl: database.url, schema: 'discogs_next' });
    // Between the passes the consumer goes on.
    await run(database.url, fetchStatements(77, 'again'));
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toMatchObject({
      tracks: ['again track 1', 'again track 2'],
      artists: ['again artist', 'mine artist'],
    });
    expect(await releaseRows(database.url, 3)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
    });
    expect(await releaseRows(database.url, 6)).toMatchObject({
      release: [expect.objectContaining({ title: 'new release 6', artwork: 'https://late/6' })],
    });
  });

  it('tens of thousands of artwork URLs leave no dead rows behind, with and without indexes', async () => {
    await makeBuild(database.url, { to: 20_000, tracks: 1, generation: 'old' });
    await publishNow(database.url);
    await sql(
      "UPDATE release SET artwork_url = 'https://img.discogs.example/' || md5(id::text) WHERE id % 6 = 0",
    );
    for (const indexes of [false, true]) {
      await makeBuild(database.url, { to: 20_000, tracks: 1, generation: 'new', indexes });
      expect(await carryOver({ databaseUrl: database.url })).toMatchObject({
        artwork: 3333,
        rewritten: true,
      });
      const size = async (): Promise<number> =>
        Number(
          (
            await database.query<{ size: string }>(
              "SELECT pg_relation_size('discogs_next.release') AS size",
            )
          )[0]?.size,
        );
      const after = await size();
      await database.query('VACUUM FULL discogs_next.release');
      expect(after).toBeLessThanOrEqual((await size()) * 1.01);
      expect(
        await database.query(
          "SELECT count(*)::int AS n FROM discogs_next.release WHERE artwork_url LIKE 'https://img%'",
        ),
      ).toEqual([{ n: 3333 }]);
    }
    expect(await publishNow(database.url)).toMatchObject({ carried: { artwork: 0 } });
  });
});

describe('an old cache of another layout, or damaged', () => {
  it('lacks tables: the rest is carried over', async () => {
    await publishedCache(database.url);
    await run(database.url, fetchStatements(77, 'mine'));
    await sql('DROP TABLE release_label, release_track_artist');
    await makeNext();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
      trackArtists: [],
      source: ['api_fetch'],
    });
  });

  it('lacks columns and keys: defaults fill in, duplicates collapse, long names are cut', async () => {
    await publishedCache(database.url);
    await run(database.url, [...fetchStatements(77, 'mine'), ...fetchStatements(78, 'mine')]);
    await sql(`ALTER TABLE release_artist DROP COLUMN extra; ALTER TABLE release DROP COLUMN country, ALTER release_year TYPE text;
      ALTER TABLE cache_metadata DROP CONSTRAINT cache_metadata_pkey, DROP COLUMN last_validated, ALTER cached_at DROP NOT NULL;
      ALTER TABLE release_artist DROP CONSTRAINT IF EXISTS release_artist_release_id_artist_name_key;
      ALTER TABLE release_track ALTER title DROP NOT NULL;
      DO $$ BEGIN EXECUTE (SELECT string_agg(format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname), '; ') FROM pg_constraint WHERE contype = 'f'); END $$;
      ALTER TABLE release DROP CONSTRAINT release_pkey;
      INSERT INTO release SELECT * FROM release WHERE id = 77; INSERT INTO release_artist SELECT * FROM release_artist WHERE release_id = 77;
      INSERT INTO release_track SELECT * FROM release_track WHERE release_id = 77; INSERT INTO cache_metadata SELECT * FROM cache_metadata WHERE release_id = 77;
      UPDATE cache_metadata SET cached_at = NULL WHERE release_id = 78; UPDATE release SET release_year = 'about 1999' WHERE id = 78;
      UPDATE release_track SET title = NULL WHERE release_id = 78;
      INSERT INTO release_artist VALUES (78, repeat('é', 2000)), (99, 'of no release'); INSERT INTO release_track_artist VALUES (78, 2, repeat('é', 2000))`);
    await makeNext();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toMatchObject({
      artists: ['mine artist'],
      tracks: ['mine track 1', 'mine track 2'],
      source: ['api_fetch'],
      release: [{ title: 'mine title', year: 2001 }],
    });
    expect(await releaseRows(database.url, 78)).toMatchObject({
      tracks: ['', ''],
      release: [{ title: 'mine title', year: null }],
    });
    expect(
      await database.query(
        'SELECT octet_length(artist_name) AS n, extra FROM release_artist WHERE release_id = 78 ORDER BY 1 DESC LIMIT 1',
      ),
    ).toEqual([{ n: 2600, extra: 0 }]);
    expect(
      await database.query(
        'SELECT cached_at IS NOT NULL AS filled FROM cache_metadata WHERE release_id = 78',
      ),
    ).toEqual([{ filled: true }]);
  });

  it('has no metadata at all: every release that the build does not hold is kept', async () => {
    await publishedCache(database.url);
    await sql('DROP TABLE cache_metadata');
    await makeNext();
    await publishNow(database.url);
    expect(await releaseRows(database.url, 9)).toEqual({ ...bulk('old', 9), source: [] });
    expect(await releaseRows(database.url, 3)).toEqual(bulk('new', 3));
  });

  it('has no release table: nothing can be carried, the rest is replaced', async () => {
    await publishedCache(database.url);
    await sql('DROP TABLE release CASCADE');
    await makeNext();
    expect(await publishNow(database.url)).toMatchObject({ written: 10 });
  });
});
