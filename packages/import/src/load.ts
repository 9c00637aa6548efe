/** Runs COPY for the tables of an import, each in a transaction of its own. */
import { copyIn, qualifiedName, quoteIdentifier, type Client, withClient } from '@wxyc/postgres';
import { createReleaseCompanions, editionTable, trackCountTable } from '@wxyc/cache';
import { type CsvReader, IdSet, readRecords } from '@wxyc/csv';
import {
  bulkSource,
  releaseCompanions,
  fromDump,
  rootIdColumn,
  rootOf,
  table,
  tablesOf,
  type Profile,
  type Root,
  type Table,
} from '@wxyc/dataset';
import { ChildRows, type ChildOptions } from './child-rows.js';
import { creditRows } from './credit-rows.js';
import { idsOf } from './credited.js';
import { editionRows, type EditionFiles } from './edition-rows.js';
import { drop, newCounts, type TableCounts } from './counts.js';
import { gather, gatheredColumns, insertWithGathered, type Gathered } from './gathered.js';
import { openLayout } from './layout.js';
import type { CsvLayout } from './csv-layout.js';
import type { Rejects } from './rejects.js';
import { rootRows } from './root-rows.js';
import { importedColumns } from './row-encoder.js';
import { trackCountRows } from './track-counts.js';

/** What all loads of one import share. */
export interface Loading {
  databaseUrl: string;
  schema: string;
  applicationName: string;
  signal: AbortSignal;
  profile: Profile;
  /** CSV files that were opened, to be closed: a COPY that fails at once never begins to read its file. */
  opened: CsvReader[];
  rejects: Rejects;
  releases: RootIds;
  /** Called with the number of bytes that were newly read from any file. */
  onBytes: (bytes: number) => void;
}

/** A connection in a transaction; `work` runs in it. Commits at the end, or leaves everything as it was. */
export async function inTransaction<T>(
  loading: Loading,
  doing: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { databaseUrl, applicationName, signal } = loading;
  return withClient(databaseUrl, { applicationName, signal, doing }, async (client) => {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  });
}

/** `COPY … FROM STDIN` into a table of the schema. FREEZE: since the same transaction emptied the table, its rows need no later vacuum. */
function copyStatement(
  schema: string,
  name: string,
  columns: readonly string[],
  frozen: boolean,
): string {
  return `COPY ${qualifiedName(schema, name)} (${columns.map(quoteIdentifier).join(', ')}) FROM STDIN${frozen ? ' WITH (FREEZE)' : ''}`;
}

/** Makes COPY FREEZE possible. The table is already empty and bare. */
async function truncate(client: Client, schema: string, name: string): Promise<void> {
  await client.query(`TRUNCATE ${qualifiedName(schema, name)}`);
}

function byteCounter(loading: Loading): (bytesRead: number) => void {
  let last = 0;
  return (bytesRead) => {
    loading.onBytes(bytesRead - last);
    last = bytesRead;
  };
}

export interface LoadedReleases {
  counts: TableCounts;
  /** Releases with an artwork_url. */
  artwork: number;
}

/** The releases, artists or masters that a load brings children of, by their ids. */
export interface RootIds {
  /** Those that are in the database. */
  loaded: IdSet;
  /** Those whose own row came more than once. */
  repeated: IdSet;
}

export const newRootIds = (): RootIds => ({ loaded: new IdSet(), repeated: new IdSet() });

const columnNames = (table: Table): string[] => importedColumns(table).map(({ name }) => name);

