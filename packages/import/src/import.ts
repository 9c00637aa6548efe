/** Loads release CSVs into the bare tables of a schema. */
import { basename } from 'node:path';
import { csvFingerprint, type CsvReader } from '@wxyc/csv';
import { isGentle, qualifiedName, withRunLock, type RunLock, withClient } from '@wxyc/postgres';
import { loadedTable, queryable, readProfile, refuseOtherProfile } from '@wxyc/cache';
import {
  filesOf,
  profiles,
  publishedSchema,
  rootOf,
  tablesOf,
  type Profile,
  type Root,
  type Table,
} from '@wxyc/dataset';
import {
  BadInputError,
  checkOptions,
  oneOf,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  UsageError,
} from '@wxyc/step';
import type { TableCounts } from './counts.js';
import { creditedIds } from './credited.js';
import { isLoadedBy, readLayouts, type CsvFiles, type ImportMode } from './layout.js';
import {
  inTransaction,
  loadChildren,
  loadCredits,
  loadEditions,
  loadReleases,
  loadRoot,
  loadTrackCounts,
  newRootIds,
  readReleases,
  readStamp,
  writeMetadata,
  type Loading,
  type RootIds,
} from './load.js';
import { prepareTables } from './prepare.js';
import { Rejects } from './rejects.js';
import { reloadRejects } from './reload.js';

export interface ImportOptions {
  /** Directory with release.csv and the files beside it; or a corrected `rejects.csv`, whose rows are added to what was loaded. */
  csvDir: string;
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /**
   * `base`: what dedup needs, with the tracks only counted; `tracks`: the rest of the releases that are in the database; `artists`: the artists and
   * masters that these name, for the full profile. Default `all`.
   */
  mode?: ImportMode | undefined;
  /** Refuse a schema of another profile. Default: take the schema's own. */
  profile?: Profile | undefined;
  /** Where rows that cannot be loaded go. Default: `rejects.csv` in the CSV directory, or in the working directory if that is read-only. */
  rejectsFile?: string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** Leave the server to those who use it: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
}

export interface ImportResult extends StepResult {
  /** Rows read, written and dropped of each table. */
  tables: TableCounts[];
  /** Releases that got an artwork_url. */
  artwork: number;
  /** Rows in {@link rejectsFile}. */
  rejected: number;
  /** The file with the rows that could not be loaded. */
  rejectsFile: string;
}

const optionKinds: OptionKinds<ImportOptions> = {
  csvDir: required(option.text),
  databaseUrl: required(option.text),
  schema: option.text,
  mode: oneOf('all', 'base', 'tracks', 'artists'),
  profile: oneOf(...profiles),
  rejectsFile: option.text,
  lock: option.object,
  gentle: option.flag,
};

/**
 * Loads the files; what the tables held before is gone. Keys and indexes are dropped, and built by the index step. Memory
 * does not grow with the files, except for one bit per release id.
 *
 * @example
 * await importCsv({ csvDir: 'filtered', databaseUrl: 'postgresql:///discogs', schema: 'discogs_next', mode: 'base' });
 */
