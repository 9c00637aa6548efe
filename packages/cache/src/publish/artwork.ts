/**
 * Fills `artwork_url` of the build from the old cache. Dumps have brought no artwork since 2015: what consumers found is
 * all there is, tens of thousands of URLs, and updating so many rows in place would leave as many dead ones behind.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { oldValue, releaseIdOf, type OldTable } from './old-cache.js';

/** From so many rows on, and from such a part of the table, it is written anew rather than updated in place. */
const rewriteFrom = { rows: 500, part: 0.01 };

/** Gives the build's releases that have no artwork the old cache's. */
export async function fillArtwork(client: Client, schema: string, release: OldTable): Promise<{ artwork: number; rewritten: boolean }> {
  const url = oldValue(release, 'artwork_url');
  const build = qualifiedName(schema, 'release');
  const found = await client.query(
    `CREATE TEMPORARY TABLE carry_artwork ON COMMIT DROP AS
     SELECT DISTINCT ON (b.id) b.id, ${url} AS url FROM ${build} b JOIN ${qualifiedName(publishedSchema, 'release')} o ON ${releaseIdOf(release)} = b.id
      WHERE coalesce(b.artwork_url, '') = '' AND ${url} <> '' ORDER BY b.id, o.ctid DESC`,
  );
  const artwork = found.rowCount ?? 0;
  const total = await client.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${build}`);
  const rewritten = artwork >= rewriteFrom.rows && artwork >= rewriteFrom.part * (total.rows[0]?.rows ?? 0);
  if (rewritten) await rewrite(client, build);
  else if (artwork > 0) await client.query(`UPDATE ${build} b SET artwork_url = a.url FROM pg_temp.carry_artwork a WHERE a.id = b.id`);
  await client.query('DROP TABLE pg_temp.carry_artwork');
  return { artwork, rewritten };
}

/**
 * ALTER COLUMN .. USING writes a new file of live rows only, and builds the indexes again, in the transaction and with
 * all keys in place. Its expression may hold no subquery, but a function that looks the URL up.
 */
async function rewrite(client: Client, build: string): Promise<void> {
  await client.query('ALTER TABLE pg_temp.carry_artwork ADD PRIMARY KEY (id)');
  await client.query('ANALYZE pg_temp.carry_artwork');
  await client.query(
    `CREATE FUNCTION pg_temp.carried_artwork(wanted integer) RETURNS text LANGUAGE plpgsql STABLE AS
     $$ BEGIN RETURN (SELECT a.url FROM pg_temp.carry_artwork a WHERE a.id = wanted); END $$`,
  );
  await client.query(
    `ALTER TABLE ${build} ALTER COLUMN artwork_url TYPE text
     USING CASE WHEN coalesce(artwork_url, '') = '' THEN coalesce(pg_temp.carried_artwork(id), artwork_url) ELSE artwork_url END`,
  );
  await client.query('DROP FUNCTION pg_temp.carried_artwork(integer)');
}
