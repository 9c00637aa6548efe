import { checkContract, createSchema, dropSecondary } from '@wxyc/cache';
import { buildIndexes } from '@wxyc/index';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireRunLock, openClient } from '@wxyc/postgres';
import { runBin, testDatabase, type TestDatabase } from '@wxyc/testing';

const schema = 'discogs_next';
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
  await createSchema({ databaseUrl: database.url, schema });
  await bare();
});
afterEach(() => database.drop());

/** As an import leaves the tables, with some rows. */
async function bare(): Promise<void> {
  const client = await openClient(database.url);
  await dropSecondary(client, schema);
  await client.query(`INSERT INTO ${schema}.release (id, title) SELECT n, 'Title ' || n FROM generate_series(1, 2000) n;
    INSERT INTO ${schema}.release_artist SELECT n, 'Artist ' || n % 50 FROM generate_series(1, 2000) n;
    INSERT INTO ${schema}.release_track SELECT n, 1, NULL, 'Track ' || n FROM generate_series(1, 2000) n;
    INSERT INTO ${schema}.release_track_artist SELECT n, 1, 'Singer ' || n FROM generate_series(1, 2000) n;
    INSERT INTO ${schema}.cache_metadata SELECT n, now(), 'bulk_import' FROM generate_series(1, 2000) n`);
  await client.end();
}

const differences = async () =>
  (await checkContract({ databaseUrl: database.url, schema })).differences;

