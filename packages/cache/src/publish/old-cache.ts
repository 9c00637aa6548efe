/**
 * The cache in `public` as the source of rows to carry over. It may be of an older layout or damaged: tables, columns,
 * keys and values may be missing, so every value is read through an expression that makes it fit the contract.
 */
import {
  earlierColumns,
  fromDump,
  isKeyed,
  longestIndexedBytes,
  rootIdColumn,
  publishedSchema,
  tablesOf,
  type Column,
  type ColumnType,
  type Profile,
  type Table,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, withValues, type Client } from '@wxyc/postgres';
import { namesOf, type Profiles } from '../profile.js';

export interface OldTable {
  /** The build's table, followed by columns that somebody added and that are carried over; or else the published cache's. */
  table: Table;
  /** Whether the build has it. */
  inBuild: boolean;
  /** Names of the added columns. */
  added: readonly string[];
  oid: string;
  /** Types by column name, as PostgreSQL prints them. */
  columns: Map<string, string>;
}

/** By table name; only those that exist as ordinary tables. */
export type OldCache = Map<string, OldTable>;

/** Finds a table of a profile by name. */
export const tableIn = (name: string, profile: Profile): Table | undefined =>
  tablesOf(profile).find((table) => table.name === name);

/** The query for the tables of either profile in `public`, with their columns, for {@link oldCacheOf}. */
export const oldCacheQuery = (profiles: Profiles): string =>
  withValues(
    `SELECT c.relname AS name, c.oid::text AS oid,
          (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, NULL), a.attgenerated <> '') ORDER BY a.attnum), '[]')
             FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM pg_catalog.pg_class c
    WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND c.relname = ANY ($2)`,
    [publishedSchema, namesOf(profiles)],
  );

/** Reads which tables of either profile `public` holds, with their columns. */
export async function readOldCache(client: Client, profiles: Profiles): Promise<OldCache> {
  return oldCacheOf((await client.query<OldCacheRow>(oldCacheQuery(profiles))).rows, profiles);
}

export interface OldCacheRow {
  name: string;
  oid: string;
  /** Name, type, and whether the server computes it. */
  columns: [string, string, boolean][];
}

/** What the answer to {@link oldCacheQuery} says. */
export function oldCacheOf(rows: readonly OldCacheRow[], profiles: Profiles): OldCache {
  const byName = new Map(rows.map((row) => [row.name, row]));
  const old: OldCache = new Map();
  for (const name of namesOf(profiles)) {
    const row = byName.get(name);
    if (!row) continue;
    const built = tableIn(name, profiles.build);
    const table = built ?? tableIn(name, profiles.published)!;
    const own = row.columns
      .filter(([column, , computed]) => !computed && isAdded(name, column, profiles))
      .map(([column, type]) => ({ name: column, type: type as ColumnType }));
    old.set(name, {
      inBuild: built !== undefined,
      table: own.length > 0 ? { ...table, columns: [...table.columns, ...own] } : table,
      added: own.map((column) => column.name),
      oid: row.oid,
      columns: new Map(row.columns.map(([column, type]) => [column, type])),
    });
  }
  return old;
}

/** Whether somebody added a column to the published cache, on a table where it is carried over. */
export function isAdded(name: string, column: string, { build, published }: Profiles): boolean {
  const tables = [tableIn(name, build), tableIn(name, published)];
  const known =
    tables.some((table) => table?.columns.some((candidate) => candidate.name === column)) ||
    (earlierColumns[name] ?? []).includes(column);
  return tables[0] !== undefined && isKeyed(tables[0]) && !known;
}

/** Whether both are the same tables with the same columns. */
export function sameOldCache(a: OldCache, b: OldCache): boolean {
  const text = (cache: OldCache): string =>
    JSON.stringify(
      [...cache.values()].map(({ table, oid, columns }) => [table.name, oid, [...columns]]),
    );
  return text(a) === text(b);
}

/** SQL for the id of the root that the old row `alias` belongs to, or null when the table has none. */
export function rootIdOf(old: OldTable, alias = 'o'): string | null {
  const name = rootIdColumn(old.table);
  const type = old.columns.get(name);
  return type === undefined ? null : fitting(`${alias}.${quoteIdentifier(name)}`, type, 'integer');
}

/** SQL for one column of the old row `alias`, fitted to the contract; null where the old table does not have it. */
export function oldValue(old: OldTable, name: string, alias = 'o'): string {
  const column = old.table.columns.find((candidate) => candidate.name === name);
  const type = old.columns.get(name);
  if (!column || type === undefined) return `NULL::${column?.type ?? 'text'}`;
  return fitting(`${alias}.${quoteIdentifier(name)}`, type, column.type);
}

/**
 * A SELECT of the old table's rows for the roots in `ids` (a relation with a column `id`), with exactly the contract's
 * columns in order, defaults filled in, duplicates collapsed. Null when the old table cannot give them.
 */
