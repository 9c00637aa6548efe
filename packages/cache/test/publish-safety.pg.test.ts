import { acquireRunLock, withDatabaseName } from '@wxyc/postgres';
import {
  DifferencesError,
  InterruptedError,
  LockedError,
  stepContext,
  StepError,
  UsageError,
} from '@wxyc/step';
import {
  carryOver,
  checkContract,
  createSchema,
  ensureIndexes,
  publish,
  publishedRunId,
} from '@wxyc/cache';
import { madeOnce, testDatabase, type TestDatabase } from '@wxyc/testing';
import { losingTheCommit } from './lost-answer.ts';
import {
  buildSchema,
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  run,
  wholeState,
  withClient,
  untilAsking,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

// A role called discogs would make things in the search functions' schema.
const sql = (text: string): Promise<unknown> => database.query(text);

async function twoGenerations(): Promise<void> {
  await madeOnce(database.url, 'two generations', async () => {
    await publishedCache(database.url);
    await run(database.url, fetchStatements(77, 'mine'));
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await run(database.url, fetchStatements(5, 'mine'));
  });
}

describe('the replacement', () => {
  it('trap 15: has every key, default and NOT NULL under its own name, the first time and later', async () => {
    for (const generation of ['first', 'second', 'third']) {
      await makeBuild(database.url, { to: 10, generation });
      expect(await publishNow(database.url, { runId: generation })).toMatchObject({
        replaced: generation !== 'first',
        written: 10,
      });
      expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
      expect(
        await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${buildSchema}'`),
      ).toEqual([]);
    }
    await run(database.url, fetchStatements(5, 'mine'));
    await expect(
      sql("INSERT INTO cache_metadata (release_id, cached_at, source) VALUES (6, NULL, 'x')"),
    ).rejects.toThrow(/null value|duplicate/);
  });

  it('trap 18: a second run works, whatever an earlier crash left', async () => {
    await twoGenerations();
    await sql(
      `CREATE TABLE ${buildSchema}.release_match (release_id integer); CREATE TABLE ${buildSchema}.release_track_count (release_id integer); CREATE TABLE public.carry_whole (id integer)`,
    );
    await publishNow(database.url);
    await makeBuild(database.url, { to: 10, generation: 'newest' });
    await publishNow(database.url);
    expect(await releaseRows(database.url, 3)).toMatchObject({ artists: ['newest artist 3'] });
    expect(await database.query('SELECT * FROM carry_whole')).toEqual([]);
  });

  it("trap 23: somebody's own table in the build's schema is not dropped, and no trigram index goes with it", async () => {
    await twoGenerations();
    await sql(`CREATE TABLE ${buildSchema}.notes (text text)`);
    await publishNow(database.url);
    expect(await database.query(`SELECT * FROM ${buildSchema}.notes`)).toEqual([]);
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
    await makeBuild(database.url, { to: 10, generation: 'newest' });
    await publishNow(database.url);
  });

  it('trap 23: the extensions and f_unaccent stay the very same objects', async () => {
    await publishedCache(database.url);
    const objects = (): Promise<unknown> =>
      database.query(
        "SELECT oid, xmin FROM pg_proc WHERE proname = 'f_unaccent' UNION ALL SELECT oid, xmin FROM pg_extension ORDER BY 1",
      );
    const before = await objects();
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await publishNow(database.url);
    expect(await objects()).toEqual(before);
  });

  it('leaves the id of its run, which a resume reads', async () => {
    expect(await publishedRunId(database.url)).toBeNull();
    await publishedCache(database.url);
    expect(await publishedRunId(database.url)).toBe('old');
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await publishNow(database.url, { runId: "it's the 2nd" });
    expect(await publishedRunId(database.url)).toBe("it's the 2nd");
  });

  it('leaves the id of the run that made the build, if it is given none', async () => {
    await publishedCache(database.url);
    await createSchema({
      databaseUrl: database.url,
      schema: buildSchema,
      replace: true,
      runId: 'september',
    });
    await makeBuild(database.url, { to: 10, generation: 'new', replace: false });
    // Keeps the schema, which is no build any more and must not pass its id on.
    await database.query(`CREATE TABLE ${buildSchema}.notes (line text)`);
    expect(await publishNow(database.url, { runId: undefined })).toMatchObject({
      runId: 'september',
    });
    expect(await publishedRunId(database.url)).toBe('september');
    await makeBuild(database.url, { to: 10, generation: 'newest', replace: false });
    const { runId } = await publishNow(database.url, { runId: undefined });
    expect(runId).not.toBe('september');
    expect(await publishedRunId(database.url)).toBe(runId);
  });

  it('works for a plain owner, in a database whose name needs quoting, from a schema whose name does', async () => {
    const plain = await testDatabase({ owner: 'plain' });
    const name = `${plain.name} "a'b%`;
    await database.query(
      `CREATE DATABASE "${name.replaceAll('"', '""')}" TEMPLATE template0 OWNER ${new URL(plain.url).username}`,
    );
    const url = withDatabaseName(plain.url, name);
    for (const generation of ['old', 'new']) {
      await makeBuild(url, { to: 10, generation, schema: 'next schema', indexes: true });
      await carryOver({ databaseUrl: url, schema: 'next schema' });
      expect(await publishNow(url, { schema: 'next schema' })).toMatchObject({ written: 10 });
    }
    await database.query(`DROP DATABASE "${name.replaceAll('"', '""')}" WITH (FORCE)`);
    await plain.drop();
  });
});

describe('guards', () => {
  it('a build that breaks the contract is refused, and both stay', async () => {
    await twoGenerations();
    await sql(`DROP INDEX ${buildSchema}.idx_release_title_trgm`);
    const before = await wholeState(database.url);
    await expect(publishNow(database.url)).rejects.toThrow(DifferencesError);
    await expect(publishNow(database.url)).rejects.toThrow(
      /breaks the contract.*idx_release_title_trgm/,
    );
    expect(await wholeState(database.url)).toEqual(before);
  });

  it('a build with fewer than half of the imported releases needs --allow-shrink; fetched ones do not count', async () => {
    await publishedCache(database.url, 20);
    await run(
      database.url,
      Array.from({ length: 30 }, (_, n) => fetchStatements(100 + n, 'mine')).flat(),
    );
    await makeBuild(database.url, { to: 9, generation: 'new' });
    await expect(publishNow(database.url)).rejects.toThrow(
      /holds 9 imported releases, 55 % fewer than the 20 .*--allow-shrink/,
    );
    expect(await publishNow(database.url, { allowShrink: true })).toMatchObject({ written: 39 });
    await makeBuild(database.url, { to: 5, generation: 'newer' });
    expect(await publishNow(database.url)).toMatchObject({ written: 35 });
  });

  it('a build without artists, without tracks, or without releases is refused', async () => {
    await publishedCache(database.url);
    for (const [damage, named] of [
      [
        'DELETE FROM discogs_next.release_artist WHERE release_id > 4',
        /4 of the 10 releases.*have artists/,
      ],
      [
        'DELETE FROM discogs_next.release_track WHERE release_id > 4',
        /4 of the 10 releases.*have tracks/,
      ],
      ['DELETE FROM discogs_next.release', /holds no releases/],
      ['ALTER TABLE discogs_next.release_label SET UNLOGGED', /release_label would not survive/],
      ['DROP TABLE discogs_next.release_label', /lacks the table release_label/],
    ] as const) {
      await makeBuild(database.url, { to: 10, generation: 'new' });
      await sql(damage);
      await expect(publishNow(database.url, { allowShrink: true })).rejects.toThrow(named);
    }
    expect(await publishedRunId(database.url)).toBe('old');
  });

  it('no build, the published schema itself, and another run are refused in a sentence', async () => {
    await expect(publishNow(database.url)).rejects.toThrow(
      /There is no build in the schema discogs_next/,
    );
    await expect(publishNow(database.url, { schema: 'public' })).rejects.toThrow(UsageError);
    await twoGenerations();
    const lock = await acquireRunLock(database.url, 'wxyc-import');
    await expect(publishNow(database.url)).rejects.toThrow(LockedError);
    expect(await publishNow(database.url, { lock })).toMatchObject({ written: 11 });
    await lock.release();
  });
});

describe('a publication that does not get to its end', () => {
  /** Ends its own connection at the n-th statement of the replacement that changes the catalogue. */
  const tripWire = `CREATE SEQUENCE public.tripped;
    CREATE FUNCTION public.trip() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      IF current_setting('application_name') LIKE 'wxyc-publish%' AND nextval('public.tripped') = (SELECT comment::int FROM (SELECT obj_description('public.tripped'::regclass) AS comment) c)
      THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(0.1); END IF; END $$;
    CREATE EVENT TRIGGER trip_start ON ddl_command_start EXECUTE FUNCTION public.trip();
    CREATE EVENT TRIGGER trip_end ON ddl_command_end EXECUTE FUNCTION public.trip()`;

  it('trap 16: ended at any of its statements it leaves public as it was, and the next one goes through', async () => {
    await twoGenerations();
    await sql(tripWire);
    const before = await wholeState(database.url);
    let survived = 0;
    for (let at = 1; survived === 0; at += 3) {
      await sql(
        `SELECT setval('public.tripped', 1, false); COMMENT ON SEQUENCE public.tripped IS '${at}'`,
      );
      const outcome = await publishNow(database.url, { runId: `try ${at}` }).then(
        () => 'published',
        (error: unknown) => error,
      );
      if (outcome === 'published') survived = at;
      else {
        expect(outcome).toBeInstanceOf(StepError);
        expect((outcome as Error).message).toMatch(/connection .* was lost|terminating connection/);
        expect(await wholeState(database.url)).toEqual(before);
      }
    }
    // Temporary lists, the move of six tables, rights, comment, schema: enough points to end at.
    expect(survived).toBeGreaterThan(20);
    expect(await publishedRunId(database.url)).toBe(`try ${survived}`);
    expect(await releaseRows(database.url, 5)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
    });
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
  });

  it('interrupted while it waits for the tables: the cache stands, the build is kept', async () => {
    await twoGenerations();
    await withClient(database.url, async (reader) => {
      await reader.query('BEGIN; SELECT count(*) FROM release_artist');
      const abort = new AbortController();
      const publishing = publish(
        { databaseUrl: database.url, runId: 'x' },
        { signal: abort.signal },
      );
      publishing.catch(() => undefined);
      await untilAsking(database);
      abort.abort();
      await expect(publishing).rejects.toThrow(InterruptedError);
      await reader.query('COMMIT');
    });
    expect(await publishedRunId(database.url)).toBe('old');
    expect(await publishNow(database.url)).toMatchObject({ replaced: true });
  });
});

