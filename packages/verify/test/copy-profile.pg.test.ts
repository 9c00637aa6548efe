/** A copy has its source's profile, or a leaner one if that is asked for. */
import { ensureIndexes, checkContract, createSchema } from '@wxyc/cache';
import { libraryFile, testDatabase, type TestDatabase } from '@wxyc/testing';
import { copyTo } from '@wxyc/verify';

let source: TestDatabase;
let target: TestDatabase;
beforeEach(async () => {
  [source, target] = await Promise.all([testDatabase(), testDatabase()]);
  await createSchema({ databaseUrl: source.url, profile: 'full' });
  for (const statement of [
    "INSERT INTO release (id, title, master_id, format) VALUES (1, 'Homogenic', 5, 'CD'), (2, 'Another One', 6, 'CD')",
    "INSERT INTO release_artist (release_id, artist_name, extra, artist_id, role) VALUES (1, 'Björk', 1, 7, 'Producer'), (1, 'Björk', 0, 7, NULL), (2, 'Somebody', 0, 8, NULL)",
    "INSERT INTO release_label (release_id, label_name, catno) VALUES (1, 'Label', 'A 1'), (1, 'Label', 'A 2'), (2, 'Label', 'B')",
    "INSERT INTO release_genre VALUES (1, 'Electronic'), (2, 'Rock')",
    "INSERT INTO release_track (release_id, sequence, title) VALUES (1, 1, 'Hunter'), (2, 1, 'Track')",
    "INSERT INTO release_track_artist (release_id, track_sequence, artist_name, extra, role) VALUES (1, 1, 'Björk', 0, NULL), (1, 1, 'Björk', 1, 'Mixed By'), (1, 1, 'A Remixer', 1, 'Remix')",
    "INSERT INTO cache_metadata (release_id, source) VALUES (1, 'bulk_import'), (2, 'bulk_import')",
    "INSERT INTO artist (id, name) VALUES (7, 'Björk'), (8, 'Somebody')",
    "INSERT INTO artist_url VALUES (7, 'https://bjork.com')",
    "INSERT INTO master (id, title) VALUES (5, 'Homogenic')",
  ])
    await source.query(statement);
  await ensureIndexes({ databaseUrl: source.url, schema: 'public' });
});
afterEach(() => Promise.all([source.drop(), target.drop()]));

const library = libraryFile([['Björk', 'Homogenic']]);
const copy = (profile?: 'lean' | 'full') =>
  copyTo({ libraryDb: library, databaseUrl: source.url, targetUrl: target.url, profile });
const rows = (sql: string) => target.query(sql);

it('has everything that the source has about owned releases', async () => {
  await copy();
  expect(await checkContract({ databaseUrl: target.url })).toMatchObject({
    profile: 'full',
    differences: [],
  });
  expect(await rows('SELECT id, master_id, format FROM release')).toEqual([
    { id: 1, master_id: 5, format: 'CD' },
  ]);
  expect(
    await rows('SELECT artist_name, extra, artist_id, role FROM release_artist ORDER BY extra'),
  ).toEqual([
    { artist_name: 'Björk', extra: 0, artist_id: 7, role: null },
    { artist_name: 'Björk', extra: 1, artist_id: 7, role: 'Producer' },
  ]);
  expect(await rows('SELECT catno FROM release_label ORDER BY 1')).toEqual([
    { catno: 'A 1' },
    { catno: 'A 2' },
  ]);
  expect(await rows('SELECT genre FROM release_genre')).toEqual([{ genre: 'Electronic' }]);
  expect(await rows('SELECT count(*)::int AS count FROM release_track_artist')).toEqual([
    { count: 3 },
  ]);
  expect(await rows('SELECT url FROM artist_url')).toEqual([{ url: 'https://bjork.com' }]);
  expect(await rows('SELECT title FROM master')).toEqual([{ title: 'Homogenic' }]);
});

it('is lean if requested: one row per name, performers only; and does not silently become full afterwards', async () => {
  await copy('lean');
  expect(await checkContract({ databaseUrl: target.url })).toMatchObject({
    profile: 'lean',
    differences: [],
  });
  expect(await rows('SELECT artist_name, extra FROM release_artist')).toEqual([
    { artist_name: 'Björk', extra: 0 },
  ]);
  expect(await rows('SELECT label_name FROM release_label')).toEqual([{ label_name: 'Label' }]);
  expect(await rows('SELECT artist_name FROM release_track_artist')).toEqual([
    { artist_name: 'Björk' },
  ]);
  expect(await rows("SELECT to_regclass('public.release_genre') AS genre")).toEqual([
    { genre: null },
  ]);
  await expect(copy()).rejects.toMatchObject({
    code: 'OTHER_PROFILE',
    message: expect.stringMatching(
      /profile lean, and the new one would be full: give --profile full.*Nothing was changed/,
    ),
  });
  await copy('full');
  expect(await checkContract({ databaseUrl: target.url })).toMatchObject({
    profile: 'full',
    differences: [],
  });
});

it('cannot be wider than its source', async () => {
  const other = await testDatabase();
  await copyTo({
    libraryDb: library,
    databaseUrl: source.url,
    targetUrl: target.url,
    profile: 'lean',
  });
  await expect(
    copyTo({ libraryDb: library, databaseUrl: target.url, targetUrl: other.url, profile: 'full' }),
  ).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringMatching(/is lean and has nothing to fill a full one with/),
  });
  await other.drop();
});
