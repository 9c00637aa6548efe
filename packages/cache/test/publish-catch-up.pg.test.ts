/** Consumers' writes during the wait for the tables are carried before the lock, not while consumers wait. */
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeBuild, publishedCache, publishNow, untilAsking, withClient } from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

/** Three hundred fetched releases, in one transaction: some that the build holds, most not. */
const fetched = `
  BEGIN;
  INSERT INTO release (id, title) SELECT id, 'mine title' FROM generate_series(1, 300) id ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title;
  INSERT INTO release_artist (release_id, artist_name) SELECT id, 'mine artist' FROM generate_series(1, 300) id ON CONFLICT DO NOTHING;
  DELETE FROM release_track WHERE release_id <= 300;
  INSERT INTO release_track (release_id, sequence, title) SELECT id, 1, 'mine track' FROM generate_series(1, 300) id;
  INSERT INTO cache_metadata (release_id, source) SELECT id, 'api_fetch' FROM generate_series(1, 300) id ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch';
  COMMIT`;

it('however much consumers write while a reader holds the tables, little is left to do under the lock', async () => {
  await publishedCache(database.url, 40);
  await makeBuild(database.url, { to: 40, generation: 'new' });
  await withClient(database.url, async (reader) => {
    await reader.query('BEGIN; SELECT count(*) FROM release_label');
    const publishing = publishNow(database.url);
    await untilAsking(database);
    await database.query(`SET search_path = public; ${fetched}`);
    // One more failed attempt: the work before the next one sees these writes.
    await untilAsking(database);
    await untilAsking(database, false);
    await reader.query('COMMIT');
    expect(await publishing).toMatchObject({ carried: { releases: 300, amended: 0 }, late: 0 });
  });
  expect(
    await database.query(
      "SELECT count(*)::int AS n FROM release r JOIN release_track t ON t.release_id = r.id AND t.title = 'mine track' WHERE r.title = 'mine title'",
    ),
  ).toEqual([{ n: 300 }]);
});

it('writes after the last pass are carried under the lock, and reported', async () => {
  await publishedCache(database.url, 40);
  await makeBuild(database.url, { to: 40, generation: 'new' });
  await withClient(database.url, async (consumer) => {
    await consumer.query(`SET search_path = public; ${fetched.replace('COMMIT', '')}`);
    const publishing = publishNow(database.url);
    await untilAsking(database);
    // The attempt that waits for this transaction did not see it before.
    await consumer.query('COMMIT');
    expect(await publishing).toMatchObject({
      attempts: 1,
      carried: { releases: 300, amended: 0 },
      late: 300,
    });
  });
  expect(
    await database.query("SELECT count(*)::int AS n FROM release WHERE title = 'mine title'"),
  ).toEqual([{ n: 300 }]);
});