it('the connection breaks at the very end: a commit is not reported as failed', async () => {
  await twoGenerations();
  const network = await losingTheCommit(database.url);
  try {
    expect(await publishNow(network.url, { runId: 'new' })).toMatchObject({
      runId: 'new',
      written: 11,
    });
    expect(network.lost()).toBe(1);
  } finally {
    await network.close();
  }
  expect(await publishedRunId(database.url)).toBe('new');
});

it('trap 23: an index that nobody could use yet is not published', async () => {
  await publishedCache(database.url);
  await withClient(database.url, async (older) => {
    await makeBuild(database.url, { to: 10, generation: 'new', indexes: false });
    await older.query('BEGIN; SELECT pg_current_xact_id()');
    // Updated in place, then indexed: unusable while the older transaction runs.
    await sql("UPDATE discogs_next.release SET country = 'GB'");
    await ensureIndexes({ databaseUrl: database.url, schema: buildSchema });
    let waits: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => (waits = resolve));
    const info = (...words: unknown[]): void => {
      if (/^waiting for older transactions/.test(String(words.at(-1)))) waits();
    };
    const publishing = publishNow(database.url, {}, { ...stepContext().logger, info });
    await Promise.race([waiting, publishing]);
    expect(await publishedRunId(database.url)).toBe('old');
    await older.query('COMMIT');
    expect(await publishing).toMatchObject({ written: 10 });
  });
});