export function selectOldRows(old: OldTable, ids: string, condition = 'true'): string | null {
  const { table, inBuild } = old;
  const rootId = rootIdOf(old);
  if (rootId === null || !inBuild) return null;
  const values = table.columns.map((column) => filledValue(old, column));
  if (values.includes(null)) return null;
  const columns = table.columns.map(({ name }) => quoteIdentifier(name));
  const rows = `SELECT ${values.map((value, at) => `${value} AS ${columns[at]}`).join(', ')}, o.ctid AS old_place
    FROM ${qualifiedName(publishedSchema, table.name)} o JOIN ${ids} w ON ${rootId} = w.id WHERE ${condition} AND ${wanted(old)}`;
  const required = table.columns
    .filter(({ notNull }) => notNull)
    .map(({ name }) => `${quoteIdentifier(name)} IS NOT NULL`);
  const from = `FROM (${rows}) fitted WHERE ${required.join(' AND ')}`;
  const key = keyOf(table);
  // In their order in the old table, if no column gives one.
  if (!key && table.distinct === undefined)
    return `SELECT ${columns.join(', ')} ${from} ORDER BY ${quoteIdentifier(rootIdColumn(table))}, old_place`;
  // Without a key in the contract, only completely equal rows are duplicates.
  if (!key)
    return `SELECT ${columns.join(', ')} FROM (SELECT DISTINCT ON (${columns.join(', ')}) * ${from} ORDER BY ${columns.join(', ')}, old_place) once ORDER BY ${quoteIdentifier(rootIdColumn(table))}, old_place`;
  const keyColumns = key.join(', ');
  return `SELECT DISTINCT ON (${keyColumns}) ${columns.join(', ')} ${from} ORDER BY ${[keyColumns, preference[table.name], 'old_place DESC'].filter(Boolean).join(', ')}`;
}

/** What a unique key or index allows only once, as SQL. */
function keyOf(table: Table): string[] | undefined {
  if (table.others === 'apart') {
    const rest = table.columns
      .map(({ name }) => name)
      .filter((name) => !table.distinct!.includes(name));
    return [
      ...table.distinct!.map(quoteIdentifier),
      ...rest.map((name) => `CASE WHEN extra > 0 THEN ${quoteIdentifier(name)} END`),
    ];
  }
  return (table.primaryKey ?? table.uniques?.[0]?.columns)?.map(quoteIdentifier);
}

/** SQL for the rows of an old table, `o`, that have a place in this cache: of a track's credits, only those of its performers. */
export function wanted({ table, columns }: OldTable): string {
  const all =
    table.name === 'release_track_artist' &&
    columns.has('extra') &&
    !table.columns.some(({ name }) => name === 'extra');
  return all ? "coalesce(o.extra::text, '0') = '0'" : 'true';
}

/** SQL that is true if the old row `alias` says only that Discogs has no such release or artist. The full profile keeps such rows. */
export function isTombstone({ columns }: OldTable, alias = 'o'): string {
  return columns.get('not_found') === 'boolean' ? `coalesce(${alias}.not_found, false)` : 'false';
}

/** Which of several rows with the same key stays, if they are equally recent. */
const preference: Record<string, string> = {
  release: 'artwork_url IS NULL',
  release_artist: 'extra',
  cache_metadata: `${fromDump('source')}, cached_at DESC`,
};

/** The substitute for a missing required value that has no default in the contract. */
const substitutes: Record<string, string> = {
  'release.title': "''",
  'release_track.title': "''",
  'release_track.sequence':
    '(row_number() OVER (PARTITION BY o.release_id ORDER BY o.ctid))::integer',
  'release_video.sequence':
    '(row_number() OVER (PARTITION BY o.release_id ORDER BY o.ctid))::integer',
  'cache_metadata.source': "'api_fetch'",
};

function filledValue(old: OldTable, column: Column): string | null {
  const type = old.columns.get(column.name);
  const substitute = column.notNull
    ? (column.default ?? substitutes[`${old.table.name}.${column.name}`])
    : undefined;
  if (type === undefined) return substitute ?? (column.notNull ? null : `NULL::${column.type}`);
  let value = fitting(`o.${quoteIdentifier(column.name)}`, type, column.type);
  if (column.csv?.read === 'name') value = cut(value);
  return substitute === undefined ? value : `coalesce(${value}, ${substitute})`;
}

function fitting(value: string, from: string, to: string): string {
  if (from === to) return value;
  switch (to) {
    case 'text':
      return `${value}::text`;
    case 'integer':
    case 'smallint': {
      // The most digits that certainly fit; ids and years have far fewer.
      const digits = to === 'integer' ? 9 : 4;
      return `CASE WHEN ${value}::text ~ '^-?[0-9]{1,${digits}}$' THEN ${value}::text::${to} END`;
    }
    default:
      return from === 'timestamp without time zone' || from === 'date'
        ? `${value}::${to}`
        : `NULL::${to}`;
  }
}

/** Cuts at a character boundary so that the value fits an index row. */
function cut(value: string): string {
  const fits = `(SELECT max(n) FROM generate_series(1, ${longestIndexedBytes}) n WHERE octet_length(left(${value}, n)) <= ${longestIndexedBytes})`;
  return `CASE WHEN octet_length(${value}) <= ${longestIndexedBytes} THEN ${value} ELSE left(${value}, ${fits}) END`;
}
