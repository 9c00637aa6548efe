/**
 * Deleting a release asks every child table for its rows, release by release, even if none are left: millions of
 * look-ups in a large prune. Without the foreign keys a deletion is one pass; restoring them is one check per table.
 */

import { publishedSchema, releaseTablesOf } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';

/** Below this many releases the look-ups cost less than checking all keys. */
const worthDropping = 2_000;

/**
 * Runs `work` with the foreign keys to `release` dropped, inside the caller's transaction. They stay, and `work` runs all
 * the same, if there is little to delete, or if others are connected to a published cache: dropping a key keeps
 * readers out until the commit.
 */
export async function withoutForeignKeys<T>(
  client: Client,
  schema: string,
  releases: number,
  work: () => Promise<T>,
): Promise<T> {
  const keys =
    releases < worthDropping || (await hasCompany(client, schema))
      ? []
      : await foreignKeys(client, schema);
  for (const { table, name } of keys)
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${name}`);
  const result = await work();
  for (const { table, name, definition } of keys)
    await client.query(`ALTER TABLE ${table} ADD CONSTRAINT ${name} ${definition}`);
  return result;
}

/** Whether anybody other than this product's own steps is connected to the database that consumers read. */
async function hasCompany(client: Client, schema: string): Promise<boolean> {
  if (schema !== publishedSchema) return false;
  const { rows } = await client.query(
    `SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        AND application_name NOT LIKE 'wxyc-%' LIMIT 1`,
  );
  return rows.length > 0;
}

async function foreignKeys(
  client: Client,
  schema: string,
): Promise<{ table: string; name: string; definition: string }[]> {
  const children = releaseTablesOf('full')
    .filter(({ rootKey }) => rootKey !== undefined)
    .map(({ name }) => quoteLiteral(name));
  const { rows } = await client.query<{ table: string; name: string; definition: string }>(
    // A comment on a key would be lost, so such a key stays.
    `SELECT t.relname AS table, c.conname AS name, pg_get_constraintdef(c.oid) AS definition
       FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
      WHERE c.contype = 'f' AND c.convalidated AND c.confrelid = to_regclass(${quoteLiteral(qualifiedName(schema, 'release'))})
        AND t.relnamespace = to_regnamespace(${quoteLiteral(quoteIdentifier(schema))}) AND t.relname IN (${children.join(', ')})
        AND obj_description(c.oid, 'pg_constraint') IS NULL`,
  );
  return rows.map(({ table, name, definition }) => ({
    table: qualifiedName(schema, table),
    name: quoteIdentifier(name),
    definition,
  }));
}
