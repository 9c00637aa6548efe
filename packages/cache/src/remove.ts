/**
 * Removes releases and everything below them from a build, by dedup and prune. A bare table is rewritten without the
 * removed rows, so that nothing is left to reclaim; an indexed one loses its rows in place and keeps everything attached to it.
 */
import { rootIdColumn, publishedSchema, releaseTablesOf } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { removeFromReleaseCompanions } from './companions.js';
import { queryable } from './queryable.js';
import { hasIndexes } from './indexes.js';
import { readProfile } from './profile.js';

export interface RemovedRows {
  /** Rows removed, by table; `release` counts the releases. */
  removed: Record<string, number>;
}

/** A rewrite reads and writes the whole table; below this share of removed rows a plain DELETE is cheaper. */
const worthRewriting = 0.01;

/**
 * Removes the releases whose ids the table or query `doomed` (SQL text with one integer column `id`, unique, not null)
 * yields, with their rows in all tables, their companions included. Call it inside a transaction of the caller; `doomed` should be an analysed (temporary)
 * table. Never removes anything else; columns, defaults, keys, owner and grants stay.
 *
 * @example
 * await client.query('BEGIN');
 * await client.query('CREATE TEMP TABLE doomed ON COMMIT DROP AS SELECT …');
 * await removeReleases(client, { schema: 'discogs_next', doomed: 'doomed' });
 * await client.query('COMMIT');
 */
export async function removeReleases(
  client: Client,
  options: { schema: string; doomed: string },
): Promise<RemovedRows> {
  const { schema, doomed } = options;
  const removed: Record<string, number> = {};
  // Children first: with foreign keys in place the deletion of a root would look at every child table, row by row.
  for (const table of [
    ...releaseTablesOf(await readProfile(queryable(client), schema)),
  ].reverse()) {
    const key = rootIdColumn(table);
    const name = qualifiedName(schema, table.name);
    const exists = await client.query(`SELECT 1 FROM pg_class WHERE oid = to_regclass($1)`, [name]);
    if (!exists.rows.length) continue;
    const rewrite =
      schema !== publishedSchema &&
      !(await hasIndexes(client, schema, table.name)) &&
      (await isWorthwhile(client, name, key, doomed));
    removed[table.name] = rewrite
      ? await rewriteWithout(client, schema, table.name, key, doomed)
      : ((
          await client.query(
            `DELETE FROM ${name} t USING ${doomed} d WHERE t.${quoteIdentifier(key)} = d.id`,
          )
        ).rowCount ?? 0);
  }
  await removeFromReleaseCompanions(client, schema, doomed);
  return { removed };
}

async function isWorthwhile(
  client: Client,
  name: string,
  key: string,
  doomed: string,
): Promise<boolean> {
  const { rows } = await client.query<{ share: number | null }>(
    `SELECT count(d.id)::float8 / nullif(count(*), 0) AS share FROM ${name} t LEFT JOIN ${doomed} d ON d.id = t.${quoteIdentifier(key)}`,
  );
  return (rows[0]?.share ?? 0) >= worthRewriting;
}

/** Moves the survivors into a table of the same definition, which then takes the old one's place. */
async function rewriteWithout(
  client: Client,
  schema: string,
  table: string,
  key: string,
  doomed: string,
): Promise<number> {
  const name = qualifiedName(schema, table);
  const fresh = qualifiedName(schema, `${table}_kept`);
  await client.query(`DROP TABLE IF EXISTS ${fresh}`);
  await client.query(`CREATE TABLE ${fresh} (LIKE ${name} INCLUDING ALL)`);
  const columns = await client.query<{ name: string }>(
    'SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum',
    [name],
  );
  const list = columns.rows.map((column) => quoteIdentifier(column.name)).join(', ');
  const before = await client.query<{ count: string }>(`SELECT count(*) FROM ${name}`);
  const kept = await client.query(
    `INSERT INTO ${fresh} (${list}) SELECT ${list} FROM ${name} t WHERE NOT EXISTS (SELECT FROM ${doomed} d WHERE d.id = t.${quoteIdentifier(key)})`,
  );
  await client.query(`DROP TABLE ${name}`);
  await client.query(`ALTER TABLE ${fresh} RENAME TO ${quoteIdentifier(table)}`);
  return Number(before.rows[0]?.count ?? 0) - (kept.rowCount ?? 0);
}
