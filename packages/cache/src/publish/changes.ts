/**
 * What a publication is going to change: the build compared with the cache that it replaces, release by release. Only imported
 * releases count; what consumers fetched is carried over in any case.
 */
import {
  fromDump,
  rootIdColumn,
  publishedSchema,
  releaseTablesOf,
  type Profile,
  type Table,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { oldValue, rootIdOf, wanted, type OldCache } from './old-cache.js';

/** One release as an example of a change. */
export interface ChangedRelease {
  id: number;
  /** Its first main artist. */
  artist: string | null;
  title: string;
  /** For a changed release, what changed: `title`, `artists`, `tracks`, … */
  what?: string[];
}

/** How many there are, and the first of them by id. */
export interface ChangeList {
  count: number;
  examples: ChangedRelease[];
}

export interface CacheChanges {
  /** Imported releases of the published cache, and of the build. */
  before: number;
  after: number;
  added: ChangeList;
  gone: ChangeList;
  changed: ChangeList;
}

const mostExamples = 20;

interface Part {
  table: string;
  columns: readonly string[];
  what: string;
}

/** Which columns of each table count as a change, and what that is called. Columns that consumers fill in do not come from the dump. */
const compared = (table: Table): Part[] =>
  table.rootKey === undefined
    ? table.columns.flatMap(({ name, what }) =>
        what === undefined ? [] : [{ table: table.name, columns: [name], what }],
      )
    : table.what === undefined
      ? []
      : [
          {
            table: table.name,
            columns: table.columns
              .map(({ name }) => name)
              .filter((name) => name !== rootIdColumn(table)),
            what: table.what,
          },
        ];

/** Compares, in a transaction that is rolled back; takes no lock that consumers would notice. Undefined if there is no cache. */
export async function compareCaches(
  client: Client,
  schema: string,
  profile: Profile,
  old: OldCache,
): Promise<CacheChanges | undefined> {
  const release = old.get('release');
  const id = release && rootIdOf(release);
  if (!release || !id) return undefined;
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    await client.query(`CREATE TEMPORARY TABLE compare_old ON COMMIT DROP AS ${oldIds(old, id)}; CREATE UNIQUE INDEX ON compare_old (id); ANALYZE compare_old;
      CREATE TEMPORARY TABLE compare_new ON COMMIT DROP AS SELECT r.id, ${fromDump('m.source')} AS bulk
        FROM ${qualifiedName(schema, 'release')} r LEFT JOIN ${qualifiedName(schema, 'cache_metadata')} m ON m.release_id = r.id; CREATE UNIQUE INDEX ON compare_new (id); ANALYZE compare_new;
      CREATE TEMPORARY TABLE compare_changed (id integer, what text) ON COMMIT DROP`);
    for (const part of releaseTablesOf(profile).flatMap(compared))
      await noteChanged(client, schema, old, part);
    const counts = await client.query<{ before: number; after: number }>(
      'SELECT (SELECT count(*)::int FROM pg_temp.compare_old WHERE bulk) AS before, (SELECT count(*)::int FROM pg_temp.compare_new WHERE bulk) AS after',
    );
    const added = await listed(
      client,
      schema,
      'SELECT n.id, NULL::text[] AS what FROM pg_temp.compare_new n WHERE n.bulk AND NOT EXISTS (SELECT FROM pg_temp.compare_old o WHERE o.id = n.id)',
    );
    const gone = await listed(
      client,
      publishedSchema,
      'SELECT o.id, NULL::text[] AS what FROM pg_temp.compare_old o WHERE o.bulk AND NOT EXISTS (SELECT FROM pg_temp.compare_new n WHERE n.id = o.id)',
      old,
    );
    const changed = await listed(
      client,
      schema,
      'SELECT id, array_agg(what) AS what FROM pg_temp.compare_changed GROUP BY id',
    );
    return { ...counts.rows[0]!, added, gone, changed };
  } finally {
    await client.query('ROLLBACK').catch(() => undefined);
  }
}

