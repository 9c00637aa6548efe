/** Loads release CSVs into the bare tables of a schema. */
import { basename } from 'node:path';
import { withRunLock, openClient, databaseFailure, type RunLock } from '@wxyc/postgres';
import { publishedSchema, table } from '@wxyc/dataset';
import { BadInputError, checkOptions, oneOf, option, type OptionKinds, required, stepContext, type StepContext, type StepResult } from '@wxyc/step';
import type { ChildOptions } from './child-rows.js';
import type { TableCounts } from './counts.js';
import { IdSet } from './id-set.js';
import { readLayouts, type CsvFiles, type ImportMode } from './layout.js';
import { inTransaction, loadChildren, loadCredits, loadEditions, loadReleases, loadTrackCounts, readLoadedIds, writeMetadata, type Loading } from './load.js';
import { prepareTables } from './prepare.js';
import { Rejects } from './rejects.js';
import { reloadRejects } from './reload.js';

export interface ImportOptions {
  /** Directory with release.csv and its companions; or a corrected `rejects.csv`, whose rows are added to what was loaded. */
  csvDir: string;
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** `base`: everything but tracks, which are counted for dedup; `tracks`: tracks of the releases that are in the database. Default `all`. */
  mode?: ImportMode | undefined;
  /** Where rows that cannot be loaded go. Default: `rejects.csv` in the CSV directory, or in the working directory if that is read-only. */
  rejectsFile?: string | undefined;
  /** A lock held already. */
  lock?: RunLock | undefined;
}

export interface ImportResult extends StepResult {
  tables: TableCounts[];
  /** Releases that got an artwork_url. */
  artwork: number;
  /** Rows in {@link rejectsFile}. */
  rejected: number;
  rejectsFile: string;
}

const optionKinds: OptionKinds<ImportOptions> = {
  csvDir: required(option.text),
  databaseUrl: required(option.text),
  schema: option.text,
  mode: oneOf('all', 'base', 'tracks'),
  rejectsFile: option.text,
  lock: option.object,
};

/**
 * Loads the files; what the tables held before is gone. Keys and indexes are dropped, and built by the index step. Memory
 * does not grow with the files, but for a bit per release id.
 *
 * @example
 * await importCsv({ csvDir: 'filtered', databaseUrl: 'postgresql:///discogs', schema: 'discogs_next', mode: 'base' });
 */
export async function importCsv(options: ImportOptions, context?: Partial<StepContext>): Promise<ImportResult> {
  checkOptions('importCsv', options, optionKinds);
  const { databaseUrl, csvDir, schema = publishedSchema, mode = 'all' } = options;
  const { signal, logger, progress } = stepContext(context);
  const began = performance.now();
  if (/\.csv$/i.test(csvDir)) return addRejects(options, context, began);
  const csv = await readLayouts(csvDir, mode, signal);
  const names = [...csv.files.values()].map(({ path }) => basename(path));
  await Rejects.guard(csvDir, names, options.rejectsFile);
  for (const warning of csv.warnings) logger.warn(warning);

  return withRunLock(options.lock, databaseUrl, 'wxyc-import', context, async (lock, { signal }) => {
    const rejects = await Rejects.open(csvDir, names, options.rejectsFile);
    // The main artists are read twice: for their names, and for what else is told of them.
    const again = mode === 'tracks' ? 0 : (csv.files.get('release_artist')?.size ?? 0);
    const task = progress.start('import', { unit: 'bytes', total: [...csv.files.values()].reduce((sum, { size }) => sum + size, again) });
    let bytes = 0;
    const loading: Loading = {
      databaseUrl,
      schema,
      applicationName: lock.applicationName('wxyc-import'),
      // One load that fails ends the others.
      signal,
      rejects,
      loaded: new IdSet(),
      onBytes: (more) => task.update((bytes += more)),
    };
    try {
      const bared = await prepare(loading, mode);
      if (bared > 0) logger.info({ schema, dropped: bared }, `dropped ${bared} keys and indexes for the load; wxyc-index builds them at the end`);
      const { tables, artwork } = mode === 'tracks' ? await loadTracks(loading, csv) : await loadAll(loading, csv, mode);
      await rejects.finish();
      const result = resultOf(tables, artwork, rejects, mode, (performance.now() - began) / 1000);
      for (const { table: name, read, written, dropped } of tables) logger.info({ table: name, read, written, dropped }, `loaded ${written} rows into ${name}`);
      if (result.note) logger.info(result.note);
      if (rejects.count) logger.warn({ rejected: rejects.count }, `${rejects.count} rows could not be loaded; they are in ${rejects.path}`);
      return result;
    } catch (error) {
      await rejects.discard().catch(() => undefined);
      throw error;
    } finally {
      task.end();
    }
  });
}

