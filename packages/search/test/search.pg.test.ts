import { ensureIndexes, checkContract, publish } from '@wxyc/cache';
import { connect, openClient, type Sql } from '@wxyc/postgres';
import { hasTrack, readRelease, searchArtists, searchReleases, searchTracks } from '@wxyc/search';
import { runBin, testDatabase, type TestDatabase } from '@wxyc/testing';
import { build } from './world.ts';

let database: TestDatabase;
let sql: Sql;

beforeAll(async () => {
  // No superuser: the owner of the database is all that is needed.
  database = await testDatabase({ owner: 'plain', extensions: false });
  await build(database);
  await publish({ databaseUrl: database.url, runId: 'first' });
  sql = await connect(database.url, { max: 2 });
}, 120_000);
afterAll(async () => {
  await sql.end();
  await database.drop();
});

const ids = async (artist: string | null, title: string | null) =>
  (await searchReleases(sql, { artist, title })).map(
    ({ releaseId, matched }) => `${releaseId} ${matched}`,
  );

describe('search_releases', () => {
  it.each<[string, string | null, string | null, string]>([
    ['equal text', 'Björk', 'Homogenic', '1 exact'],
    ['case and accents', 'BJORK', 'homogénic', '1 exact'],
    ['a number behind the artist', 'Justice', '†', '3 exact'],
    ['no letters', '!!!', '!!!', '4 exact'],
    ['a sign alone', null, '†', '3 exact'],
    ['dots', 'REM', 'Murmur', '5 loose'],
    ['an article too many', 'The Aphex Twin', 'Selected Ambient Works 85 92', '8 loose'],
    ['and for &', 'Simon and Garfunkel', 'Bookends', '9 exact'],
    ['a name without its &', 'Simon Garfunkel', 'Bookends', '9 loose'],
    ['other scripts', 'КИНО', 'кино', '6 exact'],
    ['one error in the title', 'Björk', 'homogenik', '1 similar'],
    ['one error in the artist', 'bjrok', 'Homogenic', '1 similar'],
    ['one error in each', 'bjrok', 'homogenik', '1 similar'],
    ['one error in another script', null, 'кина', '6 similar'],
    ['words left out', 'Aphex Twin', 'ambient works', '8 similar'],
    ['a title alone', null, 'aerial balet', '2 similar'],
    ['words changed places', null, 'ballet aerial', '2 similar'],
    ['a long title', 'The Long Ones', 'Long title '.repeat(400), '7 exact'],
  ])('%s', async (_name, artist, title, first) => {
    expect((await ids(artist, title))[0]).toBe(first);
  });

  it('prefers main artists, and orders ties by id', async () => {
    expect(await ids('Björk', null)).toEqual(['1 exact', '11 exact']);
    expect(await ids(null, 'homogenic')).toEqual(['1 exact', '10 exact']);
  });

  it('finds nothing for empty text, and accepts any text', async () => {
    for (const text of ['', ' \t', null]) expect(await ids(text, text)).toEqual([]);
    for (const text of [
      '%',
      '_',
      '\\',
      "'; DROP TABLE release; --",
      '(((',
      '[a-',
      '\u200d',
      'a\0b',
      '\u{10ffff}',
      '𝔸'.repeat(500),
      'x'.repeat(10_000_000),
      '% %%_\\'.repeat(2000),
    ]) {
      await expect(ids(text, text)).resolves.toEqual(expect.any(Array));
      await expect(searchTracks(sql, { track: text, artist: text })).resolves.toEqual(
        expect.any(Array),
      );
      await expect(searchArtists(sql, { artist: text })).resolves.toEqual(expect.any(Array));
      await expect(
        hasTrack(sql, { releaseId: 1, track: text, artist: text }),
      ).resolves.toBeDefined();
    }
  }, 120_000);

  it('gives as many as are asked for', async () => {
    expect(await searchReleases(sql, { title: 'homogenic' }, { maxResults: 1 })).toHaveLength(1);
    expect(await searchReleases(sql, { title: 'homogenic' }, { maxResults: 0 })).toHaveLength(0);
    expect(await searchReleases(sql, { title: 'homogenic' }, { maxResults: 3e9 })).toHaveLength(2);
  });
});

