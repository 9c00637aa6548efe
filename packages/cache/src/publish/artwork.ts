/**
 * Fills `artwork_url` of the build from the old cache. Dumps have brought no artwork since 2015: what consumers found is
 * all there is, tens of thousands of URLs, and updating so many rows in place would leave as many dead ones behind.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { oldValue, releaseIdOf, type OldTable } from './old-cache.js';

/** From so many rows on, and from such a part of the table, it is written anew rather than updated in place. */
const rewriteFrom = { rows: 500, part: 0.01 };

/**
 * Gives the build's releases the old cache's artwork: those that have none, and those whose old row a consumer has written
 * (`written`: SQL about the old row `o`) since the run began.
 */
export async function fillArtwork(client: Client, schema: string, release: OldTable, written: string): Promise<{ artwork: number; rewritten: boolean }> {
  const url = oldValue(release, 'artwork_url');
  const build = qualifiedName(schema, 'release');
  const found = await client.query(
    `CREATE TEMPORARY TABLE carry_artwork ON COMMIT DROP AS
     SELECT DISTINCT ON (b.id) b.id, ${url} AS url FROM ${build} b JOIN ${qualifiedName(publishedSchema, 'release')} o ON ${releaseIdOf(release)} = b.id
      WHERE ${url} <> '' AND (coalesce(b.artwork_url, '') = '' OR b.artwork_url <> ${url} AND ${written}) ORDER BY b.id, o.ctid DESC`,
  );
  const artwork = found.rowCount ?? 0;
  const rewritten = artwork > 0 && (await shouldRewrite(client, build, artwork));
  if (rewritten) await rewrite(client, build);
  else if (artwork > 0) await client.query(`UPDATE ${build} b SET artwork_url = a.url FROM pg_temp.carry_artwork a WHERE a.id = b.id`);
  await client.query('DROP TABLE pg_temp.carry_artwork');
  return { artwork, rewritten };
}

async function shouldRewrite(client: Client, build: string, rows: number): Promise<boolean> {
  const facts = await client.query<{ total: number; searchable: boolean }>(
    `SELECT (SELECT count(*)::int FROM ${build}) AS total,
            EXISTS (SELECT FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_am m ON m.oid = i.relam WHERE x.indrelid = $1::regclass AND m.amname = 'gin') AS searchable`,
    [build],
  );
  const { total, searchable } = facts.rows[0] ?? { total: 0, searchable: true };
  // An index made after an update in place is not used until every older transaction of the server has ended.
  return !searchable || (rows >= rewriteFrom.rows && rows >= rewriteFrom.part * total);
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
  await client.query(`ALTER TABLE ${build} ALTER COLUMN artwork_url TYPE text USING coalesce(pg_temp.carried_artwork(id), artwork_url)`);
  await client.query('DROP FUNCTION pg_temp.carried_artwork(integer)');
}
