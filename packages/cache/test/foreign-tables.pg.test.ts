/** Tables that have our names but belong to no cache are reported, and left alone. */
import { createSchema, publish, publishObstacles } from '@wxyc/cache';
import { runBin, testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeBuild, publishedCache, publishNow } from './publish-world.js';

let database: TestDatabase;
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const appReleases =
  "CREATE TABLE public.release (id serial PRIMARY KEY, version text NOT NULL, released_on date); INSERT INTO public.release (version) VALUES ('1.0'), ('1.1')";

test.each([
  [
    'releases of an application',
    appReleases,
    /public\.release is not a table of a cache \(it has no|has none of the columns/,
  ],
  [
    'an application that has titles',
    "CREATE TABLE public.release (id serial PRIMARY KEY, title text); INSERT INTO public.release (title) VALUES ('spring')",
    /public\.release is not a table of a cache \(there is no table release_artist/,
  ],
  [
    'the metadata of another cache',
    "CREATE TABLE public.cache_metadata (key text PRIMARY KEY, value text); INSERT INTO public.cache_metadata VALUES ('a', 'b')",
    /public\.cache_metadata is not a table of a cache \(it has no column release_id/,
  ],
  [
    'metadata alone, though its columns fit',
    'CREATE TABLE public.cache_metadata (release_id integer, source text)',
    /public\.cache_metadata is not a table of a cache \(there is no table release_artist /,
  ],
])(
  '%s: named at the start and before publishing, and left as they are',
  async (_, sql, sentence) => {
    const name = /public\.(\w+)/.exec(sql)![1]!;
    await database.query(sql);
    const before = await database.query(`SELECT * FROM public.${name}`);
    await makeBuild(database.url, { to: 5, generation: 'new' });
    expect((await publishObstacles({ databaseUrl: database.url })).join()).toMatch(sentence);
    await expect(publishNow(database.url)).rejects.toThrow(sentence);
    await expect(createSchema({ databaseUrl: database.url })).rejects.toThrow(sentence);
    expect(await database.query(`SELECT * FROM public.${name}`)).toEqual(before);
  },
);

test('wxyc-import does not load into foreign tables, even empty ones', async () => {
  await createSchema({ databaseUrl: database.url });
  await database.query(
    'DROP TABLE public.cache_metadata; CREATE TABLE public.cache_metadata (key text, value text)',
  );
  const { code, stderr } = await runBin('wxyc-schema', ['create', database.url]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/cache_metadata is not a table of a cache/),
  });
});

test('one foreign table among those of a published cache is enough', async () => {
  await publishedCache(database.url);
  await database.query(
    "DROP TABLE public.release_label; CREATE TABLE public.release_label (printer text); INSERT INTO public.release_label VALUES ('Zebra')",
  );
  await makeBuild(database.url, { to: 10, generation: 'new' });
  await expect(publish({ databaseUrl: database.url })).rejects.toThrow(
    /public\.release_label is not a table of a cache/,
  );
  expect(await database.query('SELECT printer FROM public.release_label')).toEqual([
    { printer: 'Zebra' },
  ]);
});

test('a cache of an earlier layout is recognised without our comment', async () => {
  await database.query(`CREATE TABLE release (id integer PRIMARY KEY, status text, title text, country text, released text);
    CREATE TABLE release_artist (id serial PRIMARY KEY, release_id integer, artist_name text); CREATE TABLE release_label (release_id integer, label text, catno text);
    INSERT INTO release VALUES (1, 'Accepted', 'Emperor Tomato Ketchup')`);
  await makeBuild(database.url, { to: 5, generation: 'new' });
  expect((await publishNow(database.url)).replaced).toBe(true);
});

test('somebody else’s objects in the build schema survive the next build', async () => {
  await createSchema({ databaseUrl: database.url, schema: 'discogs_next', replace: true });
  await database.query('CREATE TABLE discogs_next.my_notes (note text)');
  await createSchema({ databaseUrl: database.url, schema: 'discogs_next', replace: true });
  expect(
    await database.query("SELECT to_regclass('discogs_next.my_notes') IS NOT NULL AS there"),
  ).toEqual([{ there: true }]);
});

test('a table with a scratch name that no step made is not dropped', async () => {
  await database.query('CREATE TABLE public.release_match (id integer, score real)');
  await expect(createSchema({ databaseUrl: database.url })).rejects.toThrow(
    /public\.release_match has the name of a table that steps create and drop/,
  );
  expect(
    await database.query("SELECT to_regclass('public.release_match') IS NOT NULL AS there"),
  ).toEqual([{ there: true }]);
});
