/** Copies what the library owns, or may own, to another database and publishes it there. The source is only read. */

import {
  ensureIndexes,
  carryOver,
  createSchema,
  dropSecondary,
  existingColumns,
  noteDeduplicated,
  presentCompanions,
  publish,
  queryable,
  readOrigin,
  readProfile,
  refuseObstacles,
  refuseOlderMonth,
  refuseProfileChange,
  unknownOrigin,
  type CacheChanges,
} from '@wxyc/cache';
import {
  buildSchema,
  bulkSource,
  releaseCompanions,
  rootIdColumn,
  profiles,
  publishedSchema,
  rootOf,
  tablesOf,
  type Profile,
  type Table,
} from '@wxyc/dataset';
import { lostAlbums, type LostAlbum } from '@wxyc/decisions';
import {
  copyIn,
  copyOut,
  createDatabaseIfMissing,
  databaseFailure,
  describeAddress,
  openClient,
  parseDatabaseUrl,
  qualifiedName,
  quoteIdentifier,
  sameDatabase,
  withClient,
  withRunLock,
  type Client,
  type RunLock,
} from '@wxyc/postgres';
import {
  checkOptions,
  inParts,
  oneOf,
  option,
  type OptionKinds,
  required,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { doomedTable, doomReleases, refuseToEmpty, type Doom } from './doomed.js';
import { type VerifyOptions, verifyKinds } from './options.js';
import { assembleReport, type VerifyReport } from './report.js';
import { guardDecisionsFile, withDecisions, type Session } from './session.js';

export interface CopyOptions extends VerifyOptions {
  /** The database to copy to; created if missing. */
  targetUrl: string;
  /** Which of the source's tables and columns; default: its own profile. */
  profile?: Profile | undefined;
  /** As for `publish` of `@wxyc/cache`, there. */
  maxShrink?: number | undefined;
  /** Publish even if the target becomes much smaller. */
  allowShrink?: boolean | undefined;
  /** Publish even if the target is of a later month. */
  allowOlder?: boolean | undefined;
  /** Keep the cache that is replaced, for an undo. */
  keepPrevious?: boolean | undefined;
  /** The run that made the cache. */
  runId?: string | undefined;
  /** Assemble a report of the source. */
  report?: boolean | undefined;
}

export interface CopyResult extends StepResult {
  /** Copied rows by table. */
  copied: Record<string, number>;
  /** Compared with the cache that was replaced in the target; absent if there was none. */
  changes?: CacheChanges;
  /** Albums of the library that had a release there and have none now. */
  lostAlbums?: LostAlbum[];
  /** With `report`: what would be, or was, left out. */
  report?: VerifyReport;
}

const optionKinds: OptionKinds<CopyOptions> = {
  ...verifyKinds,
  targetUrl: required(option.text),
  profile: oneOf(...profiles),
  maxShrink: option.percent,
  allowShrink: option.flag,
  allowOlder: option.flag,
  keepPrevious: option.flag,
  runId: option.text,
  report: option.flag,
};

/**
 * Copies KEEP and REVIEW releases: exactly those that a prune of the source would leave. The target is built in a schema
 * of its own, with all keys and indexes, and replaces the cache there at the end; a failure leaves that as it was.
 *
 * While it copies, it holds the run locks of both databases (`lock` is that of the source), then only the target's.
 *
 * @throws UsageError if the target is the source, whatever the URLs look like; BadInputError if nothing would be copied; LockedError
 * while another run works on either database.
 * @example
 * await copyTo({ libraryDb: 'library.db', databaseUrl: 'postgresql:///discogs', targetUrl: 'postgresql:///discogs_lean' });
 */
export async function copyTo(
  options: CopyOptions,
  context?: Partial<StepContext>,
): Promise<CopyResult> {
  checkOptions('copyTo', options, optionKinds);
  const began = performance.now();
  await guardDecisionsFile(options);
  const created = await createDatabaseIfMissing(options.targetUrl);
  if (!created && (await sameDatabase(options.databaseUrl, options.targetUrl))) {
    throw new UsageError(
      `The target ${describeAddress(parseDatabaseUrl(options.targetUrl))} is the database to copy from; name another one`,
    );
  }
  const { databaseUrl, targetUrl, gentle } = options;
  return withRunLock(
    { databaseUrl: targetUrl, gentle },
    'wxyc-verify',
    context,
    async (lock, context) => {
      const build = { databaseUrl: targetUrl, schema: buildSchema, lock };
      // Nobody may replace the source between the decisions and the copy: what is not decided counts as owned.
      const { doom, copied, profile, basis, report } = await withRunLock(
        { databaseUrl, lock: options.lock },
        'wxyc-verify',
        context,
        (sourceLock, context) => fillBuild(options, build, sourceLock, context),
      );
      const applicationName = lock.applicationName('wxyc-verify');
      await carryOver(build, context);
      await ensureIndexes({ ...build, applicationName }, context).catch((error: unknown) => {
        throw databaseFailure(error, targetUrl, writing, context.signal);
      });
      await vacuumTables(targetUrl, applicationName, profile, context);
      const lost = await lostAlbums(
        {
          databaseUrl: targetUrl,
          before: publishedSchema,
          after: buildSchema,
          basis,
          applicationName,
        },
        context,
      );
      const { changes } = await publish(
        {
          ...build,
          allowShrink: options.allowShrink,
          maxShrink: options.maxShrink,
          allowOlder: options.allowOlder,
          keepPrevious: options.keepPrevious,
          profile: options.profile,
          runId: options.runId,
        },
        context,
      );
      return {
        ...resultOf(doom, began),
        ...(changes ? { changes, lostAlbums: lost } : {}),
        copied,
        ...(report ? { report } : {}),
      };
    },
  );
}

interface Filled {
  doom: Doom;
  copied: Record<string, number>;
  profile: Profile;
  basis: Session['basis'];
  report: VerifyReport | undefined;
}

/** Decides, and copies what is owned into a new build. */
function fillBuild(
  options: CopyOptions,
  build: { databaseUrl: string; schema: string; lock: RunLock },
  sourceLock: RunLock,
  context: StepContext,
): Promise<Filled> {
  const { targetUrl } = options;
  const settings = {
    detail: options.report === true,
    what: reading,
    applicationName: sourceLock.applicationName('wxyc-verify'),
  };
  return withDecisions(options, settings, context, async (session) => {
    const { client: source, schema, basis, detail, decisions } = session;
    const profile = await copiedProfile(source, schema, options.profile);
    await refuseProfileChange({ databaseUrl: targetUrl, profile, asked: options.profile }, context);
    await refuseObstacles(
      {
        databaseUrl: targetUrl,
        schema: buildSchema,
        profile,
        keepPrevious: options.keepPrevious,
      },
      context,
    );
    // One snapshot for all tables, so that a child never comes without its release.
    await source.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    const part = 'deciding which releases are owned';
    const doom = await inParts(context.progress, 'verify', [part], (begin) => {
      begin(part);
      return doomReleases(source, schema, decisions, { lock: false });
    });
    refuseToEmpty(doom, options.library ?? options.libraryDb, 'the copy');
    const origin = await readOrigin(queryable(source), schema);
    await refuseOlderMonth(
      {
        databaseUrl: targetUrl,
        month: origin?.month ?? null,
        allowOlder: options.allowOlder,
      },
      context,
    );
    const report =
      detail && options.report
        ? await assembleReport(source, schema, { ...detail, doom })
        : undefined;
    await createSchema(
      {
        ...build,
        replace: true,
        runId: options.runId,
        profile,
        origin: { ...(origin ?? unknownOrigin(profile)), profile },
      },
      context,
    );
    const client = await openClient(targetUrl, {
      applicationName: build.lock.applicationName('wxyc-verify'),
      signal: context.signal,
    });
    try {
      const ends = { sourceUrl: options.databaseUrl, target: { client, url: targetUrl } };
      const copied = await copyTables(session, ends, profile, context);
      await source.query('ROLLBACK');
      return { doom, copied, profile, basis, report };
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** Rows that were just copied have no visibility map, and the planner has no statistics about them. */
async function vacuumTables(
  targetUrl: string,
  applicationName: string,
  profile: Profile,
  { progress, signal }: StepContext,
): Promise<void> {
  const all = [...tablesOf(profile), ...releaseCompanions];
  const task = progress.start('vacuum', { unit: 'tables', total: all.length });
  try {
    await withClient(targetUrl, { applicationName, signal, doing: writing }, async (client) => {
      for (const [number, { name }] of all.entries()) {
        task.update(number, name);
        await client.query(`VACUUM (ANALYZE) ${qualifiedName(buildSchema, name)}`);
      }
    });
    task.update(all.length);
  } finally {
    task.end();
  }
}

function resultOf(doom: Doom, began: number): StepResult {
  return {
    step: 'copy',
    unit: 'releases',
    read: doom.releases,
    written: doom.releases - doom.doomed,
    dropped: { 'not in the library': doom.doomed },
    seconds: (performance.now() - began) / 1000,
  };
}

/** Copies every table's rows, except those of doomed releases, straight from server to server. */
async function copyTables(
  { client: source, schema }: Session,
  { sourceUrl, target }: { sourceUrl: string; target: Target },
  profile: Profile,
  { signal, logger, progress }: StepContext,
): Promise<Record<string, number>> {
  const wire = { source, sourceUrl, target, signal };
  const atTarget = <T>(work: (client: Client) => Promise<T>): Promise<T> =>
    onTarget(target, signal, work);
  const present = await existingColumns(queryable(source), schema);
  const tables = tablesOf(profile);
  const from = await readProfile(queryable(source), schema);
  const copied: Record<string, number> = {};
  await atTarget((client) => dropSecondary(client, buildSchema));
  const task = progress.start('copy', { unit: 'tables', total: tables.length });
  try {
    for (const [number, table] of tables.entries()) {
      throwIfInterrupted(signal);
      task.update(number, table.name);
      // An older source may lack a table or a column: the contract's defaults take its place.
      const columns = table.columns
        .map(({ name }) => name)
        .filter((name) => present.get(table.name)?.includes(name));
      if (columns.length === 0) continue;
      copied[table.name] = await copyRows(wire, {
        from: fromOf(schema, table, from),
        to: table.name,
        columns,
        ...(rootOf(table) === 'release' ? { key: rootIdColumn(table) } : {}),
      });
      logger.info(
        { table: table.name, rows: copied[table.name] },
        `copied ${copied[table.name]} rows of ${table.name}`,
      );
    }
    const release = qualifiedName(buildSchema, 'release');
    if (!present.has('cache_metadata')) {
      await atTarget((client) =>
        client.query(
          `INSERT INTO ${qualifiedName(buildSchema, 'cache_metadata')} (release_id, source) SELECT id, '${bulkSource}' FROM ${release}`,
        ),
      );
    }
    const mastersGo = tablesOf(profile).some(({ transient = [] }) => transient.length > 0);
    await copyCompanions(
      wire,
      schema,
      mastersGo && present.get('release')?.includes('master_id') === true,
    );
    // What dedup does last.
    await atTarget((client) => noteDeduplicated(queryable(client), buildSchema));
    return copied;
  } finally {
    task.end();
  }
}

/** The connection to the target, and where that is. */
interface Target {
  client: Client;
  url: string;
}

interface Wire {
  source: Client;
  sourceUrl: string;
  target: Target;
  signal: AbortSignal;
}

/** For the sentence of a failure. */
const reading = 'Copying';
const writing = 'Building the copy';

/** Names the target in what fails there. Any other failure is the source's, which its session names. */
async function onTarget<T>(
  { client, url }: Target,
  signal: AbortSignal,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  try {
    return await work(client);
  } catch (error) {
    throw databaseFailure(error, url, writing, signal);
  }
}

/** The profile of the copy: that of the source, or a leaner one if that was asked for. */
async function copiedProfile(
  source: Client,
  schema: string,
  asked: Profile | undefined,
): Promise<Profile> {
  const found = await readProfile(queryable(source), schema);
  if (asked === 'full' && found === 'lean')
    throw new UsageError(
      `The cache in ${schema} is lean and has nothing to fill a full one with: build it with --profile full first`,
    );
  return asked ?? found;
}

/** The source's rows of a table; for a leaner copy those of them that it holds: one row per key, and only performers. */
function fromOf(schema: string, table: Table, source: Profile): string {
  const name = qualifiedName(schema, table.name);
  const wide = tablesOf(source).find((candidate) => candidate.name === table.name)!;
  if (!table.distinct || wide.distinct?.join() === table.distinct.join()) return name;
  const key = table.distinct.map(quoteIdentifier).join(', ');
  // A main credit before others, and of the rest the first.
  const columns = table.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  return `(SELECT DISTINCT ON (${key}) ${columns} FROM ${name} ${table.others === 'left out' ? 'WHERE extra = 0 ' : ''}ORDER BY ${key}${table.mainWins ? ', extra' : ''}, ctid)`;
}

/** What the source sends. If it breaks off, the failure is the source's, though the target's COPY reports it. */
async function* ofSource(
  chunks: AsyncIterable<Buffer>,
  url: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const pieces = chunks[Symbol.asyncIterator]();
  try {
    for (;;) {
      const piece = await pieces.next().catch((error: unknown) => {
        throw databaseFailure(error, url, reading, signal);
      });
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    await pieces.return?.();
  }
}

/** Copies rows: of releases that stay, if `key` is the column with the release's id; `columns` are those of the target's table. */
async function copyRows(
  { source, sourceUrl, target, signal }: Wire,
  rows: { from: string; to: string; columns: readonly string[]; key?: string },
): Promise<number> {
  const { from, to, columns, key } = rows;
  const list = columns.map(quoteIdentifier).join(', ');
  let count = 0;
  await copyOut(
    source,
    `COPY (SELECT ${list} FROM ${from} t${key === undefined ? '' : ` WHERE NOT EXISTS (SELECT FROM ${doomedTable} d WHERE d.id = t.${quoteIdentifier(key)})`}) TO STDOUT`,
    async (chunks) => {
      const statement = `COPY ${qualifiedName(buildSchema, to)} (${list}) FROM STDIN`;
      count = await onTarget(target, signal, (client) =>
        copyIn(client, statement, ofSource(chunks, sourceUrl, signal), signal),
      );
    },
    signal,
  );
  return count;
}

/** Copies what decisions and explanations need along with the releases; masters come from the column if dedup has not dropped it yet. */
async function copyCompanions(wire: Wire, schema: string, hasMasterColumn: boolean): Promise<void> {
  const present = await presentCompanions(queryable(wire.source), schema);
  for (const { name, columns, rootKey } of releaseCompanions) {
    const fromColumn = name === 'release_master' && hasMasterColumn;
    const from = fromColumn
      ? `(SELECT id AS release_id, master_id FROM ${qualifiedName(schema, 'release')} WHERE master_id <> 0)`
      : qualifiedName(schema, name);
    if (fromColumn || present.includes(name))
      await copyRows(wire, {
        from,
        to: name,
        columns: columns.map((column) => column.name),
        key: rootKey,
      });
  }
}
