import { checkContract, createSchema, publishObstacles } from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import {
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  rowsIn,
  run,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const previous = 'discogs_previous';
const rowsOf = (schema?: string): Promise<unknown> => rowsIn(database.url, schema);
const relations = (schema: string): Promise<unknown> =>
  database.query(
    `SELECT relname, relkind FROM pg_class WHERE relnamespace = to_regnamespace('${schema}') AND relname <> 'build_start_seen' ORDER BY 1`,
  );
const publishNext = async (generation: string, options = {}): Promise<void> => {
  await makeBuild(database.url, { to: 10, generation });
  await publishNow(database.url, { runId: generation, ...options });
};

describe('the previous cache', () => {
  it('is kept with every row, index and key under its own name, until the next one takes its place', async () => {
    await publishedCache(database.url);
    await run(database.url, fetchStatements(77, 'mine'));
    await database.query(
      'CREATE INDEX of_somebody ON release (country); CREATE STATISTICS public.correlated ON country, release_year FROM release',
    );
    for (const generation of ['second', 'third']) {
      const [rows, names] = [await rowsOf(), await relations('public')];
      await publishNext(generation);
      expect(await rowsOf(previous)).toEqual(rows);
      expect(await relations(previous)).toEqual(names);
      expect(await relations('public')).toEqual(names);
      expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
    }
    expect(
      await database.query(
        'SELECT stxnamespace::regnamespace::text AS schema, stxrelid::regclass::text AS of FROM pg_statistic_ext',
      ),
    ).toEqual([{ schema: 'public', of: 'release' }]);
    expect(await database.query(`SELECT run_id AS run FROM ${previous}.cache_origin`)).toEqual([
      { run: 'second' },
    ]);
  });

  it('is dropped with --no-keep-previous, and so is one that was kept before; the first publication has none', async () => {
    await publishedCache(database.url);
    expect(
      await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${previous}'`),
    ).toEqual([]);
    await publishNext('second');
    await publishNext('third', { keepPrevious: false });
    expect(
      await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${previous}'`),
    ).toEqual([]);
  });

  it('leaves foreign objects in its schema, and refuses to take a foreign table for its own', async () => {
    await publishedCache(database.url);
    await database.query(`CREATE SCHEMA ${previous}; CREATE TABLE ${previous}.notes (note text)`);
    await publishNext('second');
    await publishNext('third', { keepPrevious: false });
    expect(await database.query(`SELECT * FROM ${previous}.notes`)).toEqual([]);
    await database.query(`CREATE TABLE ${previous}.release (version text)`);
    await expect(publishNext('fourth')).rejects.toThrow(
      /discogs_previous\.release is not a table of a cache/,
    );
    expect(await database.query(`SELECT * FROM ${previous}.release`)).toEqual([]);
  });

  it('cannot be built in, and is not published as a build', async () => {
    await publishedCache(database.url);
    await publishNext('second');
    const before = await rowsOf(previous);
    await expect(createSchema({ databaseUrl: database.url, schema: previous })).rejects.toThrow(
      /discogs_previous holds the previous cache; wxyc-schema does not touch it/,
    );
    await expect(publishNow(database.url, { schema: previous })).rejects.toThrow(
      /which wxyc-schema undo brings back/,
    );
    expect(await rowsOf(previous)).toEqual(before);
  });

  it('a view on it is named at the start and before publishing; its readers are waited for', async () => {
    await publishedCache(database.url);
    await publishNext('second');
    await database.query(`CREATE VIEW public.compared AS SELECT title FROM ${previous}.release`);
    const named = /view public\.compared hangs on discogs_previous\.release/;
    expect((await publishObstacles({ databaseUrl: database.url })).join()).toMatch(named);
    await expect(publishNext('third')).rejects.toThrow(named);
    await database.query('DROP VIEW public.compared');
    await withClient(database.url, async (reader) => {
      await reader.query(`BEGIN; SELECT count(*) FROM ${previous}.release_track`);
      const publishing = publishNow(database.url, { runId: 'third' });
      const waiting =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'wxyc-publish%'";
      while ((await database.query(waiting)).length === 0);
      while ((await database.query(waiting)).length > 0);
      expect(await database.query('SELECT DISTINCT run_id AS run FROM cache_origin')).toEqual([
        { run: 'second' },
      ]);
      await reader.query('COMMIT');
      expect((await publishing).attempts).toBeGreaterThan(1);
    });
    expect(await database.query(`SELECT run_id AS run FROM ${previous}.cache_origin`)).toEqual([
      { run: 'second' },
    ]);
  });

  it('needs a schema: a role that may not create one is refused at the start, with the ways out', async () => {
    const role = await database.role();
    await database.query(
      `ALTER SCHEMA public OWNER TO ${role.name}; GRANT CREATE, TEMPORARY ON DATABASE ${database.name} TO ${role.name}`,
    );
    await publishedCache(role.url);
    await makeBuild(role.url, { to: 10, generation: 'second' });
    await database.query(`REVOKE CREATE ON DATABASE ${database.name} FROM ${role.name}`);
    const named = new RegExp(
      `may not create the schema discogs_previous .*CREATE SCHEMA discogs_previous AUTHORIZATION ${role.name}, or publish with --no-keep-previous`,
    );
    expect((await publishObstacles({ databaseUrl: role.url })).join()).toMatch(named);
    expect(await publishObstacles({ databaseUrl: role.url, keepPrevious: false })).toEqual([]);
    await expect(publishNow(role.url)).rejects.toThrow(named);
    // Nor does it need to know which server this is.
    await database.query(
      `CREATE SCHEMA ${previous} AUTHORIZATION ${role.name}; REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC`,
    );
    await publishNow(role.url, { runId: 'second' });
    expect(await database.query(`SELECT run_id AS run FROM ${previous}.cache_origin`)).toEqual([
      { run: 'old' },
    ]);
  });
});
