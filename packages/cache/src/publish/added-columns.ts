/**
 * Columns that somebody added to the published tables. On tables with one row per release, artist or master they are carried to the new cache: type,
 * default, NOT NULL and values here, their indexes and comments like all others. Other tables have different rows in a new cache,
 * to which the values do not belong: there such columns are named and refused.
 */
import {
  earlierColumns,
  isKeyed,
  ownerColumn,
  publishedSchema,
  tablesOf,
  type Table,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { namesOf, type Profiles } from '../profile.js';
import { isAdded, ownerIdOf, tableIn, type OldCache, type OldTable } from './old-cache.js';

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
    [publishedSchema, tablesOf(profiles.coming).map(({ name }) => name)],
  );
  return rows.filter(({ table, name }) => !hasColumn(tableIn(table, profiles.coming), name));
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
    if (!isKeyed(tableIn(column.table, profiles.coming)!))
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
  const further = namesOf(profiles).filter((name) => tableIn(name, profiles.coming) === undefined);
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

/** Gives the coming tables in the schema those added columns that they lack. */
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

/** Gives the coming tables' rows the old cache's values. Returns whether the release table was rewritten. */
export async function fillAdded(client: Client, schema: string, old: OldCache): Promise<boolean> {
  let rewritten = false;
  for (const [name, table] of old)
    if (table.added.length > 0)
      rewritten = (await fillTable(client, schema, table)) && name === 'release' ? true : rewritten;
  return rewritten;
}

async function fillTable(client: Client, schema: string, old: OldTable): Promise<boolean> {
  const build = qualifiedName(schema, old.table.name);
  const key = `b.${quoteIdentifier(ownerColumn(old.table))}`;
  const columns = old.added.map(quoteIdentifier);
  const row = (alias: string): string =>
    `row(${columns.map((column) => `${alias}.${column}`).join(', ')})::text`;
  const found = await client.query(
    `CREATE TEMPORARY TABLE carry_added ON COMMIT DROP AS
     SELECT DISTINCT ON (${key}) ${key} AS carried_id, ${columns.map((column) => `o.${column}`).join(', ')}
       FROM ${build} b JOIN ${qualifiedName(publishedSchema, old.table.name)} o ON ${ownerIdOf(old)} = ${key} WHERE ${row('b')} <> ${row('o')} ORDER BY ${key}, o.ctid DESC`,
  );
  const rows = found.rowCount ?? 0;
  // A column that others are computed from cannot be written that way.
  const computed = await client.query(
    "SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attgenerated <> ''",
    [build],
  );
  const rewrite = rows >= rewriteFrom && computed.rows.length === 0;
  if (rewrite) await rewriteTable(client, build, ownerColumn(old.table), old.added);
  else if (rows > 0)
    await client.query(
      `UPDATE ${build} b SET ${columns.map((column) => `${column} = a.${column}`).join(', ')} FROM pg_temp.carry_added a WHERE a.carried_id = ${key}`,
    );
  await client.query('DROP TABLE pg_temp.carry_added');
  return rewrite;
}

/** As in found.ts: the expressions may not contain a subquery, but may call functions that look the values up. */
async function rewriteTable(
  client: Client,
  build: string,
  key: string,
  added: readonly string[],
): Promise<void> {
  await client.query('ALTER TABLE pg_temp.carry_added ADD PRIMARY KEY (carried_id)');
  await client.query('ANALYZE pg_temp.carry_added');
  const { rows: types } = await client.query<{ name: string; type: string }>(
    'SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0',
    [build],
  );
  const changes: string[] = [];
  for (const [at, name] of added.entries()) {
    const type = types.find((column) => column.name === name)!.type;
    await client.query(
      `CREATE FUNCTION pg_temp.carried_${at}(wanted integer, own ${type}) RETURNS ${type} LANGUAGE plpgsql STABLE AS
       $$ DECLARE found_one boolean; carried ${type}; BEGIN
         SELECT true, a.${quoteIdentifier(name)} INTO found_one, carried FROM pg_temp.carry_added a WHERE a.carried_id = wanted;
         IF found_one THEN RETURN carried; ELSE RETURN own; END IF; END $$`,
    );
    changes.push(
      `ALTER COLUMN ${quoteIdentifier(name)} TYPE ${type} USING pg_temp.carried_${at}(${key}, ${quoteIdentifier(name)})`,
    );
  }
  await client.query(`ALTER TABLE ${build} ${changes.join(', ')}`);
  for (const [at, name] of added.entries())
    await client.query(
      `DROP FUNCTION pg_temp.carried_${at}(integer, ${types.find((column) => column.name === name)!.type})`,
    );
}
