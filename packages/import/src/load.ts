/** Runs COPY for the tables of an import, each in a transaction of its own. */
import { copyIn, copyOut, openClient, qualifiedName, quoteIdentifier, databaseFailure, type Client } from '@wxyc/postgres';
import { createCompanions, editionTable, trackCountTable } from '@wxyc/cache';
import { readRecords } from '@wxyc/csv';
import { artworkTable, insertWithArtwork, loadArtworkCandidates } from './artwork.js';
import { ChildRows, type ChildOptions } from './child-rows.js';
import { creditRows } from './credit-rows.js';
import { editionRows, type EditionFiles } from './edition-rows.js';
import { drop, newCounts, type TableCounts } from './counts.js';
import { IdSet } from './id-set.js';
import { copyColumns, openLayout, type CsvLayout } from './layout.js';
import type { Rejects } from './rejects.js';
import { releaseRows } from './release-rows.js';
import { trackCountRows } from './track-counts.js';

/** What all loads of one import share. */
export interface Loading {
  databaseUrl: string;
  schema: string;
  applicationName: string;
  signal: AbortSignal;
  rejects: Rejects;
  loaded: IdSet;
  /** Called with further bytes read of any file. */
  onBytes: (bytes: number) => void;
}

/** A connection in a transaction; `work` runs in it. Commits at the end, or leaves everything as it was. */
export async function inTransaction<T>(loading: Loading, doing: string, work: (client: Client) => Promise<T>): Promise<T> {
  const { databaseUrl, applicationName, signal } = loading;
  const client = await openClient(databaseUrl, { applicationName, signal });
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    throw databaseFailure(error, databaseUrl, doing, signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `COPY … FROM STDIN` into a table of the schema. FREEZE: written in the transaction that emptied the table, its rows need no later vacuum. */
function copyStatement(schema: string, table: string, columns: readonly string[], frozen: boolean): string {
  return `COPY ${qualifiedName(schema, table)} (${columns.map(quoteIdentifier).join(', ')}) FROM STDIN${frozen ? ' WITH (FREEZE)' : ''}`;
}

/** Makes COPY FREEZE allowed. The table is empty and bare already. */
async function truncate(client: Client, schema: string, table: string): Promise<void> {
  await client.query(`TRUNCATE ${qualifiedName(schema, table)}`);
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

/** release.csv, with artwork where release_image.csv has any. Fills `loaded`. */
export async function loadReleases(client: Client, loading: Loading, layout: CsvLayout, images: CsvLayout | undefined): Promise<LoadedReleases> {
  const { schema, signal, rejects, loaded } = loading;
  const counts = newCounts('release');
  const candidates = images ? await loadArtworkCandidates(client, await openLayout(images, signal), byteCounter(loading), signal) : 0;
  const columns = copyColumns('release');
  const rows = releaseRows(await openLayout(layout, signal), loaded, { layout, counts, rejects, onBatch: byteCounter(loading) });
  await truncate(client, schema, 'release');
  let artwork = 0;
  if (candidates > 0) {
    await client.query(`CREATE TEMP TABLE import_release ON COMMIT DROP AS SELECT ${columns.join(', ')} FROM ${qualifiedName(schema, 'release')} WHERE false`);
    counts.written = await copyIn(client, `COPY import_release (${columns.join(', ')}) FROM STDIN`, rows, signal);
    artwork = await insertWithArtwork(client, 'import_release', qualifiedName(schema, 'release'));
    await client.query(`DROP TABLE ${artworkTable}`);
  } else {
    counts.written = await copyIn(client, copyStatement(schema, 'release', columns, true), rows, signal);
  }
  return { counts, artwork };
}

/** A cache_metadata row for each release, in the releases' own transaction: there is never one without the other. */
export async function writeMetadata(client: Client, { schema }: Loading): Promise<void> {
  await truncate(client, schema, 'cache_metadata');
  await client.query(`INSERT INTO ${qualifiedName(schema, 'cache_metadata')} (release_id, source) SELECT id, 'bulk_import' FROM ${qualifiedName(schema, 'release')}`);
}

/** One file below the releases, its further runs included. */
export function loadChildren(loading: Loading, table: ChildOptions['table'], layout: CsvLayout): Promise<TableCounts> {
  const { schema, signal, rejects, loaded } = loading;
  const counts = newCounts(table);
  const options: ChildOptions = { table, layout, counts, rejects, loaded, onBatch: byteCounter(loading) };
  return inTransaction(loading, `Loading ${layout.path}`, async (client) => {
    await truncate(client, schema, table);
    const columns = copyColumns(table);
    const rows = new ChildRows(options);
    counts.written = await copyIn(client, copyStatement(schema, table, columns, true), rows.encode(await openLayout(layout, signal)), signal);
    if (rows.sawLate) await loadLateRows(client, loading, options, rows);
    return counts;
  });
}

/** Merges further runs of a release: keys that the first run or an earlier row has are duplicates, and a main credit wins. */
async function loadLateRows(client: Client, loading: Loading, options: ChildOptions, first: ChildRows): Promise<void> {
  const again = new ChildRows({ ...options, onBatch: () => undefined }, first);
  await stageRows(client, loading, options, again);
  await mergeStaged(client, loading.schema, options);
}

const staging = 'import_staged';

/** Copies what `rows` encodes in its late pass into a temporary table, each row with its ordinal. */
async function stageRows(client: Client, { schema, signal }: Loading, { table, layout }: ChildOptions, rows: ChildRows): Promise<void> {
  const columns = copyColumns(table).map(quoteIdentifier).join(', ');
  await client.query(`DROP TABLE IF EXISTS ${staging}; CREATE TEMP TABLE ${staging} AS SELECT ${columns}, 0::bigint AS ordinal FROM ${qualifiedName(schema, table)} WHERE false`);
  await copyIn(client, `COPY ${staging} (${columns}, ordinal) FROM STDIN`, rows.encode(await openLayout(layout, signal)), signal);
  await client.query(`ANALYZE ${staging}`);
}

/** Adds the staged rows whose keys the table does not have. */
async function mergeStaged(client: Client, schema: string, { table, counts }: ChildOptions): Promise<void> {
  const target = qualifiedName(schema, table);
  const columns = copyColumns(table);
  const keys = table === 'release_artist' ? ['release_id', 'artist_name'] : table === 'release_label' ? ['release_id', 'label_name'] : table === 'release_track' ? ['release_id', 'sequence'] : columns;
  const list = (prefix: string, names: readonly string[]): string => names.map((name) => `${prefix}${quoteIdentifier(name)}`).join(', ');
  const sameKey = keys.map((name) => `t.${quoteIdentifier(name)} = l.${quoteIdentifier(name)}`).join(' AND ');
  const staged = await client.query<{ count: string }>(`SELECT count(*) FROM ${staging}`);
  if (table === 'release_artist') await client.query(`UPDATE ${target} t SET extra = 0 FROM ${staging} l WHERE l.extra = 0 AND t.extra <> 0 AND ${sameKey}`);
  const inserted = await client.query(
    `INSERT INTO ${target} (${list('', columns)})
     SELECT DISTINCT ON (${list('l.', keys)}) ${list('l.', columns)} FROM ${staging} l
      WHERE NOT EXISTS (SELECT FROM ${target} t WHERE ${sameKey})
      ORDER BY ${list('l.', keys)}${table === 'release_artist' ? ', l.extra' : ''}, l.ordinal`,
  );
  counts.written += inserted.rowCount ?? 0;
  drop(counts, 'duplicate', Number(staged.rows[0]?.count ?? 0) - (inserted.rowCount ?? 0));
}

/** Adds the rows of a few files to what the tables hold: corrected rejects. Keys and indexes stay. */
export async function addRows(client: Client, loading: Loading, files: Map<string, CsvLayout>): Promise<TableCounts[]> {
  const { schema, signal, rejects, loaded } = loading;
  const all: TableCounts[] = [];
  for (const [name, layout] of files) {
    const counts = newCounts(name);
    all.push(counts);
    if (name === 'release') {
      const { rows: columns } = await client.query(`SELECT 1 FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'master_id' AND NOT attisdropped`, [qualifiedName(schema, 'release')]);
      const list = copyColumns('release').filter((column) => column !== 'master_id' || columns.length > 0).join(', ');
      await client.query('CREATE TEMP TABLE import_release (id integer, title text, release_year smallint, country text, master_id integer)');
      await copyIn(client, 'COPY import_release FROM STDIN', releaseRows(await openLayout(layout, signal), loaded, { layout, counts, rejects, onBatch: () => undefined }), signal);
      counts.written = (await client.query(`INSERT INTO ${qualifiedName(schema, 'release')} (${list}) SELECT ${list} FROM import_release`)).rowCount ?? 0;
      await client.query(`INSERT INTO ${qualifiedName(schema, 'cache_metadata')} (release_id, source) SELECT id, 'bulk_import' FROM import_release`);
      continue;
    }
    const options: ChildOptions = { table: name as ChildOptions['table'], layout, counts, rejects, loaded, onBatch: () => undefined };
    await stageRows(client, loading, options, new ChildRows(options, 'additional'));
    await mergeStaged(client, schema, options);
    if (name === 'release_artist') {
      await createCompanions(client, schema);
      const credits = creditRows(await openLayout(layout, signal), layout, loaded, new IdSet(), () => undefined);
      await copyIn(client, copyStatement(schema, 'release_credit', creditColumns, false), credits, signal);
    }
  }
  return all;
}

/** How many titled rows each release has in release_track.csv, for dedup: the tracks themselves come after it. */
export function loadTrackCounts(loading: Loading, layout: CsvLayout): Promise<number> {
  return inTransaction(loading, `Counting the tracks of ${layout.path}`, async (client) => {
    await truncate(client, loading.schema, trackCountTable);
    const rows = trackCountRows(await openLayout(layout, loading.signal), layout, loading.loaded, byteCounter(loading));
    return copyIn(client, copyStatement(loading.schema, trackCountTable, ['release_id', 'track_count'], true), rows, loading.signal);
  });
}

/** Labels with catalogue numbers, and formats, for dedup. */
export function loadEditions(loading: Loading, files: EditionFiles): Promise<number> {
  return inTransaction(loading, 'Loading labels and formats', async (client) => {
    await truncate(client, loading.schema, editionTable);
    return copyIn(client, copyStatement(loading.schema, editionTable, ['release_id', 'label', 'catno', 'format'], true), editionRows(files, loading.loaded, loading.signal), loading.signal);
  });
}

const creditColumns = ['release_id', 'artist_name', 'variation', 'artist_id'];

/**
 * What release_artist cannot hold of the main credits, into the companion release_credit.
 *
 * @param aliases File of artists with aliases, if there is one: their ids are kept.
 */
export function loadCredits(loading: Loading, layout: CsvLayout, aliases: string | undefined): Promise<number> {
  return inTransaction(loading, `Loading further names of ${layout.path}`, async (client) => {
    await truncate(client, loading.schema, 'release_credit');
    const known = new IdSet();
    if (aliases !== undefined) for await (const { artist_id: id } of readRecords(aliases, { delimiter: ',', signal: loading.signal })) if (/^[1-9]\d{0,9}$/.test(id ?? '')) known.add(Number(id));
    const rows = creditRows(await openLayout(layout, loading.signal), layout, loading.loaded, known, byteCounter(loading));
    return copyIn(client, copyStatement(loading.schema, 'release_credit', creditColumns, true), rows, loading.signal);
  });
}

/** The ids of the releases in the database, for a later load of their tracks. */
export async function readLoadedIds(loading: Loading): Promise<void> {
  await inTransaction(loading, 'Reading the releases', async (client) => {
    let rest = '';
    await copyOut(
      client,
      `COPY (SELECT id FROM ${qualifiedName(loading.schema, 'release')}) TO STDOUT`,
      async (chunks) => {
        for await (const chunk of chunks) {
          const lines = (rest + chunk.toString('latin1')).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) loading.loaded.add(Number(line));
        }
      },
      loading.signal,
    );
  });
}
