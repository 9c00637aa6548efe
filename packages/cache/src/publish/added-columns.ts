/**
 * Columns that somebody added to the published tables. On tables with one row per release, artist or master they are carried over into the build: type,
 * default, NOT NULL and values here, their indexes and comments like all others. Other tables have different rows in a build,
 * to which the values do not belong: there such columns are named and refused.
 */
import {
  earlierColumns,
  isKeyed,
  rootIdColumn,
  publishedSchema,
  tablesOf,
  type Table,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { namesOf, type Profiles } from '../profile.js';
import { fillColumns } from './fill-columns.js';
import { isAdded, rootIdOf, tableIn, type OldCache, type OldTable } from './old-cache.js';

interface FoundColumn {
  table: string;
  name: string;
  type: string;
  required: boolean;
  default: string | null;
  computed: boolean;
  counts: boolean;
  collation: string | null;
}

/** All columns beyond the contract's. Needs a search path of just pg_catalog, so that types include their schemas. */
async function furtherColumns(client: Client, profiles: Profiles): Promise<FoundColumn[]> {
  const { rows } = await client.query<FoundColumn>(
    `SELECT c.relname AS table, a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required, pg_get_expr(d.adbin, d.adrelid) AS default, a.attgenerated <> '' AS computed,
            a.attidentity <> '' OR EXISTS (SELECT FROM pg_depend p JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
                                            WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass) AS counts,
            CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END AS collation
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN pg_type t ON t.oid = a.atttypid
       LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND c.relname = ANY ($2) ORDER BY c.relname, a.attnum`,
    [publishedSchema, tablesOf(profiles.build).map(({ name }) => name)],
  );
  return rows.filter(({ table, name }) => !hasColumn(tableIn(table, profiles.build), name));
}

const hasColumn = (table: Table | undefined, name: string): boolean =>
  table?.columns.some((column) => column.name === name) === true;

/** Belongs to another layout, which is dropped, and was not added by anybody. */
const isEarlier = ({ table, name }: FoundColumn, { published }: Profiles): boolean =>
  (earlierColumns[table] ?? []).includes(name) || hasColumn(tableIn(table, published), name);

/** Names each added column that cannot be carried over, and what to do; empty when there is none. */
export async function addedObstacles(client: Client, profiles: Profiles): Promise<string[]> {
  const found = (await furtherColumns(client, profiles)).filter(
    (column) => !isEarlier(column, profiles),
  );
  return found.flatMap((column) => {
    const name = `the column ${column.name}, which somebody added to public.${column.table},`;
    if (!isKeyed(tableIn(column.table, profiles.build)!))
      return [
        `${name} cannot be carried over, since a release has many rows there (put it into a table of its own, or ALTER TABLE public.${column.table} DROP COLUMN ${quoteIdentifier(column.name)})`,
      ];
    if (column.counts)
      return [
        `${name} draws its values from a sequence, which cannot be carried over (drop the identity or the default)`,
      ];
    if (column.required && column.default === null)
      return [
        `${name} is NOT NULL without a default, and new releases would have no value (give it a default, or drop the NOT NULL)`,
      ];
    return [];
  });
}

/** A sentence for each table of the published cache with columns of another layout, and one for tables of another layout: these leave with the old cache. */
export async function earlierLayoutRemarks(client: Client, profiles: Profiles): Promise<string[]> {
  const found = (await furtherColumns(client, profiles)).filter((column) =>
    isEarlier(column, profiles),
  );
  const further = namesOf(profiles).filter((name) => tableIn(name, profiles.build) === undefined);
  const { rows } = await client.query<{ name: string }>(
    "SELECT relname AS name FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname = ANY ($2) ORDER BY 1",
    [publishedSchema, further],
  );
  const tables =
    rows.length === 0
      ? []
      : [
          `public has tables of the ${profiles.published} profile that the new cache does not have: ${rows.map(({ name }) => name).join(', ')}`,
        ];
  return [
    ...tables,
    ...[...new Set(found.map(({ table }) => table))].map((table) => {
      const names = found.filter((column) => column.table === table).map(({ name }) => name);
      return `public.${table} has ${names.length === 1 ? 'a column' : 'columns'} of an earlier or wider layout that the new cache does not have: ${names.join(', ')}`;
    }),
  ];
}

/** Gives the build's tables those added columns that they lack. */
export async function addColumns(
  client: Client,
  schema: string,
  profiles: Profiles,
): Promise<void> {
  const wanted = (await furtherColumns(client, profiles)).filter(({ table, name }) =>
    isAdded(table, name, profiles),
  );
  if (wanted.length === 0) return;
  const present = await client.query<{ place: string }>(
    `SELECT c.relname || ' ' || a.attname AS place FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relkind = 'r' AND c.relname = ANY ($2)`,
    [schema, [...new Set(wanted.map(({ table }) => table))]],
  );
  const have = new Set(present.rows.map(({ place }) => place));
  for (const column of wanted.filter(({ table, name }) => !have.has(`${table} ${name}`))) {
    const { table, name, type, required, computed, collation } = column;
    const value =
      column.default === null
        ? ''
        : computed
          ? ` GENERATED ALWAYS AS (${column.default}) STORED`
          : ` DEFAULT ${column.default}`;
    await client.query(
      `ALTER TABLE ${qualifiedName(schema, table)} ADD COLUMN ${quoteIdentifier(name)} ${type}${collation === null ? '' : ` COLLATE ${collation}`}${value}${required ? ' NOT NULL' : ''}`,
    );
  }
}

/** From this many rows on, a table is rewritten rather than updated in place, which would leave as many dead rows behind. */
const rewriteFrom = 500;

/** Gives the build's rows the old cache's values. Returns whether the release table was rewritten. */
export async function fillAdded(client: Client, schema: string, old: OldCache): Promise<boolean> {
  let rewritten = false;
  for (const [name, table] of old)
    if (table.added.length > 0)
      rewritten = (await fillTable(client, schema, table)) && name === 'release' ? true : rewritten;
  return rewritten;
}

async function fillTable(client: Client, schema: string, old: OldTable): Promise<boolean> {
  const table = qualifiedName(schema, old.table.name);
  const key = rootIdColumn(old.table);
  const rowId = `b.${quoteIdentifier(key)}`;
  const found = await client.query<{ name: string; type: string; computed: boolean }>(
    "SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attgenerated <> '' AS computed FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped",
    [table],
  );
  const types = new Map(found.rows.map(({ name, type }) => [name, type]));
  const columns = old.added.map((name) => ({ name, type: types.get(name)! }));
  const row = (alias: string): string =>
    `row(${columns.map(({ name }) => `${alias}.${quoteIdentifier(name)}`).join(', ')})::text`;
  const values = columns.map(({ name }, at) => `o.${quoteIdentifier(name)} AS value_${at}`);
  // A column that others are computed from cannot be rewritten.
  const isFree = !found.rows.some(({ computed }) => computed);
  const { rewritten } = await fillColumns(
    client,
    {
      table,
      key,
      columns,
      values: `SELECT DISTINCT ON (${rowId}) ${rowId} AS id, ${values.join(', ')} FROM ${table} b JOIN ${qualifiedName(publishedSchema, old.table.name)} o ON ${rootIdOf(old)} = ${rowId}
                WHERE ${row('b')} <> ${row('o')} ORDER BY ${rowId}, o.ctid DESC`,
      ifNull: 'null',
    },
    (rows) => Promise.resolve(isFree && rows >= rewriteFrom),
  );
  return rewritten;
}