export async function importCsv(
  options: ImportOptions,
  context?: Partial<StepContext>,
): Promise<ImportResult> {
  checkOptions('importCsv', options, optionKinds);
  const { databaseUrl, csvDir, schema = publishedSchema, mode = 'all' } = options;
  const { signal, logger, progress } = stepContext(context);
  const began = performance.now();
  if (/\.csv$/i.test(csvDir)) return addRejects(options, context, began);
  // Files that every profile needs are looked for before connecting to the database.
  const least = await readLayouts(csvDir, options.profile ?? 'lean', mode, signal);
  await Rejects.guard(csvDir, namesOf(least), options.rejectsFile);

  return withRunLock(options, 'wxyc-import', context, async (lock, { signal }) => {
    const applicationName = lock.applicationName('wxyc-import');
    const profile = await profileOf(
      { databaseUrl, schema, applicationName, signal },
      options.profile,
    );
    if (mode === 'artists' && profile === 'lean')
      throw new UsageError(
        `The schema ${schema} has the lean profile, which has no artists and masters: create one that has them with wxyc-schema create --profile full`,
      );
    const csv = await readLayouts(csvDir, profile, mode, signal);
    for (const warning of csv.warnings) logger.warn(warning);
    const rejects = await Rejects.open(csvDir, namesOf(csv), options.rejectsFile);
    // The main artists are read twice: for their names, and for the rest of their credits.
    const again =
      mode === 'all' || mode === 'base' ? (csv.files.get('release_artist')?.size ?? 0) : 0;
    const files = [...csv.files.values(), ...csv.gathered.values()];
    const task = progress.start('import', {
      unit: 'bytes',
      total: files.reduce((sum, { size }) => sum + size, again),
    });
    let bytes = 0;
    const loading: Loading = {
      databaseUrl,
      schema,
      profile,
      applicationName,
      // One load that fails ends the others.
      signal,
      rejects,
      releases: newRootIds(),
      opened: [],
      onBytes: (more) => task.update((bytes += more)),
    };
    try {
      const bared = await prepare(loading, mode);
      if (bared > 0)
        logger.info(
          { schema, dropped: bared },
          `dropped ${bared} keys and indexes for the load; wxyc-index builds them at the end`,
        );
      const { tables, artwork } = await loadMode(loading, csv, csvDir, mode);
      await rejects.finish();
      const result = resultOf(tables, artwork, rejects, mode, (performance.now() - began) / 1000);
      for (const { table: name, read, written, dropped } of tables)
        logger.info({ table: name, read, written, dropped }, `loaded ${written} rows into ${name}`);
      if (result.note) logger.info(result.note);
      if (rejects.count)
        logger.warn(
          { rejected: rejects.count },
          `${rejects.count} rows could not be loaded; they are in ${rejects.path}`,
        );
      return result;
    } catch (error) {
      await rejects.discard().catch(() => undefined);
      throw error;
    } finally {
      task.end();
      await closeAll(loading.opened);
    }
  });
}

async function closeAll(opened: readonly CsvReader[]): Promise<void> {
  for (const csv of opened) await csv.close();
}

const namesOf = ({ files }: CsvFiles): string[] =>
  [...files.values()].map(({ path }) => basename(path));

/** The schema's profile; it has to be the one that was asked for, if any. */
async function profileOf(
  {
    databaseUrl,
    schema,
    applicationName,
    signal,
  }: Pick<Loading, 'databaseUrl' | 'schema' | 'applicationName' | 'signal'>,
  asked: Profile | undefined,
): Promise<Profile> {
  return withClient(
    databaseUrl,
    { applicationName, signal, doing: 'Reading the profile' },
    async (client) => {
      const found = await readProfile(queryable(client), schema);
      refuseOtherProfile(schema, found, asked);
      return found;
    },
  );
}

/** Loads a corrected rejects file: nothing is emptied, keys and indexes stay. */
async function addRejects(
  options: ImportOptions,
  context: Partial<StepContext> | undefined,
  began: number,
): Promise<ImportResult> {
  const { databaseUrl, csvDir: file, schema = publishedSchema } = options;
  const { logger } = stepContext(context);
  return withRunLock(options, 'wxyc-import', context, async (lock, { signal }) => {
    const at = {
      databaseUrl,
      schema,
      applicationName: lock.applicationName('wxyc-import'),
      signal,
    };
    const opened: CsvReader[] = [];
    const { tables, rejects } = await reloadRejects(file, {
      ...at,
      profile: await profileOf(at, options.profile),
      releases: newRootIds(),
      opened,
      onBytes: () => undefined,
    }).finally(() => closeAll(opened));
    if (rejects.count)
      logger.warn(
        { rejected: rejects.count },
        `${rejects.count} rows could still not be loaded; they are in ${rejects.path}`,
      );
    return resultOf(tables, 0, rejects, 'tracks', (performance.now() - began) / 1000);
  });
}

