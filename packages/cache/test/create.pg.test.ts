import { checkContract, createSchema } from '@wxyc/cache';
import { companions, profiles, tablesOf, type Table } from '@wxyc/dataset';
import { openClient } from '@wxyc/postgres';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { readSqlFile } from '../dist/sql-files.js';

const tables = tablesOf('lean');

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
});
afterEach(() => database.drop());

describe('createSchema', () => {
  it('makes all tables as an owner without further rights, in schemas whose names need quoting', async () => {
    for (const schema of ['public', 'discogs_next', 'we"ird; sch\'ema']) {
      const { created } = await createSchema({ databaseUrl: database.url, schema });
      expect(created.sort()).toEqual(tables.map(({ name }) => name).sort());
      expect(await createSchema({ databaseUrl: database.url, schema })).toMatchObject({
        created: [],
        written: 0,
      });
    }
  });

  it.each(profiles)(
    'the dataset lists exactly the columns of the SQL files: %s',
    async (profile) => {
      await createSchema({ databaseUrl: database.url, profile });
      const columns = await database.query<{
        of_table: string;
        name: string;
        type: string;
        required: boolean;
        default: string | null;
      }>(
        `SELECT relname AS of_table, attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required, pg_get_expr(adbin, adrelid) AS default
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0 LEFT JOIN pg_attrdef d ON adrelid = c.oid AND adnum = attnum
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY relname COLLATE "C", attname COLLATE "C"`,
      );
      const listed = ([...tablesOf(profile), ...companions] as Table[]).flatMap(
        ({ name, columns: own, transient = [] }) =>
          [...own, ...transient].map((column) => ({
            of_table: name,
            name: column.name,
            type: column.type as string,
            required: column.notNull ?? false,
            default: column.default ?? null,
          })),
      );
      const place = ({ of_table: table, name }: (typeof listed)[number]): string =>
        `${table} ${name}`;
      expect(columns).toEqual(listed.sort((x, y) => (place(x) < place(y) ? -1 : 1)));
    },
  );

  it('trap 18: a new build begins without what an earlier one left', async () => {
    const options = { databaseUrl: database.url, schema: 'discogs_next' };
    await createSchema(options);
    await database.query(
      "INSERT INTO discogs_next.release (id, title) VALUES (1, 'Old'); CREATE TABLE discogs_next.release_track_count (release_id integer); CREATE TABLE discogs_next.of_somebody (x integer)",
    );
    await createSchema({ ...options, replace: true });
    const left = await database.query(
      "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'discogs_next'",
    );
    // What no step made stays.
    expect(left.map(({ name }) => name).sort()).toEqual(
      [
        ...[...tables, ...companions].map(({ name }) => name),
        'build_start_seen',
        'of_somebody',
      ].sort(),
    );
    expect(await database.query('SELECT * FROM discogs_next.release')).toEqual([]);
  });

  it('trap 18: scratch tables without releases are leftovers; beside releases they belong to the build', async () => {
    const options = { databaseUrl: database.url, schema: 'discogs_next' };
    const scratch = async () =>
      (await database.query("SELECT to_regclass('discogs_next.release_match')::text AS name"))[0]?.[
        'name'
      ];
    await createSchema(options);
    await database.query('CREATE TABLE discogs_next.release_match (release_id integer)');
    await createSchema(options);
    expect(await scratch()).toBe(null);
    await database.query(
      "INSERT INTO discogs_next.release (id, title) VALUES (1, 'New'); CREATE TABLE discogs_next.release_match (release_id integer)",
    );
    await createSchema(options);
    expect(await scratch()).toBe('discogs_next.release_match');
    expect(await database.query('SELECT id FROM discogs_next.release')).toEqual([{ id: 1 }]);
  });

  it("never replaces a schema that is somebody else's", async () => {
    await database.query('CREATE SCHEMA theirs; CREATE TABLE theirs.precious (x integer)');
    await expect(
      createSchema({ databaseUrl: database.url, schema: 'theirs', replace: true }),
    ).rejects.toThrow(/theirs is not a build of this product/);
    expect(await database.query("SELECT to_regclass('theirs.precious')::text AS name")).toEqual([
      { name: 'theirs.precious' },
    ]);
  });

  it('refuses a public that holds a cache, and leaves it as it was', async () => {
    await createSchema({ databaseUrl: database.url });
    await database.query("INSERT INTO release (id, title) VALUES (1, 'Fetched')");
    await expect(createSchema({ databaseUrl: database.url })).rejects.toThrow(
      /public holds a cache.*--schema discogs_next/,
    );
    await createSchema({ databaseUrl: database.url, schema: 'discogs_next' });
    expect(await database.query('SELECT title FROM public.release')).toEqual([
      { title: 'Fetched' },
    ]);
  });

  it('names a table that exists with another layout', async () => {
    await database.query(
      'CREATE TABLE release_label (release_id integer, label text); CREATE TABLE release_artist (release_id integer, artist_name text, extra integer)',
    );
    await expect(createSchema({ databaseUrl: database.url })).rejects.toThrow(
      /public\.release_label exists in another layout \(it lacks label_name\)/,
    );
    expect(await database.query("SELECT to_regclass('public.release') AS name")).toEqual([
      { name: null },
    ]);
  });

  it('keeps an existing f_unaccent, and marks it if it is unmarked', async () => {
    const client = await openClient(database.url);
    await client.query(readSqlFile('create_functions'));
    await client.query(
      "CREATE OR REPLACE FUNCTION public.f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT public.unaccent('public.unaccent', $1) $$",
    );
    const before = await client.query("SELECT oid FROM pg_proc WHERE proname = 'f_unaccent'");
    await client.end();
    await createSchema({ databaseUrl: database.url });
    expect(
      await database.query(
        "SELECT oid, proparallel AS parallel, proisstrict AS strict FROM pg_proc WHERE proname = 'f_unaccent'",
      ),
    ).toEqual([{ ...before.rows[0], parallel: 's', strict: true }]);
  });

  it('says what to do about an extension in another schema, or without the right to create one', async () => {
    await database.query('CREATE SCHEMA extensions; CREATE EXTENSION unaccent SCHEMA extensions');
    await expect(createSchema({ databaseUrl: database.url })).rejects.toThrow(
      'ALTER EXTENSION unaccent SET SCHEMA public',
    );
    const stranger = await database.role();
    await database.query('DROP EXTENSION unaccent');
    await expect(createSchema({ databaseUrl: stranger.url })).rejects.toThrow(
      /may not create the extension .*owner of the database/,
    );
  });

  it('works with plain psql files alone: the contract holds', async () => {
    const client = await openClient(database.url);
    for (let round = 1; round <= 2; round++)
      for (const file of [
        'create_functions',
        'create_database',
        'create_indexes',
        'create_track_indexes',
        'create_search',
      ] as const)
        await client.query(readSqlFile(file));
    await client.end();
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
  });
});