/** Loads release.csv, with what is gathered from other files, and fills the set of loaded releases. */
export async function loadReleases(
  client: Client,
  loading: Loading,
  layout: CsvLayout,
  sources: ReadonlyMap<string, CsvLayout>,
): Promise<LoadedReleases> {
  const { schema, signal, rejects, releases, profile } = loading;
  const counts = newCounts('release');
  const target = table('release', profile);
  const gathered: Gathered[] = [];
  for (const column of gatheredColumns(target)) {
    const source = sources.get(column.name);
    const found =
      source &&
      (await gather(
        client,
        column,
        await openLayout(source, loading),
        byteCounter(loading),
        signal,
      ));
    if (found) gathered.push(found);
  }
  const columns = columnNames(target);
  const rows = rootRows(await openLayout(layout, loading), {
    table: target,
    ...releases,
    layout,
    counts,
    rejects,
    onBatch: byteCounter(loading),
  });
  await truncate(client, schema, 'release');
  const release = qualifiedName(schema, 'release');
  if (gathered.length === 0) {
    counts.written = await copyIn(
      client,
      copyStatement(schema, 'release', columns, true),
      rows,
      signal,
    );
    return { counts, artwork: 0 };
  }
  await client.query(
    `CREATE TEMP TABLE import_release ON COMMIT DROP AS SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${release} WHERE false`,
  );
  await copyIn(
    client,
    `COPY import_release (${columns.map(quoteIdentifier).join(', ')}) FROM STDIN`,
    rows,
    signal,
  );
  counts.written = await insertWithGathered(client, 'import_release', release, columns, gathered);
  const chosen = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${release} WHERE artwork_url IS NOT NULL`,
  );
  return { counts, artwork: Number(chosen.rows[0]?.count ?? 0) };
}

/** Loads artist.csv or master.csv, only the rows that are wanted, and fills `rootIds`. */
export function loadRoot(
  loading: Loading,
  name: Root,
  layout: CsvLayout,
  rootIds: RootIds,
  wanted: IdSet,
  stamp: string | undefined,
): Promise<TableCounts> {
  const { schema, signal, rejects, profile } = loading;
  const counts = newCounts(name);
  const target = table(name, profile);
  return inTransaction(loading, `Loading ${layout.path}`, async (client) => {
    await truncate(client, schema, name);
    const rows = rootRows(await openLayout(layout, loading), {
      table: target,
      ...rootIds,
      wanted,
      stamp,
      layout,
      counts,
      rejects,
      onBatch: byteCounter(loading),
    });
    counts.written = await copyIn(
      client,
      copyStatement(schema, name, columnNames(target), true),
      rows,
      signal,
    );
    return counts;
  });
}

/** Writes a cache_metadata row for each release in the releases' own transaction, so that neither is ever there without the other. */
export async function writeMetadata(client: Client, { schema }: Loading): Promise<void> {
  await truncate(client, schema, 'cache_metadata');
  await client.query(
    `INSERT INTO ${qualifiedName(schema, 'cache_metadata')} (release_id, source) SELECT id, '${bulkSource}' FROM ${qualifiedName(schema, 'release')}`,
  );
}

/** Loads the file of a child table, including its further runs. */
export function loadChildren(
  loading: Loading,
  target: Table,
  layout: CsvLayout,
  rootIds: RootIds = loading.releases,
): Promise<TableCounts> {
  const { schema, signal, rejects } = loading;
  const counts = newCounts(target.name);
  const options: ChildOptions = {
    table: target,
    layout,
    counts,
    rejects,
    ...rootIds,
    onBatch: byteCounter(loading),
  };
  return inTransaction(loading, `Loading ${layout.path}`, async (client) => {
    await truncate(client, schema, target.name);
    const rows = ChildRows.firstRuns(options);
    counts.written = await copyIn(
      client,
      copyStatement(schema, target.name, columnNames(target), true),
      rows.encode(await openLayout(layout, loading)),
      signal,
    );
    if (rows.sawFurther) await loadFurtherRuns(client, loading, options, rows);
    return counts;
  });
}

/** Merges further runs of a root: keys that the first run or an earlier row has are duplicates, though a main credit may win. */
async function loadFurtherRuns(
  client: Client,
  loading: Loading,
  options: ChildOptions,
  first: ChildRows,
): Promise<void> {
  const again = first.furtherRuns({ ...options, onBatch: () => undefined });
  await stageRows(client, loading, options, again);
  await mergeStaged(client, loading.schema, options);
}

const staging = 'import_staged';

/** Copies what `rows` encodes into a temporary table, each row with its ordinal. */
async function stageRows(
  client: Client,
  loading: Loading,
  { table: target, layout }: ChildOptions,
  rows: ChildRows,
): Promise<void> {
  const { schema, signal } = loading;
  const columns = columnNames(target).map(quoteIdentifier).join(', ');
  await client.query(
    `DROP TABLE IF EXISTS ${staging}; CREATE TEMP TABLE ${staging} AS SELECT ${columns}, 0::bigint AS import_ordinal FROM ${qualifiedName(schema, target.name)} WHERE false`,
  );
  await copyIn(
    client,
    `COPY ${staging} (${columns}, import_ordinal) FROM STDIN`,
    rows.encode(await openLayout(layout, loading)),
    signal,
  );
  await client.query(`ANALYZE ${staging}`);
}

/** Adds the staged rows whose keys the table does not have; if the table has no key in the list of tables, the rows that it does not have with the same values in all columns. */
async function mergeStaged(
  client: Client,
  schema: string,
  { table: target, counts }: ChildOptions,
): Promise<void> {
  const name = qualifiedName(schema, target.name);
  const columns = columnNames(target);
  const ordinal = importedColumns(target).find(({ csv }) => csv?.read === 'ordinal')?.name;
  const keys = target.distinct ?? columns.filter((column) => column !== ordinal);
  // Performers differ by name, other credits by role as well.
  const apart = target.others === 'apart' ? columns.filter((column) => !keys.includes(column)) : [];
  const keyOf = (row: string): string[] => [
    ...keys.map((column) => `${row}.${quoteIdentifier(column)}`),
    ...apart.map(
      (column) => `CASE WHEN ${row}.extra > 0 THEN ${row}.${quoteIdentifier(column)} END`,
    ),
  ];
  const required = (column: string | undefined): boolean =>
    target.columns.find((candidate) => candidate.name === column)?.notNull === true;
  const [there, late] = [keyOf('t'), keyOf('l')];
  const sameKey = there
    .map((value, at) => `${value} ${required(keys[at]) ? '=' : 'IS NOT DISTINCT FROM'} ${late[at]}`)
    .join(' AND ');
  const staged = await client.query<{ count: string }>(`SELECT count(*) FROM ${staging}`);
  if (target.mainWins)
    await client.query(
      `UPDATE ${name} t SET extra = 0 FROM ${staging} l WHERE l.extra = 0 AND t.extra <> 0 AND ${sameKey}`,
    );
  const rootId = quoteIdentifier(rootIdColumn(target));
  const values = columns.map((column) =>
    column === ordinal
      ? `(SELECT coalesce(max(t.${quoteIdentifier(column)}), 0) FROM ${name} t WHERE t.${rootId} = l.${rootId}) + row_number() OVER (PARTITION BY l.${rootId} ORDER BY l.import_ordinal)`
      : `l.${quoteIdentifier(column)}`,
  );
  const inserted = await client.query(
    `INSERT INTO ${name} (${columns.map(quoteIdentifier).join(', ')})
     SELECT ${values.join(', ')} FROM (SELECT DISTINCT ON (${late.join(', ')}) l.* FROM ${staging} l ORDER BY ${late.join(', ')}${target.mainWins ? ', l.extra' : ''}, l.import_ordinal) l
      WHERE NOT EXISTS (SELECT FROM ${name} t WHERE ${sameKey}) ORDER BY l.import_ordinal`,
  );
  counts.written += inserted.rowCount ?? 0;
  drop(counts, 'duplicate', Number(staged.rows[0]?.count ?? 0) - (inserted.rowCount ?? 0));
}

/** Adds the rows of a few files to what the tables hold: corrected rejects. Keys and indexes stay. */
export async function addRows(
  client: Client,
  loading: Loading,
  files: Map<string, CsvLayout>,
): Promise<TableCounts[]> {
  const { schema, signal, rejects, releases, profile } = loading;
  const all: TableCounts[] = [];
  for (const target of tablesOf(profile)) {
    const layout = files.get(target.name);
    if (!layout) continue;
    const counts = newCounts(target.name);
    all.push(counts);
    const rootIds =
      rootOf(target) === 'release'
        ? releases
        : await readRootIds(client, schema, rootOf(target), signal);
    if (target.rootKey === undefined) {
      counts.written = await addRootRows(client, loading, target, layout, counts, rootIds);
      continue;
    }
    const options: ChildOptions = {
      table: target,
      layout,
      counts,
      rejects,
      ...rootIds,
      onBatch: () => undefined,
    };
    await stageRows(client, loading, options, ChildRows.allRuns(options));
    await mergeStaged(client, schema, options);
    if (target.name === 'release_artist') {
      await createReleaseCompanions(client, schema);
      const credits = creditRows(
        await openLayout(layout, loading),
        layout,
        releases.loaded,
        new IdSet(),
        () => undefined,
      );
      await copyIn(
        client,
        copyStatement(schema, 'release_credit', creditColumns, false),
        credits,
        signal,
      );
    }
  }
  return all;
}

/** Releases, artists or masters that are not there yet. A release gets its metadata too. */
async function addRootRows(
  client: Client,
  loading: Loading,
  target: Table,
  layout: CsvLayout,
  counts: TableCounts,
  rootIds: RootIds,
): Promise<number> {
  const { schema, signal, rejects } = loading;
  const name = qualifiedName(schema, target.name);
  const present = await client.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [name],
  );
  const imported = importedColumns(target);
  // Dedup may have dropped a column (`master_id`): it is read, and left out.
  const list = imported
    .filter((column) => present.rows.some((found) => found.name === column.name))
    .map((column) => quoteIdentifier(column.name))
    .join(', ');
  const staged = `import_${target.name}`;
  await client.query(
    `CREATE TEMP TABLE ${staged} (${imported.map((column) => `${quoteIdentifier(column.name)} ${column.type}`).join(', ')}) ON COMMIT DROP`,
  );
  const stamp = imported.some(({ csv }) => csv?.read === 'stamp')
    ? await readStamp(client, schema)
    : undefined;
  await copyIn(
    client,
    `COPY ${staged} FROM STDIN`,
    rootRows(await openLayout(layout, loading), {
      table: target,
      layout,
      counts,
      rejects,
      ...rootIds,
      stamp,
      onBatch: () => undefined,
    }),
    signal,
  );
  const written =
    (await client.query(`INSERT INTO ${name} (${list}) SELECT ${list} FROM ${staged}`)).rowCount ??
    0;
  if (target.name === 'release')
    await client.query(
      `INSERT INTO ${qualifiedName(schema, 'cache_metadata')} (release_id, source) SELECT id, '${bulkSource}' FROM ${staged}`,
    );
  return written;
}

/** When the releases were imported. Artists and masters of the dump carry the same time; those that consumers fetch carry another. */
export async function readStamp(client: Client, schema: string): Promise<string> {
  const { rows } = await client.query<{ at: string | null }>(
    `SELECT coalesce(min(cached_at), now())::text AS at FROM ${qualifiedName(schema, 'cache_metadata')} WHERE ${fromDump('source')}`,
  );
  return rows[0]!.at!;
}

/** How many titled rows each release has in release_track.csv, for dedup: the tracks themselves are loaded after it. */
export function loadTrackCounts(loading: Loading, layout: CsvLayout): Promise<number> {
  return inTransaction(loading, `Counting the tracks of ${layout.path}`, async (client) => {
    await truncate(client, loading.schema, trackCountTable);
    const rows = trackCountRows(
      await openLayout(layout, loading),
      layout,
      loading.releases.loaded,
      byteCounter(loading),
    );
    return copyIn(
      client,
      copyStatement(loading.schema, trackCountTable, ['release_id', 'track_count'], true),
      rows,
      loading.signal,
    );
  });
}

/** Labels with catalogue numbers, and formats, for dedup. */
export function loadEditions(loading: Loading, files: EditionFiles): Promise<number> {
  return inTransaction(loading, 'Loading labels and formats', async (client) => {
    await truncate(client, loading.schema, editionTable);
    return copyIn(
      client,
      copyStatement(loading.schema, editionTable, ['release_id', 'label', 'catno', 'format'], true),
      editionRows(files, loading.releases.loaded, loading.signal),
      loading.signal,
    );
  });
}

const creditColumns = releaseCompanions
  .find(({ name }) => name === 'release_credit')!
  .columns.map(({ name }) => name);

/**
 * Loads what release_artist cannot hold of the main credits into the companion release_credit.
 *
 * @param aliases File of artists with aliases, if there is one: their ids are kept.
 */
export function loadCredits(
  loading: Loading,
  layout: CsvLayout,
  aliases: string | undefined,
): Promise<number> {
  return inTransaction(loading, `Loading the main credits of ${layout.path}`, async (client) => {
    await truncate(client, loading.schema, 'release_credit');
    const known = new IdSet();
    if (aliases !== undefined)
      for await (const { artist_id: id } of readRecords(aliases, {
        delimiter: ',',
        signal: loading.signal,
      }))
        if (/^[1-9]\d{0,9}$/.test(id ?? '')) known.add(Number(id));
    const rows = creditRows(
      await openLayout(layout, loading),
      layout,
      loading.releases.loaded,
      known,
      byteCounter(loading),
    );
    return copyIn(
      client,
      copyStatement(loading.schema, 'release_credit', creditColumns, true),
      rows,
      loading.signal,
    );
  });
}

/** The releases, artists or masters in the database, for a later load of their children. */
async function readRootIds(
  client: Client,
  schema: string,
  root: Root,
  signal: AbortSignal,
): Promise<RootIds> {
  return {
    loaded: await idsOf(client, `SELECT id FROM ${qualifiedName(schema, root)}`, signal),
    repeated: new IdSet(),
  };
}

/** Fills the set of loaded releases from the database. */
export async function readReleases(loading: Loading): Promise<void> {
  loading.releases = await inTransaction(loading, 'Reading the releases', (client) =>
    readRootIds(client, loading.schema, 'release', loading.signal),
  );
}
