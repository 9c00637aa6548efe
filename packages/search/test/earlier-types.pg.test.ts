/** Searches that another version made with other types are replaced with the cache. */
import { ensureIndexes, publish } from '@wxyc/cache';
import { connect } from '@wxyc/postgres';
import { searchReleases } from '@wxyc/search';
import { testDatabase } from '@wxyc/testing';
import { build } from './world.ts';

test('other results and other columns of types', async () => {
  const database = await testDatabase({ owner: 'plain', extensions: false });
  await build(database);
  await publish({ databaseUrl: database.url, runId: 'first' });
  const earlier = [
    'DROP FUNCTION discogs.kind(real)',
    'CREATE FUNCTION discogs.kind(likeness real) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP TYPE discogs.question CASCADE',
    'CREATE TYPE discogs.question AS (normal text)',
    'CREATE FUNCTION discogs.ask(wanted text, is_artist boolean) RETURNS discogs.question LANGUAGE sql AS $$ SELECT NULL::discogs.question $$',
  ];
  const sql = await connect(database.url, { max: 1 });
  const found = () => searchReleases(sql, { artist: 'Björk', title: 'Homogenic' });
  for (const statement of earlier) await database.query(statement);
  await build(database);
  await publish({ databaseUrl: database.url, runId: 'second' });
  expect(await found()).toMatchObject([{ releaseId: 1, matched: 'exact' }]);
  // On the published cache too, all at once: where one cannot be replaced, all stay as they are.
  for (const statement of [
    ...earlier,
    'DROP FUNCTION discogs.release(integer)',
    'CREATE FUNCTION discogs.release(id integer) RETURNS jsonb LANGUAGE sql AS $$ SELECT NULL::jsonb $$',
  ])
    await database.query(statement);
  const index = () => ensureIndexes({ databaseUrl: database.url, schema: 'public' });
  await expect(index()).rejects.toThrow(/cannot change name of input parameter/);
  expect(await database.query('SELECT discogs.kind(1::real) AS earlier')).toEqual([{ earlier: 1 }]);
  await database.query('DROP FUNCTION discogs.release(integer)');
  await index();
  expect(await found()).toMatchObject([{ releaseId: 1, matched: 'exact' }]);
  await sql.end();
  await database.drop();
}, 60_000);