/** Loads a corrected rejects file: nothing is emptied, keys and indexes stay. */
async function addRejects(options: ImportOptions, context: Partial<StepContext> | undefined, began: number): Promise<ImportResult> {
  const { databaseUrl, csvDir: file, schema = publishedSchema } = options;
  const { logger } = stepContext(context);
  return withRunLock(options.lock, databaseUrl, 'wxyc-import', context, async (lock, { signal }) => {
    const applicationName = lock.applicationName('wxyc-import');
    const { tables, rejects } = await reloadRejects(file, { databaseUrl, schema, applicationName, signal, loaded: new IdSet(), onBytes: () => undefined });
    if (rejects.count) logger.warn({ rejected: rejects.count }, `${rejects.count} rows could still not be loaded; they are in ${rejects.path}`);
    return resultOf(tables, 0, rejects, 'tracks', (performance.now() - began) / 1000);
  });
}

async function prepare(loading: Loading, mode: ImportMode): Promise<number> {
  const client = await openClient(loading.databaseUrl, { applicationName: loading.applicationName, signal: loading.signal });
  try {
    return await prepareTables(client, loading.schema, mode);
  } catch (error) {
    throw databaseFailure(error, loading.databaseUrl, 'Emptying the tables', loading.signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Loaded {
  tables: TableCounts[];
  artwork: number;
}

/** Releases first, since their ids decide about all other rows; then the others side by side. */
async function loadAll(loading: Loading, csv: CsvFiles, mode: ImportMode): Promise<Loaded> {
  const releases = csv.files.get('release');
  if (!releases) throw new Error('release.csv was not opened');
  return inTransaction(loading, `Loading ${releases.path}`, async (client) => {
    const { counts, artwork } = await loadReleases(client, loading, releases, csv.files.get('release_image'));
    if (counts.written === 0) throw new BadInputError(`${releases.path} holds no release that can be loaded (${counts.read} rows read)`);
    // The releases' transaction stays open: as long as a part is missing, the schema holds no release at all.
    const names: ChildOptions['table'][] = mode === 'base' ? ['release_artist', 'release_label'] : ['release_artist', 'release_label', 'release_track', 'release_track_artist'];
    const [children] = await Promise.allSettled([loadTogether(loading, csv, names, mode === 'base'), writeMetadata(client, loading)]).then(settledOrThrow);
    return { tables: [counts, ...(children as TableCounts[])], artwork };
  });
}

/** Waits for both even if one fails: a query that still runs would outlive its connection. */
function settledOrThrow(results: PromiseSettledResult<unknown>[]): unknown[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function loadTracks(loading: Loading, csv: CsvFiles): Promise<Loaded> {
  await readLoadedIds(loading);
  return { tables: await loadTogether(loading, csv, ['release_track', 'release_track_artist'], false), artwork: 0 };
}

/** All at once; the first failure ends the others before it is passed on. */
async function loadTogether(loading: Loading, csv: CsvFiles, names: ChildOptions['table'][], countTracks: boolean): Promise<TableCounts[]> {
  const failed = new AbortController();
  const linked: Loading = { ...loading, signal: AbortSignal.any([loading.signal, failed.signal]) };
  const layouts = names.flatMap((name) => {
    const layout = csv.files.get(name);
    return layout ? [{ name, layout }] : [];
  });
  const credits = names.includes('release_artist') ? csv.files.get('release_artist') : undefined;
  const tracks = countTracks ? csv.files.get(table('release_track').name) : undefined;
  let first: unknown;
  const guard = async <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      if (!failed.signal.aborted) first = error;
      failed.abort();
      throw error;
    });
  const loads = layouts.map(({ name, layout }) => guard(loadChildren(linked, name, layout)));
  const others = [...(tracks ? [guard(loadTrackCounts(linked, tracks))] : []), ...(credits ? [guard(loadCredits(linked, credits, csv.aliases)), guard(loadEditions(linked, csv.editions))] : [])];
  const results = await Promise.allSettled([...loads, ...others]);
  if (results.some(({ status }) => status === 'rejected')) throw first;
  return Promise.all(loads);
}

function resultOf(tables: TableCounts[], artwork: number, rejects: Rejects, mode: ImportMode, seconds: number): ImportResult {
  const dropped: Record<string, number> = {};
  for (const counts of tables) for (const [reason, count] of Object.entries(counts.dropped)) dropped[reason] = (dropped[reason] ?? 0) + count;
  const sum = (pick: (counts: TableCounts) => number): number => tables.reduce((total, counts) => total + pick(counts), 0);
  const notes = [
    ...(mode === 'tracks' ? [] : [artwork ? `${artwork} releases have an artwork URL` : 'no artwork URLs, as usual: dumps have had none since 2015; wxyc-artwork fetches them']),
    ...(sum(({ cut }) => cut) ? [`${sum(({ cut }) => cut)} names were cut to 2600 bytes`] : []),
    ...(sum(({ invalidUtf8 }) => invalidUtf8) ? [`${sum(({ invalidUtf8 }) => invalidUtf8)} invalid bytes became U+FFFD`] : []),
    ...(sum(({ nul }) => nul) ? [`${sum(({ nul }) => nul)} NUL characters were dropped`] : []),
  ];
  return {
    step: 'import',
    unit: 'rows',
    read: sum(({ read }) => read),
    written: sum(({ written }) => written),
    dropped,
    seconds,
    ...(notes.length ? { note: notes.join('; ') } : {}),
    tables,
    artwork,
    rejected: rejects.count,
    rejectsFile: rejects.path,
  };
}