describe('locks', () => {
  it('trap 22: somebody holds a table: tried again until it is free; nobody waits long meanwhile', async () => {
    await twoGenerations();
    await withClient(database.url, async (holder) => {
      await holder.query('BEGIN; LOCK TABLE release_track IN ACCESS SHARE MODE');
      const publishing = publishNow(database.url);
      await withClient(database.url, async (consumer) => {
        // The holder stays: anyone queued behind the publication would wait in vain.
        await consumer.query("SET lock_timeout = '20s'");
        for (let attempt = 0; attempt < 3; attempt++) {
          await untilAsking(database);
          // Children before their parent, opposite to the order of the locks.
          await consumer.query(
            'BEGIN; SELECT count(*) FROM release_track_artist; SELECT count(*) FROM release; COMMIT',
          );
        }
      });
      await holder.query('COMMIT');
      const { attempts } = await publishing;
      expect(attempts).toBeGreaterThan(1);
    });
  });

  it('gives up at the end of its patience, names the holder and keeps the build', async () => {
    await twoGenerations();
    const before = await wholeState(database.url);
    await withClient(database.url, async (holder) => {
      await holder.query(
        "SET application_name = 'nightly dump'; BEGIN; LOCK TABLE cache_metadata IN ACCESS SHARE MODE",
      );
      const failure = publishNow(database.url, { retryMinutes: 0.02 });
      await expect(failure).rejects.toThrow(
        /could not be locked in \d+ attempts; held by process \d+ \(nightly dump\).*--resume/,
      );
    });
    expect(await wholeState(database.url)).toEqual(before);
    // What consumers wrote meanwhile is carried too.
    await run(database.url, fetchStatements(6, 'late'));
    await publishNow(database.url);
    expect(await releaseRows(database.url, 6)).toMatchObject({
      tracks: ['late track 1', 'late track 2'],
    });
    expect(await releaseRows(database.url, 77)).toMatchObject({
      tracks: ['mine track 1', 'mine track 2'],
    });
  });

  it('a short deadlock_timeout of the server shortens the attempts', async () => {
    await twoGenerations();
    await sql(`ALTER DATABASE ${database.name} SET deadlock_timeout = '100ms'`);
    await withClient(database.url, async (holder) => {
      await holder.query('BEGIN; LOCK TABLE cache_metadata IN ACCESS SHARE MODE');
      const publishing = publishNow(database.url);
      await new Promise((resolve) => setTimeout(resolve, 1500));
      // Takes the parent, which the publication holds now and then: with long attempts this would end as a deadlock.
      for (let n = 0; n < 20; n++) await holder.query('SELECT count(*) FROM release');
      await holder.query('COMMIT');
      await publishing;
    });
  });
});