async function prepare(loading: Loading, mode: ImportMode): Promise<number> {
  return withClient(
    loading.databaseUrl,
    {
      applicationName: loading.applicationName,
      signal: loading.signal,
      doing: 'Emptying the tables',
    },
    (client) => prepareTables(client, loading.schema, loading.profile, mode),
  );
}

interface Loaded {
  tables: TableCounts[];
  artwork: number;
}

async function loadMode(
  loading: Loading,
  csv: CsvFiles,
  csvDir: string,
  mode: ImportMode,
): Promise<Loaded> {
  if (mode === 'tracks') return loadTracks(loading, csv);
  if (mode === 'artists') return { tables: await loadArtists(loading, csv, csvDir), artwork: 0 };
  const loaded = await loadAll(loading, csv, csvDir, mode);
  // They carry the releases' import time, which becomes visible to others only now.
  return mode === 'all'
    ? { ...loaded, tables: [...loaded.tables, ...(await loadArtists(loading, csv, csvDir))] }
    : loaded;
}

/** Releases first, since all other rows depend on their ids; then the other files in parallel. */
async function loadAll(
  loading: Loading,
  csv: CsvFiles,
  csvDir: string,
  mode: ImportMode,
): Promise<Loaded> {
  const names = filesOf(loading.profile, 'release').map(({ name }) => name);
  const files = await csvFingerprint(csvDir, names);
  const releases = csv.files.get('release');
  if (!releases) throw new Error('release.csv was not opened');
  return inTransaction(loading, `Loading ${releases.path}`, async (client) => {
    const { counts, artwork } = await loadReleases(client, loading, releases, csv.gathered);
    if (counts.written === 0)
      throw new BadInputError(
        `${releases.path} holds no release that can be loaded (${counts.read} rows read)`,
      );
    // The releases' transaction stays open: until every part is loaded, the schema holds no release at all.
    const children = childrenOf(loading, 'release', (table) => isLoadedBy(mode, table));
    const work = [...childLoads(csv, children), ...furtherLoads(csv, mode)];
    const [loaded] = await Promise.allSettled([
      loadTogether(loading, work),
      writeMetadata(client, loading),
    ]).then(settledOrThrow);
    if (loading.schema !== publishedSchema)
      await client.query(
        `CREATE TABLE ${qualifiedName(loading.schema, loadedTable)} AS SELECT $1::text AS files, $2::integer AS releases`,
        [files, counts.written],
      );
    return { tables: [counts, ...(loaded as TableCounts[])], artwork };
  });
}