describe('buildIndexes', () => {
  it('builds everything on bare tables, nothing when run again', async () => {
    const first = await buildIndexes({ databaseUrl: database.url, schema });
    expect(first).toMatchObject({ step: 'index', read: 18, written: 18, dropped: {} });
    expect(await differences()).toEqual([]);
    const second = await buildIndexes({ databaseUrl: database.url, schema });
    expect(second).toMatchObject({
      read: 18,
      written: 0,
      dropped: { 'already there': 18 },
      built: [],
      note: expect.stringMatching(/nothing left to do/),
    });
  });

  it('trap 23: either group alone, then the rest: none is forgotten', async () => {
    await buildIndexes({ databaseUrl: database.url, schema, tables: 'base' });
    expect(await differences()).toContain(
      'The index idx_release_track_title_trgm on release_track is missing',
    );
    await buildIndexes({ databaseUrl: database.url, schema, tables: 'tracks' });
    expect(await differences()).toEqual([]);
  });

  it('concurrently, and over what an interrupted concurrent build left', async () => {
    await database.query(
      `CREATE INDEX idx_release_title_trgm ON ${schema}.release USING gin (lower(public.f_unaccent(title)) public.gin_trgm_ops)`,
    );
    await buildIndexes({ databaseUrl: database.url, schema, concurrently: true });
    expect(await differences()).toEqual([]);
    // A unique index over a duplicate fails and stays behind, invalid.
    await database.query(
      `ALTER TABLE ${schema}.release_artist DROP CONSTRAINT release_artist_release_id_artist_name_key; INSERT INTO ${schema}.release_artist VALUES (1, 'Artist 1', 1)`,
    );
    await expect(
      buildIndexes({ databaseUrl: database.url, schema, concurrently: true }),
    ).rejects.toThrow(/could not create unique index|is duplicated/);
    expect(await differences()).toContain(
      'The index release_artist_release_id_artist_name_key is not valid: its build was interrupted',
    );
    await database.query(`DELETE FROM ${schema}.release_artist WHERE extra = 1`);
    // Neither an index of somebody else's nor a reader of ours is in its way.
    await database
      .query(`CREATE UNIQUE INDEX CONCURRENTLY theirs ON ${schema}.release_artist (artist_name)`)
      .catch(() => undefined);
    const reader = await openClient(database.url);
    await reader.query(`BEGIN; SELECT FROM ${schema}.release_artist LIMIT 1`);
    const indexing = buildIndexes({ databaseUrl: database.url, schema, concurrently: true });
    const waits =
      "FROM pg_stat_activity WHERE query LIKE 'DROP INDEX%' AND wait_event_type = 'Lock'";
    while ((await database.query(`SELECT 1 ${waits}`)).length === 0) await sleep(20);
    const second = await openClient(database.url);
    await second.query(`SET lock_timeout = 1000; SELECT FROM ${schema}.release_artist LIMIT 1`);
    await second.end();
    await reader.end();
    await indexing;
    expect(await differences()).toEqual([]);
    expect(await database.query(`SELECT to_regclass('${schema}.theirs') AS name`)).toEqual([
      { name: `${schema}.theirs` },
    ]);
  });

  it('leaves an index alone that another session is building', async () => {
    await buildIndexes({ databaseUrl: database.url, schema });
    const name = 'idx_release_title_trgm';
    const [index] = await database.query<{ definition: string }>(
      `SELECT pg_get_indexdef('${schema}.${name}'::regclass) AS definition`,
    );
    await database.query(`DROP INDEX ${schema}.${name}`);
    // A build waits for whoever has written to the table.
    const writer = await openClient(database.url);
    await writer.query(`BEGIN; UPDATE ${schema}.release SET title = 'Title' WHERE id = 1`);
    const building = database.query(
      index!.definition.replace('CREATE INDEX', 'CREATE INDEX CONCURRENTLY'),
    );
    while (
      (await database.query(`SELECT 1 WHERE to_regclass('${schema}.${name}') IS NOT NULL`))
        .length === 0
    )
      await sleep(20);
    await expect(buildIndexes({ databaseUrl: database.url, schema })).rejects.toThrow(
      /idx_release_title_trgm .* may be the one that the session \d+ is building/,
    );
    await writer.end();
    await building;
    expect(await differences()).toEqual([]);
  });

  it('trap 22: a child without its release is named, and the build can be repeated', async () => {
    await database.query(`INSERT INTO ${schema}.release_label VALUES (9999, 'Nowhere')`);
    await expect(buildIndexes({ databaseUrl: database.url, schema })).rejects.toThrow(
      /release_label.*release_label_release_id_fkey.*9999/s,
    );
    await database.query(`DELETE FROM ${schema}.release_label`);
    await buildIndexes({ databaseUrl: database.url, schema });
    expect(await differences()).toEqual([]);
  });

  it('an interruption ends the build on the server; the next call finishes it', async () => {
    const abort = new AbortController();
    const logger = {
      trace: () => {},
      debug: () => {},
      warn: () => {},
      error: () => {},
      info: () => abort.abort(),
      child: () => logger,
    };
    await expect(
      buildIndexes(
        { databaseUrl: database.url, schema, jobs: 1 },
        { signal: abort.signal, logger },
      ),
    ).rejects.toMatchObject({ exitCode: 130 });
    const left = await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'wxyc-index%'",
    );
    expect(left).toEqual([]);
    expect((await buildIndexes({ databaseUrl: database.url, schema })).written).toBeLessThan(18);
    expect(await differences()).toEqual([]);
  });

  it('trap 19: is refused while another run works, and works under a lock that is handed to it', async () => {
    const lock = await acquireRunLock(database.url, 'wxyc-pipeline');
    await expect(buildIndexes({ databaseUrl: database.url, schema })).rejects.toMatchObject({
      exitCode: 75,
    });
    await buildIndexes({ databaseUrl: database.url, schema, lock });
    await lock.release();
    expect(await differences()).toEqual([]);
  });

  it('the bin builds in the given schema, and says when there is no table', async () => {
    const built = await runBin('wxyc-index', [database.url, '--schema', schema, '--jobs', '2']);
    expect(built).toMatchObject({ code: 0 });
    const none = await runBin('wxyc-index', [database.url]);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(
      /schema public holds no cache tables: wxyc-schema create makes them, wxyc-import fills them/,
    );
  });
});
