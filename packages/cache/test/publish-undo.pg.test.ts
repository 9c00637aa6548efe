import { acquireRunLock } from '@wxyc/postgres';
import { LockedError, StepError } from '@wxyc/step';
import { checkContract, publishedRunId, undoPublication } from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { losingTheCommit } from './lost-answer.ts';
import {
  cacheTables,
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  rowsIn,
  run,
  wholeState,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const previous = 'discogs_previous';
const undo = (url = database.url) => undoPublication({ databaseUrl: url, retryMinutes: 0.5 });
const rowsOf = (schema?: string): Promise<unknown> => rowsIn(database.url, schema);

async function twoGenerations(): Promise<void> {
  await publishedCache(database.url);
  await makeBuild(database.url, { from: 3, to: 12, generation: 'new' });
  await publishNow(database.url, { runId: 'new' });
}

describe('undo', () => {
  it('brings back the previous cache, row by row with its run, and keeps the other one in its place; again and again', async () => {
    await publishedCache(database.url);
    const old = await wholeState(database.url);
    await makeBuild(database.url, { from: 3, to: 12, generation: 'new' });
    await publishNow(database.url, { runId: 'new' });
    const fresh = await wholeState(database.url);
    for (const [runId, state, other] of [
      ['old', old, fresh],
      ['new', fresh, old],
      ['old', old, fresh],
    ] as const) {
      expect(await undo()).toMatchObject({
        step: 'undo',
        runId,
        written: 10,
        carried: { releases: 0 },
      });
      expect(await wholeState(database.url)).toEqual(state);
      expect(await rowsOf(previous)).toEqual(
        cacheTables.map((table) => (other as Record<string, unknown>)[table]),
      );
      expect(await publishedRunId(database.url)).toBe(runId);
      expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
      expect(
        await database.query(
          "SELECT nspname FROM pg_namespace WHERE nspname IN ('discogs_next', 'discogs_aside')",
        ),
      ).toEqual([]);
    }
    // And the next month comes as always.
    await makeBuild(database.url, { to: 10, generation: 'newest' });
    await publishNow(database.url, { runId: 'newest' });
    expect(await releaseRows(database.url, 3, previous)).toMatchObject({
      artists: ['old artist 3'],
    });
  });

  it('keeps what consumers wrote since: releases that they fetched, artwork, tracks, and what both caches hold', async () => {
    await twoGenerations();
    await run(database.url, [...fetchStatements(5, 'mine'), ...fetchStatements(77, 'mine')]);
    await run(database.url, [
      "UPDATE release SET artwork_url = 'https://art/6' WHERE id = 6",
      'DELETE FROM release_track WHERE release_id = 7',
      "INSERT INTO release_track VALUES (7, 1, 'A', 'rewritten')",
    ]);
    await undo();
    for (const id of [5, 77])
      expect(await releaseRows(database.url, id)).toMatchObject({
        release: [{ title: 'mine title' }],
        tracks: ['mine track 1', 'mine track 2'],
        source: ['api_fetch'],
      });
    expect(await releaseRows(database.url, 6)).toMatchObject({
      release: [{ title: 'old release 6', artwork: 'https://art/6' }],
      artists: ['old artist 6'],
    });
    expect(await releaseRows(database.url, 7)).toMatchObject({
      release: [{ title: 'old release 7' }],
      tracks: ['rewritten'],
      artists: ['old artist 7'],
    });
    expect(await releaseRows(database.url, 8)).toMatchObject({
      tracks: [1, 2, 3].map((n) => `old track ${n} of 8`),
    });
    // Imported rows that only the undone cache had are gone with it.
    expect(await releaseRows(database.url, 11)).toMatchObject({ release: [] });
    await run(database.url, fetchStatements(8, 'later'));
    await undo();
    expect(await releaseRows(database.url, 8)).toMatchObject({
      tracks: ['later track 1', 'later track 2'],
    });
    expect(await releaseRows(database.url, 9)).toMatchObject({ artists: ['new artist 9'] });
    expect(await releaseRows(database.url, 5)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
    });
  });

  it('tells rows written since from the others even if a transaction was open all the time', async () => {
    await withClient(database.url, async (bystander) => {
      // Every row of both caches is in doubt then.
      await bystander.query('BEGIN; SELECT pg_current_xact_id()');
      await twoGenerations();
      await run(database.url, fetchStatements(5, 'mine'));
      await undo();
      await bystander.query('ROLLBACK');
    });
    expect(await releaseRows(database.url, 5)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
    });
    expect(await releaseRows(database.url, 6)).toMatchObject({
      artists: ['old artist 6'],
      tracks: [1, 2, 3].map((n) => `old track ${n} of 6`),
    });
  });

  it("in a database that was restored elsewhere keeps whole fetches, and takes nothing else for a consumer's", async () => {
    await twoGenerations();
    await run(database.url, fetchStatements(5, 'mine'));
    // After a dump and restore the tables are new ones, and all rows belong to one transaction.
    await database.query(`DO $$ BEGIN EXECUTE format('COMMENT ON SCHEMA ${previous} IS %L', replace(obj_description('${previous}'::regnamespace), '"place":"', '"place":"elsewhere ')); END $$;
      UPDATE release SET title = title; UPDATE release_track SET title = title`);
    await undo();
    expect(await releaseRows(database.url, 5)).toMatchObject({
      release: [{ title: 'mine title' }],
      tracks: ['mine track 1', 'mine track 2'],
    });
    expect(await releaseRows(database.url, 6)).toMatchObject({
      release: [{ title: 'old release 6' }],
      artists: ['old artist 6'],
      tracks: [1, 2, 3].map((n) => `old track ${n} of 6`),
    });
  });

  it('brings back a cache of an earlier layout, with what it lacks added; other types are refused', async () => {
    await publishedCache(database.url);
    await database.query(
      `ALTER TABLE release DROP COLUMN release_year, ADD COLUMN status text DEFAULT 'Accepted'; DROP TABLE release_label; COMMENT ON TABLE release IS NULL`,
    );
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await publishNow(database.url, { runId: 'new' });
    await run(database.url, fetchStatements(77, 'mine'));
    await database.query(`ALTER TABLE ${previous}.release_track ALTER sequence TYPE bigint`);
    await expect(undo()).rejects.toThrow(
      /has another layout \(release_track\.sequence is bigint, not integer\).*Nothing was changed/,
    );
    expect(await publishedRunId(database.url)).toBe('new');
    await database.query(`ALTER TABLE ${previous}.release_track ALTER sequence TYPE integer`);
    expect(await undo()).toMatchObject({ runId: null });
    expect(await publishedRunId(database.url)).toBeNull();
    expect(
      await database.query(
        'SELECT title, status, release_year AS year FROM release WHERE id IN (3, 77) ORDER BY id',
      ),
    ).toEqual([
      { title: 'old release 3', status: 'Accepted', year: null },
      { title: 'mine title', status: 'Accepted', year: 2001 },
    ]);
  });

  it('carries indexes and grants of the present tables, and refuses a view on either', async () => {
    await twoGenerations();
    const reader = await database.role();
    await database.query(
      `CREATE INDEX of_somebody ON release (country, id); GRANT SELECT ON release TO ${reader.name}; GRANT USAGE ON SCHEMA public TO ${reader.name}`,
    );
    for (const schema of ['public', previous]) {
      await database.query(`CREATE VIEW public.seen AS SELECT title FROM ${schema}.release`);
      await expect(undo()).rejects.toThrow(
        new RegExp(`view public\\.seen hangs on ${schema}\\.release`),
      );
      await database.query('DROP VIEW public.seen');
    }
    await undo();
    expect(
      await database.query(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname = 'of_somebody'",
      ),
    ).toHaveLength(1);
    await withClient(reader.url, async (client) =>
      expect((await client.query('SELECT title FROM release WHERE id = 4')).rows).toEqual([
        { title: 'old release 4' },
      ]),
    );
  });

  it('is refused in a sentence where nothing is kept, and while another run works', async () => {
    await publishedCache(database.url);
    await expect(undo()).rejects.toThrow(StepError);
    await expect(undo()).rejects.toThrow(
      /no cache in discogs_previous to bring back.*Nothing was changed/,
    );
    const lock = await acquireRunLock(database.url, 'wxyc-import');
    await expect(undo()).rejects.toThrow(LockedError);
    await lock.release();
  });

  it('the connection breaks at the very end: a commit is not reported as failed', async () => {
    await twoGenerations();
    const network = await losingTheCommit(database.url);
    try {
      expect(await undo(network.url)).toMatchObject({ runId: 'old', written: 10 });
      expect(network.lost()).toBe(1);
    } finally {
      await network.close();
    }
    expect(await publishedRunId(database.url)).toBe('old');
  });
});