describe('what others have many of hides nothing', () => {
  beforeAll(async () => {
    await database.query(`
      INSERT INTO release (id, title) SELECT n, 'Zug ' || n FROM generate_series(5000, 5600) n;
      INSERT INTO release_artist SELECT n, 'The Zugvogel', 0 FROM generate_series(5000, 5599) n;
      INSERT INTO release_artist VALUES (5600, 'Zugvogel', 0), (5600, 'Sundry', 0);
      INSERT INTO release_track SELECT n, 1, '1', 'Menuett' FROM generate_series(5000, 5499) n;
      INSERT INTO release_track SELECT n, s, s::text, 'Zug ' || n || '/' || s FROM generate_series(5500, 5599) n, generate_series(1, 15) s;
      INSERT INTO release_track_artist SELECT n, s, 'Spielmann' FROM generate_series(5500, 5599) n, generate_series(1, 15) s;
      INSERT INTO release SELECT n, 'Take ' || n FROM generate_series(6000, 7600) n;
      INSERT INTO release_artist SELECT n, 'Toningenieur', (n < 7600)::int FROM generate_series(6000, 7600) n;
      INSERT INTO release_track VALUES (5600, 1, '1', 'Menuett');
      INSERT INTO release_track_artist VALUES (5600, 1, 'Spielmann')`);
  });
  afterAll(() => database.query('DELETE FROM release WHERE id >= 5000'));

  it('the exact name among releases of a loose one', async () => {
    const found = await searchReleases(sql, { artist: 'Zugvogel' }, { maxResults: 3 });
    expect(found.map(({ releaseId, matched }) => [releaseId, matched])).toEqual([
      [5600, 'exact'],
      [5000, 'loose'],
      [5001, 'loose'],
    ]);
  });

  it("the release of one's own among hundreds that one was a guest of", async () => {
    expect(await searchReleases(sql, { artist: 'Toningenieur' }, { maxResults: 1 })).toMatchObject([
      { releaseId: 7600 },
    ]);
  });

  it('a track of a common title by one who performs hundreds', async () => {
    expect(await searchTracks(sql, { track: 'Menuett', artist: 'Spielmann' })).toMatchObject([
      { releaseId: 5600, matched: 'exact' },
    ]);
  });
});

it('search_tracks names the performer, and ranks by it', async () => {
  expect(await searchTracks(sql, { track: 'all is ful of love', artist: 'bjork' })).toMatchObject([
    {
      releaseId: 1,
      trackSequence: 10,
      position: '10',
      artist: 'Björk',
      title: 'Homogenic',
      matched: 'similar',
    },
  ]);
  expect(
    (await searchTracks(sql, { track: 'hunter' })).map(({ releaseId, artist }) => [
      releaseId,
      artist,
    ]),
  ).toEqual([
    [1, 'Björk'],
    [10, 'Somebody Else'],
    [11, 'Mark Bell'],
  ]);
  expect((await searchTracks(sql, { track: 'Hunter', artist: 'Mark Bell' }))[0]).toMatchObject({
    releaseId: 11,
    matched: 'exact',
    score: 1,
  });
});

it.each(['!!!', '†', '+/-', '???'])(
  'a name without letters is found as it stands, and no other: %s',
  async (name) => {
    const known: Record<string, number> = { '!!!': 4, '†': 3 };
    const found = known[name] === undefined ? [] : [known[name]];
    expect((await searchReleases(sql, { title: name })).map(({ releaseId }) => releaseId)).toEqual(
      found,
    );
    expect(
      (await searchReleases(sql, { title: ` ${name}\u200b` })).map(({ releaseId }) => releaseId),
    ).toEqual(found);
    expect((await searchTracks(sql, { track: name })).map(({ releaseId }) => releaseId)).toEqual(
      name === '!!!' ? [4] : [],
    );
    expect((await searchArtists(sql, { artist: name })).map(({ artist }) => artist)).toEqual(
      name === '!!!' ? ['!!!'] : [],
    );
    expect(await hasTrack(sql, { releaseId: 4, track: name })).toMatchObject({
      has: name === '!!!',
    });
  },
);

it('a text whose key is that of another is not taken for it', async () => {
  expect(
    await database.query(
      "SELECT discogs.title_key('Song 160785') = discogs.title_key('Song 161755') AS same",
    ),
  ).toEqual([{ same: true }]);
  expect((await searchReleases(sql, { title: 'song 160785' }))[0]).toMatchObject({
    title: 'Song 160785',
    matched: 'exact',
  });
  expect(
    (await searchReleases(sql, { title: 'song 161755' })).filter(
      ({ matched }) => matched !== 'similar',
    ),
  ).toEqual([]);
});

it('a short track that trigrams do not recognise is found among its artist’s', async () => {
  expect(await searchTracks(sql, { track: 'jgóa', artist: 'björk' })).toMatchObject([
    { track: 'Jóga', artist: 'Björk', matched: 'similar' },
  ]);
});

it('search_artists, has_track and release', async () => {
  expect(await searchArtists(sql, { artist: 'bjrok' })).toMatchObject([
    { artist: 'Björk', releases: 2, matched: 'similar' },
  ]);
  expect(await hasTrack(sql, { releaseId: 1, track: 'jogo' })).toMatchObject({ has: true });
  expect(
    await hasTrack(sql, { releaseId: 1, track: 'Hunter', artist: 'Somebody Else' }),
  ).toMatchObject({ has: false });
  expect(await readRelease(sql, 1)).toMatchObject({
    id: 1,
    title: 'Homogenic',
    artists: [{ artist_name: 'Björk' }, { artist_name: 'Mark Bell' }],
    labels: [{ label_name: 'One Little Indian' }],
    tracks: [{ title: 'Hunter' }, {}, {}],
  });
  expect(await readRelease(sql, 99)).toBeUndefined();
});

