/**
 * Fills the columns of the build that consumers fill in, such as `artwork_url`, from the old cache. Dumps have brought no artwork since
 * 2015: what consumers found is all there is. That is tens of thousands of URLs, and updating so many rows in place would leave as many
 * dead ones behind.
 */
import { rootIdColumn, publishedSchema, type Column } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { fillColumns } from './fill-columns.js';
import { oldValue, rootIdOf, type OldTable } from './old-cache.js';

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
  const id = rootIdOf(old);
  if (columns.length === 0 || id === null) return { filled: 0, rewritten: false };
  const table = qualifiedName(schema, old.table.name);
  const key = rootIdColumn(old.table);
  const rowId = `b.${quoteIdentifier(key)}`;
  const wanted = columns.map((column) => {
    const [value, own] = [oldValue(old, column.name), `b.${quoteIdentifier(column.name)}`];
    return `(${tells(column, value)} AND ((${tells(column, own)}) IS NOT TRUE OR ${own} <> ${value} AND ${written}))`;
  });
  const values = columns.map(
    ({ name }, at) => `CASE WHEN ${wanted[at]} THEN ${oldValue(old, name)} END AS value_${at}`,
  );
  return fillColumns(
    client,
    {
      table,
      key,
      columns,
      values: `SELECT DISTINCT ON (${rowId}) ${rowId} AS id, ${values.join(', ')} FROM ${table} b JOIN ${qualifiedName(publishedSchema, old.table.name)} o ON ${id} = ${rowId}
                WHERE ${wanted.join(' OR ')} ORDER BY ${rowId}, o.ctid DESC`,
      ifNull: 'keep',
    },
    (rows) => shouldRewrite(client, table, rows),
  );
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
