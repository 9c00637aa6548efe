/**
 * Fills the columns of the build that consumers fill in, such as `artwork_url`, from the old cache. Dumps have brought no artwork since
 * 2015: what consumers found is all there is. That is tens of thousands of URLs, and updating so many rows in place would leave as many
 * dead ones behind.
 */
import { ownerColumn, publishedSchema, type Column } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { oldValue, ownerIdOf, type OldTable } from './old-cache.js';

/** From this many rows and this share of the table on, it is rewritten rather than updated in place. */
const rewriteFrom = { rows: 500, part: 0.01 };

/** The columns of a table that consumers fill in and that the old cache has. */
export const foundColumns = (old: OldTable): Column[] =>
  old.table.columns.filter(({ name, consumers }) => consumers && old.columns.has(name));

/** SQL: whether a value says anything. */
export const tells = ({ type }: Column, value: string): string =>
  type === 'text' ? `${value} <> ''` : `${value} IS NOT NULL`;

/**
 * Gives the build's rows what the old cache's consumers have found: where the build has nothing, and where a consumer has written
 * the old row (`written`: SQL about the old row `o`) since the run began. Returns how many values of the first such column were filled in.
 */
export async function fillFound(
  client: Client,
  schema: string,
  old: OldTable,
  written: string,
): Promise<{ filled: number; rewritten: boolean }> {
  const columns = foundColumns(old);
  const id = ownerIdOf(old);
  if (columns.length === 0 || id === null) return { filled: 0, rewritten: false };
  const build = qualifiedName(schema, old.table.name);
  const key = quoteIdentifier(ownerColumn(old.table));
  const wanted = columns.map((column) => {
    const [value, own] = [oldValue(old, column.name), `b.${quoteIdentifier(column.name)}`];
    return `(${tells(column, value)} AND ((${tells(column, own)}) IS NOT TRUE OR ${own} <> ${value} AND ${written}))`;
  });
  const values = columns.map(
    ({ name }, at) => `CASE WHEN ${wanted[at]} THEN ${oldValue(old, name)} END AS found_${at}`,
  );
  const found = await client.query(
    `CREATE TEMPORARY TABLE carry_found ON COMMIT DROP AS
     SELECT DISTINCT ON (b.${key}) b.${key} AS id, ${values.join(', ')} FROM ${build} b JOIN ${qualifiedName(publishedSchema, old.table.name)} o ON ${id} = b.${key}
      WHERE ${wanted.join(' OR ')} ORDER BY b.${key}, o.ctid DESC`,
  );
  const rows = found.rowCount ?? 0;
  const counted =
    rows === 0
      ? undefined
      : await client.query<{ count: number }>(
          'SELECT count(found_0)::int AS count FROM pg_temp.carry_found',
        );
  const rewritten = rows > 0 && (await shouldRewrite(client, build, rows));
  const assigned = columns.map(
    ({ name }, at) =>
      `${quoteIdentifier(name)} = coalesce(f.found_${at}, b.${quoteIdentifier(name)})`,
  );
  if (rewritten) await rewrite(client, build, key, columns);
  else if (rows > 0)
    await client.query(
      `UPDATE ${build} b SET ${assigned.join(', ')} FROM pg_temp.carry_found f WHERE f.id = b.${key}`,
    );
  await client.query('DROP TABLE pg_temp.carry_found');
  return { filled: counted?.rows[0]?.count ?? 0, rewritten };
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
 * all keys in place. Its expression may not contain a subquery, but may call a function that looks the value up.
 */
async function rewrite(
  client: Client,
  build: string,
  key: string,
  columns: readonly Column[],
): Promise<void> {
  await client.query('ALTER TABLE pg_temp.carry_found ADD PRIMARY KEY (id)');
  await client.query('ANALYZE pg_temp.carry_found');
  const changes: string[] = [];
  for (const [at, { name, type }] of columns.entries()) {
    await client.query(
      `CREATE FUNCTION pg_temp.carried_${at}(wanted integer) RETURNS ${type} LANGUAGE plpgsql STABLE AS
       $$ BEGIN RETURN (SELECT f.found_${at} FROM pg_temp.carry_found f WHERE f.id = wanted); END $$`,
    );
    changes.push(
      `ALTER COLUMN ${quoteIdentifier(name)} TYPE ${type} USING coalesce(pg_temp.carried_${at}(${key}), ${quoteIdentifier(name)})`,
    );
  }
  await client.query(`ALTER TABLE ${build} ${changes.join(', ')}`);
  for (const at of columns.keys())
    await client.query(`DROP FUNCTION pg_temp.carried_${at}(integer)`);
}