/** All releases of the old cache, and which of them were imported. It may lack keys and metadata. */
function oldIds(old: OldCache, id: string): string {
  const metadata = old.get('cache_metadata');
  const about = metadata && rootIdOf(metadata, 'm');
  const bulk =
    metadata && about
      ? `(SELECT ${about} AS id, bool_and(${fromDump(oldValue(metadata, 'source', 'm'))}) AS bulk FROM ${qualifiedName(publishedSchema, 'cache_metadata')} m GROUP BY 1)`
      : '(SELECT NULL::integer AS id, false AS bulk WHERE false)';
  return `SELECT ${id} AS id, coalesce(bool_and(b.bulk), false) AS bulk FROM ${qualifiedName(publishedSchema, 'release')} o LEFT JOIN ${bulk} b ON b.id = ${id} WHERE ${id} IS NOT NULL GROUP BY 1`;
}

/** Sums of hashes show whether two sets of rows are the same, whatever their order. A column that the old cache lacks does not count. */
async function noteChanged(
  client: Client,
  schema: string,
  old: OldCache,
  { table, columns, what }: Part,
): Promise<void> {
  const before = old.get(table);
  const id = before && rootIdOf(before);
  if (!before || !id || !columns.every((column) => before.columns.has(column))) return;
  const hash = (values: readonly string[]): string =>
    `sum(hashtextextended(row(${values.join(', ')})::text, 0))`;
  const inBoth = (of: string): string =>
    `JOIN pg_temp.compare_old a ON a.id = ${of} AND a.bulk JOIN pg_temp.compare_new b ON b.id = ${of} AND b.bulk`;
  const key = `n.${quoteIdentifier(rootIdColumn(before.table))}`;
  const oldHash = `SELECT ${id} AS id, ${hash(columns.map((column) => oldValue(before, column)))} AS hash FROM ${qualifiedName(publishedSchema, table)} o ${inBoth(id)} WHERE ${wanted(before)} GROUP BY 1`;
  const newHash = `SELECT ${key} AS id, ${hash(columns.map((column) => `n.${quoteIdentifier(column)}`))} AS hash FROM ${qualifiedName(schema, table)} n ${inBoth(key)} GROUP BY 1`;
  await client.query(
    `INSERT INTO pg_temp.compare_changed SELECT coalesce(o.id, n.id), '${what}' FROM (${oldHash}) o FULL JOIN (${newHash}) n ON n.id = o.id WHERE o.hash IS DISTINCT FROM n.hash`,
  );
}

async function listed(
  client: Client,
  schema: string,
  ids: string,
  old?: OldCache,
): Promise<ChangeList> {
  const artists = old?.get('release_artist');
  const title = old ? oldValue(old.get('release')!, 'title', 'r') : 'r.title';
  const id = old ? rootIdOf(old.get('release')!, 'r') : 'r.id';
  const names =
    old && !artists
      ? 'NULL::text'
      : `(SELECT a.artist_name::text FROM ${qualifiedName(schema, 'release_artist')} a WHERE a.release_id = l.id ORDER BY ${old && !artists?.columns.has('extra') ? '' : 'a.extra, '}a.ctid LIMIT 1)`;
  await client.query(`CREATE TEMPORARY TABLE compare_listed ON COMMIT DROP AS ${ids}`);
  const counted = await client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pg_temp.compare_listed',
  );
  const { rows } = await client.query<{
    id: number;
    artist: string | null;
    title: string | null;
    what: string[] | null;
  }>(
    `SELECT l.id, ${names} AS artist, (SELECT ${title} FROM ${qualifiedName(schema, 'release')} r WHERE ${id} = l.id LIMIT 1) AS title, l.what
       FROM (SELECT * FROM pg_temp.compare_listed ORDER BY id LIMIT ${mostExamples}) l ORDER BY l.id`,
  );
  await client.query('DROP TABLE pg_temp.compare_listed');
  return {
    count: counted.rows[0]!.count,
    examples: rows.map(({ id, artist, title, what }) => ({
      id,
      artist,
      title: title ?? '',
      ...(what ? { what } : {}),
    })),
  };
}
