/** Searches that another version made with other types are replaced with the cache. */
import { publish } from '@wxyc/cache';
import { connect } from '@wxyc/postgres';
import { searchReleases } from '@wxyc/search';
import { testDatabase } from '@wxyc/testing';
import { build } from './world.ts';

test('other results and other columns of types', async () => {
  const database = await testDatabase({ owner: 'plain', extensions: false });
  await build(database);
  await publish({ databaseUrl: database.url, runId: 'first' });
  for (const statement of [
    'DROP FUNCTION discogs.kind(real)',
    'CREATE FUNCTION discogs.kind(likeness real) RETURNS integer LANGUAGE sql AS $$ SELECT 1 $$',
    'DROP TYPE discogs.question CASCADE',
    'CREATE TYPE discogs.question AS (normal text)',
    'CREATE FUNCTION discogs.ask(wanted text, is_artist boolean) RETURNS discogs.question LANGUAGE sql AS $$ SELECT NULL::discogs.question $$',
  ]) {
    await database.query(statement);
  }
  await build(database);
  await publish({ databaseUrl: database.url, runId: 'second' });
  const sql = await connect(database.url, { max: 1 });
  expect(await searchReleases(sql, { artist: 'Björk', title: 'Homogenic' })).toMatchObject([
    { releaseId: 1, matched: 'exact' },
  ]);
  await sql.end();
  await database.drop();
}, 60_000);
