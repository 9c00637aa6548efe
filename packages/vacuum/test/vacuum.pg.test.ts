import {
  ensureIndexes,
  createSchema,
  dropSecondary,
  editionTable,
  trackCountTable,
} from '@wxyc/cache';
import { releaseCompanions, tablesOf } from '@wxyc/dataset';
import { openClient } from '@wxyc/postgres';
import { testDatabase, runBin, type TestDatabase } from '@wxyc/testing';
import { vacuum } from '@wxyc/vacuum';

const tables = tablesOf('lean');

const schema = 'discogs_next';
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await createSchema({ databaseUrl: database.url, schema });
});
afterEach(() => database.drop());

const rows = (first: number, last: number, which = 'true') => `
  INSERT INTO ${schema}.release (id, title, country) SELECT n, 'Title of release ' || n, 'US' FROM generate_series(${first}, ${last}) n WHERE ${which};
  INSERT INTO ${schema}.release_artist SELECT n, 'Artist ' || n % 997, 0 FROM generate_series(${first}, ${last}) n WHERE ${which};
  INSERT INTO ${schema}.release_track SELECT n, s, 'A' || s, 'Track ' || n % 4999, '3:00' FROM generate_series(${first}, ${last}) n, generate_series(1, 3) s WHERE ${which};
  INSERT INTO ${schema}.cache_metadata SELECT n, now(), 'bulk_import' FROM generate_series(${first}, ${last}) n WHERE ${which}`;

/** As import and index leave a schema. */
async function load(sql: string): Promise<void> {
  const client = await openClient(database.url);
  await dropSecondary(client, schema);
  await client.query(sql);
  await client.end();
  await ensureIndexes({ databaseUrl: database.url, schema });
}

/** Of the tables that a vacuum looks at: the one row of cache_origin needs none. */
const size = async () =>
  Number(
    (
      await database.query<{ bytes: string }>(
        `SELECT sum(pg_total_relation_size(oid)) AS bytes FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relkind = 'r' AND relname <> 'cache_origin'`,
      )
    )[0]!.bytes,
  );
const files = async () =>
  database.query(
    `SELECT relname, relfilenode FROM pg_class WHERE relnamespace = '${schema}'::regnamespace ORDER BY 1`,
  );

describe('vacuum', () => {
  it('after a prune in place the size is within 5 % of a fresh load of the same rows', async () => {
    await load(rows(1, 30_000));
    // Autovacuum must not come between the two measurements.
    for (const { name } of tables)
      await database.query(`ALTER TABLE ${schema}.${name} SET (autovacuum_enabled = false)`);
    await database.query(`DELETE FROM ${schema}.release WHERE id % 10 <> 0`);
    const before = await size();
    const result = await vacuum({ databaseUrl: database.url, schema });
    const after = await size();
    expect(result.rewritten).toEqual(
      expect.arrayContaining(['release', 'release_artist', 'release_track', 'cache_metadata']),
    );
    expect(result).toMatchObject({ step: 'vacuum', bytesBefore: before, bytesAfter: after });
    await createSchema({ databaseUrl: database.url, schema, replace: true });
    await load(rows(1, 30_000, 'n % 10 = 0'));
    await vacuum({ databaseUrl: database.url, schema });
    expect(Math.abs(after / (await size()) - 1)).toBeLessThan(0.05);
  });

  it('builds no index again where nothing is to be reclaimed, and says so', async () => {
    await load(rows(1, 20_000));
    const before = await files();
    const result = await vacuum({ databaseUrl: database.url, schema });
    expect(result).toMatchObject({
      rewritten: [],
      note: expect.stringMatching(/nothing left to reclaim/),
    });
    expect(await files()).toEqual(before);
    const statistics = await database.query(
      `SELECT count(DISTINCT tablename)::int AS tables FROM pg_stats WHERE schemaname = '${schema}' AND tablename !~ '^idx_'`,
    );
    expect(statistics).toEqual([{ tables: 4 }]);
  });

  it('rewrites the tables with holes only', async () => {
    await load(rows(1, 20_000));
    await database.query(`DELETE FROM ${schema}.release_track WHERE sequence = 2`);
    expect((await vacuum({ databaseUrl: database.url, schema })).rewritten).toEqual([
      'release_track',
    ]);
    // For index-only scans, which a rewrite would spoil.
    const [pages] = await database.query<{ all: number; visible: number }>(
      `SELECT relpages AS all, relallvisible AS visible FROM pg_class WHERE oid = '${schema}.release_track'::regclass`,
    );
    expect(pages!.all).toBeGreaterThan(100);
    expect(pages!.visible).toBe(pages!.all);
  });

  it('a tenth of a table is worth it', async () => {
    await load(rows(1, 20_000));
    await database.query(`DELETE FROM ${schema}.release_track WHERE release_id % 10 = 0`);
    expect((await vacuum({ databaseUrl: database.url, schema })).rewritten).toEqual([
      'release_track',
    ]);
  });

  it('rows of every width are measured correctly: wide, short and with NULLs', async () => {
    await load(`INSERT INTO ${schema}.release (id, title, country) SELECT n, repeat('wide ', n % 300), CASE WHEN n % 3 = 0 THEN 'x' END FROM generate_series(1, 20000) n;
      INSERT INTO ${schema}.release_label SELECT n, 'L' FROM generate_series(1, 20000) n`);
    expect((await vacuum({ databaseUrl: database.url, schema })).rewritten).toEqual([]);
  });

  it('drops what an import left for dedup once there are tracks, and no other tables', async () => {
    const left = async () =>
      (
        await database.query<{ name: string }>(
          `SELECT relname AS name FROM pg_class WHERE relnamespace = '${schema}'::regnamespace AND relname IN ('${editionTable}', '${trackCountTable}') ORDER BY 1`,
        )
      ).map(({ name }) => name);
    await load(
      `CREATE TABLE ${schema}.${editionTable} (release_id integer NOT NULL, label text, catno text, format text); CREATE TABLE ${schema}.${trackCountTable} (mine text)`,
    );
    await vacuum({ databaseUrl: database.url, schema });
    expect(await left()).toEqual([editionTable, trackCountTable]);
    await database.query(rows(1, 10));
    expect((await vacuum({ databaseUrl: database.url, schema })).note).toBeUndefined();
    expect(await left()).toEqual([trackCountTable]);
  });

  it('empties and missing tables are no failure; a schema without any is', async () => {
    expect(await vacuum({ databaseUrl: database.url, schema })).toMatchObject({
      read: tables.length + releaseCompanions.length,
      rewritten: [],
    });
    const none = await runBin('wxyc-vacuum', [database.url, '--schema', 'nowhere']);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/holds no table of the cache/);
    expect(await runBin('wxyc-vacuum', [database.url, '--schema', schema])).toMatchObject({
      code: 0,
    });
  });
});
