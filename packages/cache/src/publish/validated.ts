/**
 * Fills `last_validated` of the build from the old cache: it says which releases have no image at Discogs, and asking
 * for all of them again would take days at the API's pace.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { hasIndexes } from '../indexes.js';
import { oldValue, ownerIdOf, type OldTable } from './old-cache.js';

/** Returns how many rows were filled in. The table is rewritten if it has no index yet, for the reason given in found.ts. */
export async function fillValidated(
  client: Client,
  schema: string,
  metadata: OldTable,
): Promise<number> {
  const build = qualifiedName(schema, 'cache_metadata');
  const validated = oldValue(metadata, 'last_validated');
  const id = ownerIdOf(metadata);
  if (id === null) return 0;
  const found = await client.query(
    `CREATE TEMPORARY TABLE carry_validated ON COMMIT DROP AS
     SELECT b.release_id AS id, max(${validated}) AS validated FROM ${build} b JOIN ${qualifiedName(publishedSchema, 'cache_metadata')} o ON ${id} = b.release_id
      WHERE b.last_validated IS NULL AND ${validated} IS NOT NULL GROUP BY b.release_id`,
  );
  const rows = found.rowCount ?? 0;
  if (rows > 0 && !(await hasIndexes(client, schema, 'cache_metadata')))
    await rewrite(client, build);
  else if (rows > 0)
    await client.query(
      `UPDATE ${build} b SET last_validated = v.validated FROM pg_temp.carry_validated v WHERE v.id = b.release_id`,
    );
  await client.query('DROP TABLE pg_temp.carry_validated');
  return rows;
}

/** As in found.ts: the expression may not contain a subquery, but may call a function that looks the value up. */
async function rewrite(client: Client, build: string): Promise<void> {
  await client.query('ALTER TABLE pg_temp.carry_validated ADD PRIMARY KEY (id)');
  await client.query('ANALYZE pg_temp.carry_validated');
  await client.query(
    `CREATE FUNCTION pg_temp.carried_validated(wanted integer) RETURNS timestamptz LANGUAGE plpgsql STABLE AS
     $$ BEGIN RETURN (SELECT v.validated FROM pg_temp.carry_validated v WHERE v.id = wanted); END $$`,
  );
  await client.query(
    `ALTER TABLE ${build} ALTER COLUMN last_validated TYPE timestamptz USING coalesce(pg_temp.carried_validated(release_id), last_validated)`,
  );
  await client.query('DROP FUNCTION pg_temp.carried_validated(integer)');
}