/** Waits for both even if one fails: a query that is still running would outlive its connection. */
function settledOrThrow(results: PromiseSettledResult<unknown>[]): unknown[] {
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

async function loadTracks(loading: Loading, csv: CsvFiles): Promise<Loaded> {
  await readReleases(loading);
  return {
    tables: await loadTogether(
      loading,
      childLoads(
        csv,
        childrenOf(loading, 'release', ({ load }) => load === 'tracks'),
      ),
    ),
    artwork: 0,
  };
}

/** The artists and masters that the releases name, with their children; tables without a file in the directory stay empty. */
async function loadArtists(
  loading: Loading,
  csv: CsvFiles,
  csvDir: string,
): Promise<TableCounts[]> {
  const { databaseUrl, schema, profile, applicationName, signal } = loading;
  const roots = tablesOf(profile).filter(
    (table) => table.load === 'artists' && table.rootKey === undefined && csv.files.has(table.name),
  );
  if (roots.length === 0) return [];
  const wanted = await creditedIds({ databaseUrl, schema, csvDir, applicationName }, signal);
  const stamp = await inTransaction(loading, 'Reading when the releases were imported', (client) =>
    readStamp(client, schema),
  );
  const counts: TableCounts[] = [];
  for (const { name } of roots) {
    const root = name as Root;
    const rootIds = newRootIds();
    counts.push(
      await loadRoot(
        loading,
        root,
        csv.files.get(root)!,
        rootIds,
        root === 'artist' ? wanted.artists : wanted.masters,
        stamp,
      ),
    );
    counts.push(
      ...(await loadTogether(
        loading,
        childLoads(
          csv,
          childrenOf(loading, root, () => true),
          rootIds,
        ),
      )),
    );
  }
  return counts;
}

/** The child tables of a root that are filled from CSV files. */
function childrenOf(
  { profile }: Loading,
  root: Root,
  isWanted: (table: Table) => boolean,
): Table[] {
  return tablesOf(profile).filter(
    (table) =>
      rootOf(table) === root &&
      table.rootKey !== undefined &&
      table.csv !== undefined &&
      isWanted(table),
  );
}

type Load = (loading: Loading) => Promise<TableCounts | void>;

function childLoads(csv: CsvFiles, children: readonly Table[], rootIds?: RootIds): Load[] {
  return children.flatMap((table) => {
    const layout = csv.files.get(table.name);
    return layout ? [(loading: Loading) => loadChildren(loading, table, layout, rootIds)] : [];
  });
}

/** What later steps and decisions need in addition to the contract's tables: scratch tables and a companion. */
function furtherLoads(csv: CsvFiles, mode: ImportMode): Load[] {
  const [credits, tracks] = [csv.files.get('release_artist')!, csv.files.get('release_track')!];
  const nothing = (work: Promise<number>): Promise<void> => work.then(() => undefined);
  return [
    ...(mode === 'base' ? [(loading: Loading) => nothing(loadTrackCounts(loading, tracks))] : []),
    (loading) => nothing(loadCredits(loading, credits, csv.aliases)),
    (loading) => nothing(loadEditions(loading, csv.editions)),
  ];
}

/** How many connections are open for loads at a time. */
const mostLoads = 5;

/** Runs the loads in parallel; the first failure ends the others before it is passed on. */
async function loadTogether(loading: Loading, loads: readonly Load[]): Promise<TableCounts[]> {
  const failed = new AbortController();
  const linked: Loading = { ...loading, signal: AbortSignal.any([loading.signal, failed.signal]) };
  const counts: (TableCounts | void)[] = [];
  let next = 0;
  let first: unknown;
  const work = async (): Promise<void> => {
    while (next < loads.length && !failed.signal.aborted) {
      const at = next++;
      try {
        counts[at] = await loads[at]!(linked);
      } catch (error) {
        if (!failed.signal.aborted) first = error;
        failed.abort();
        throw error;
      }
    }
  };
  const results = await Promise.allSettled(
    Array.from({ length: Math.min(isGentle() ? 1 : mostLoads, loads.length) }, work),
  );
  if (results.some(({ status }) => status === 'rejected')) throw first;
  return counts.filter((one) => one !== undefined);
}

function resultOf(
  tables: TableCounts[],
  artwork: number,
  rejects: Rejects,
  mode: ImportMode,
  seconds: number,
): ImportResult {
  const dropped: Record<string, number> = {};
  for (const counts of tables)
    for (const [reason, count] of Object.entries(counts.dropped))
      dropped[reason] = (dropped[reason] ?? 0) + count;
  const sum = (pick: (counts: TableCounts) => number): number =>
    tables.reduce((total, counts) => total + pick(counts), 0);
  const notes = [
    ...(mode === 'tracks' || mode === 'artists'
      ? []
      : [
          artwork
            ? `${artwork} releases have an artwork URL`
            : 'no artwork URLs, as usual: dumps have had none since 2015; wxyc-artwork fetches them',
        ]),
    ...(sum(({ cut }) => cut) ? [`${sum(({ cut }) => cut)} names were cut to 2600 bytes`] : []),
    ...(sum(({ invalidUtf8 }) => invalidUtf8)
      ? [`${sum(({ invalidUtf8 }) => invalidUtf8)} invalid bytes became U+FFFD`]
      : []),
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