it('runs in parallel queries and for a role that may only read', async () => {
  const reader = await database.role();
  await database.query(`GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${reader.name}`);
  const client = await openClient(reader.url);
  await client.query(
    `SET ${Number((await client.query('SHOW server_version_num')).rows[0].server_version_num) < 160000 ? 'force_parallel_mode' : 'debug_parallel_query'} = on`,
  );
  const found = await client.query(
    "SELECT r.* FROM (VALUES ('bjrok', 'homogenik'), ('aphx twin', 'works ambient')) q (a, t), LATERAL discogs.search_releases(q.a, q.t) r",
  );
  expect(found.rows.map(({ release_id: id }) => id)).toEqual([1, 8]);
  await client.end();
});

it('check names a function that is missing or different, and wxyc-index restores it', async () => {
  await database.query(
    "DROP FUNCTION discogs.search_artists; CREATE OR REPLACE FUNCTION discogs.credit(of_release integer) RETURNS text LANGUAGE sql STABLE STRICT AS $$ SELECT 'x' $$",
  );
  const { differences } = await checkContract({ databaseUrl: database.url });
  expect(differences).toContain('The function discogs.search_artists is missing');
  expect(differences).toContain(
    'The function discogs.credit is not the one of schema/create_search.sql',
  );
  await ensureIndexes({ databaseUrl: database.url, schema: 'public' });
  expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
});

it('survives a dump and restore into an empty database, in the order and with the settings of pg_dump', async () => {
  const target = await testDatabase({ owner: 'plain', extensions: false });
  const source = await openClient(database.url);
  // With nothing in the path the server prints every name with its schema.
  await source.query("SELECT set_config('search_path', '', false)");
  const list = async (text: string): Promise<string[]> =>
    (await source.query<{ text: string }>(text)).rows.map((row) => row.text);
  const types =
    await list(`SELECT format('CREATE TYPE discogs.%I AS (%s)', c.relname, string_agg(format('%I %s', a.attname, format_type(a.atttypid, NULL)), ', ' ORDER BY a.attnum)) AS text
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'discogs'::regnamespace AND c.relkind = 'c' GROUP BY c.oid, c.relname`);
  const functions = await list(
    "SELECT pg_get_functiondef(oid) AS text FROM pg_proc WHERE pronamespace IN ('discogs'::regnamespace, 'public'::regnamespace) AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c') ORDER BY pronamespace::regnamespace::text, proname",
  );
  const tables =
    await list(`SELECT format('CREATE TABLE public.%I (%s)', c.relname, string_agg(format('%I %s', a.attname, format_type(a.atttypid, NULL)), ', ' ORDER BY a.attnum)) AS text
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' GROUP BY c.oid, c.relname`);
  const rows =
    await list(`SELECT format('INSERT INTO public.release (id, title) VALUES (%s, %L)', id, title) AS text FROM public.release UNION ALL
    SELECT format('INSERT INTO public.release_artist VALUES (%s, %L, %s)', release_id, artist_name, extra) FROM public.release_artist`);
  const indexes = await list(
    "SELECT pg_get_indexdef(indexrelid) AS text FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid WHERE c.relnamespace = 'public'::regnamespace",
  );
  await source.end();
  const client = await openClient(target.url);
  await client.query(
    "SET check_function_bodies = off; SELECT set_config('search_path', '', false)",
  );
  await client.query(
    'CREATE SCHEMA discogs; CREATE EXTENSION pg_trgm WITH SCHEMA public; CREATE EXTENSION unaccent WITH SCHEMA public',
  );
  for (const text of [...types, ...functions, ...tables, ...rows, ...indexes])
    await client.query(text);
  await client.end();
  expect(
    await target.query("SELECT release_id FROM discogs.search_releases('bjrok', 'homogenik')"),
  ).toEqual([{ release_id: 1 }]);
  await target.drop();
}, 60_000);

it('wxyc-search prints lines for people, and JSON lines', async () => {
  const people = await runBin('wxyc-search', [
    'bjork',
    'homogenik',
    '--database-url',
    database.url,
  ]);
  expect(people).toMatchObject({
    code: 0,
    stdout: '0.82 similar  Björk – Homogenic  (1997, release 1)\n',
  });
  const title = await runBin('wxyc-search', ['', 'aerial ballet', '--database-url', database.url]);
  expect(title).toMatchObject({
    code: 0,
    stdout: '1.00 exact    Harry Nilsson – Aerial Ballet  (1968, release 2)\n',
  });
  const json = await runBin('wxyc-search', [
    'bjork',
    '--track',
    'hunter',
    '--json',
    '--database-url',
    database.url,
  ]);
  expect(JSON.parse(json.stdout.split('\n')[0]!)).toMatchObject({
    releaseId: 1,
    track: 'Hunter',
    matched: 'exact',
  });
  expect(await runBin('wxyc-search', ['', '', '--database-url', database.url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Nothing to search for'),
  });
}, 60_000);
