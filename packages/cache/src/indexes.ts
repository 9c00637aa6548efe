/**
 * Keys, indexes and foreign keys: dropped before a load, built once at the end, from the statements of
 * create_indexes.sql and create_track_indexes.sql, or of create_full_indexes.sql.
 */
import { availableParallelism } from 'node:os';
import {
  publishedSchema,
  tableNames,
  table as tableOf,
  tablesOf,
  type Profile,
} from '@wxyc/dataset';
import {
  errorCode,
  isGentle,
  openClient,
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  type Client,
  withClient,
} from '@wxyc/postgres';
import {
  StepError,
  stepContext,
  throwIfInterrupted,
  type Logger,
  type StepContext,
} from '@wxyc/step';
import { existingColumns } from './existing.js';
import { queryable, schemaLiteral } from './queryable.js';
import { profileTables, readProfile, refuseOtherProfile } from './profile.js';
import { ensureForms, ensureSearches } from './search.js';
import { sqlStatements } from './sql-files.js';

/** One CREATE INDEX statement of the SQL files. */
export interface IndexStatement {
  name: string;
  table: string;
  text: string;
}

/** The three kinds of statements in the two index files, in the order in which they have to run. */
export interface IndexPlan {
  /** Statements that create indexes; independent of each other. */
  indexes: IndexStatement[];
  /** Turn unique indexes into constraints and add foreign keys without checking them; these are instant. */
  attach: string[];
  /** Check the foreign keys; independent of each other. */
  validate: string[];
}

/** `tracks`: the tables that import fills with what belongs to dedup's survivors; `base`: the others. */
export type IndexGroup = 'all' | 'base' | 'tracks';

/** Reads the plan from the SQL files. */
export function indexPlan(profile: Profile = 'lean', group: IndexGroup = 'all'): IndexPlan {
  const plan: IndexPlan = { indexes: [], attach: [], validate: [] };
  const isWanted = (name: string): boolean =>
    group === 'all' || (tableOf(name, profile).load === 'tracks') === (group === 'tracks');
  for (const text of statementsOf(profile, group)) {
    const index = /^CREATE (?:UNIQUE )?INDEX IF NOT EXISTS (\w+)\s+ON (\w+)/.exec(text);
    if (index?.[1] && index[2])
      plan.indexes.push(...(isWanted(index[2]) ? [{ name: index[1], table: index[2], text }] : []));
    else if (/^ALTER TABLE \w+ VALIDATE/.test(text)) plan.validate.push(text);
    else plan.attach.push(text);
  }
  return plan;
}

/** The lean profile has a file for either group. */
function statementsOf(profile: Profile, group: IndexGroup): string[] {
  if (profile === 'full') return sqlStatements('create_full_indexes');
  return [
    ...(group === 'tracks' ? [] : sqlStatements('create_indexes')),
    ...(group === 'base' ? [] : sqlStatements('create_track_indexes')),
  ];
}

/**
 * Drops every key, foreign key and index of the given tables, by default all of the schema's profile, and the foreign keys that point to them from our other
 * tables: COPY into a bare table is several times faster. Columns, defaults and NOT NULL stay. Returns how many it dropped.
 */
export async function dropSecondary(
  client: Client,
  schema: string,
  given?: readonly string[],
): Promise<number> {
  const names = given ?? (await profileTables(queryable(client), schema)).map(({ name }) => name);
  const list = names.map(quoteLiteral).join(', ');
  const constraints = await client.query<{ of_table: string; name: string }>(
    `SELECT c.conrelid::regclass::text AS of_table, c.conname AS name
       FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid LEFT JOIN pg_class r ON r.oid = c.confrelid
      WHERE t.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.contype IN ('p', 'u', 'f')
        AND (t.relname IN (${list}) OR (c.contype = 'f' AND r.relname IN (${list})
             AND t.relname IN (${tableNames.map(quoteLiteral).join(', ')})))
      ORDER BY c.contype`,
  );
  for (const { of_table: table, name } of constraints.rows)
    await client.query(`ALTER TABLE ${table} DROP CONSTRAINT ${quoteIdentifier(name)}`);
  const indexes = await client.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
      WHERE t.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND t.relname IN (${list})`,
  );
  if (indexes.rows.length)
    await client.query(`DROP INDEX ${indexes.rows.map(({ name }) => name).join(', ')}`);
  return constraints.rows.length + indexes.rows.length;
}

export interface EnsureIndexesOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema: string;
  /** Refuse a schema of another profile. Default: take the schema's own. */
  profile?: Profile | undefined;
  /** Which tables' indexes; default all. The tracks' foreign keys need the base indexes. */
  tables?: IndexGroup | undefined;
  /** Let consumers write meanwhile: slower, and one index at a time. An index that fails is dropped and built again by the next call. */
  concurrently?: boolean | undefined;
  /** Connections that build at the same time. Default: the processors, 2 to 8; one for gentle work. */
  jobs?: number | undefined;
  /** As shown in pg_stat_activity. */
  applicationName?: string | undefined;
}

export interface BuiltIndexes {
  /** Names of the indexes that this call built. */
  built: string[];
  /** Names of those that existed already and were valid. */
  present: string[];
}

/** The server's, the role's or the database's limit is reached. */
const tooManyConnections = new Set(['53300']);

/** Memory for all builders together; each gets its share. These are session settings, so they end with the connections. */
const memoryBudgetMiB = 1024;

/**
 * Builds what is missing, largest tables first, over several connections; then attaches keys and checks foreign keys.
 * Safe to run again after any interruption. Takes no run lock: the step or the pipeline does.
 */
export async function ensureIndexes(
  options: EnsureIndexesOptions,
  context?: Partial<StepContext>,
): Promise<BuiltIndexes> {
  const { signal, logger, progress } = stepContext(context);
  const profile = await profileOf(options, signal);
  refuseOtherProfile(options.schema, profile, options.profile);
  const plan = indexPlan(profile, options.tables);
  // Two concurrent builds on one table wait for each other until the server ends one of them.
  const jobs = options.concurrently
    ? 1
    : (options.jobs ?? (isGentle() ? 1 : Math.min(8, Math.max(2, availableParallelism()))));
  const clients: Client[] = [];
  const task = progress.start('indexes', {
    unit: 'indexes',
    total: plan.indexes.length + plan.validate.length,
  });
  let done = 0;
  try {
    for (let job = 0; job < Math.min(jobs, plan.indexes.length); job++) {
      try {
        clients.push(await openBuilder(options, jobs, signal));
      } catch (error) {
        // Fewer builders merely take longer.
        if (job === 0 || !tooManyConnections.has(errorCode((error as Error).cause) ?? ''))
          throw error;
        logger.info(
          { builders: job },
          'the server has no more free connections: building with fewer',
        );
        break;
      }
    }
    const [first] = clients;
    if (!first) return { built: [], present: [] };
    await refuseMissingTables(first, options.schema, profile);
    await ensureForms(queryable(first));
    await dropLeftovers(first, options, plan.indexes, logger);
    const present = await presentIndexes(first, options.schema);
    const missing = await largestFirst(
      first,
      options.schema,
      plan.indexes.filter(({ name }) => !present.has(name)),
    );
    task.update((done = plan.indexes.length - missing.length), missing[0]?.name);
    await spread(clients, missing, async (client, { name, text }) => {
      throwIfInterrupted(signal);
      const began = performance.now();
      await client.query(
        options.concurrently
          ? text.replace(/INDEX IF NOT EXISTS/, 'INDEX CONCURRENTLY IF NOT EXISTS')
          : text,
      );
      task.update(++done, name);
      logger.info({ index: name, seconds: (performance.now() - began) / 1000 }, `built ${name}`);
    });
    task.update(done, 'keys');
    for (const text of plan.attach) await first.query(text);
    await spread(clients, plan.validate, async (client, text) => {
      throwIfInterrupted(signal);
      await client.query(text);
      task.update(++done, 'foreign keys');
    });
    // A cache that was published before there were searches gets them here.
    if (options.schema === publishedSchema && options.tables === undefined)
      await ensureSearches(queryable(first));
    return {
      built: missing.map(({ name }) => name),
      present: [...present].filter((name) => plan.indexes.some((index) => index.name === name)),
    };
  } finally {
    task.end();
    await Promise.all(clients.map((client) => client.end().catch(() => undefined)));
  }
}

/** If somebody indexes before there are tables, the message says in which order to do it. */
async function refuseMissingTables(
  client: Client,
  schema: string,
  profile: Profile,
): Promise<void> {
  const tables = tablesOf(profile);
  const present = await existingColumns(queryable(client), schema);
  const missing = tables.map(({ name }) => name).filter((name) => !present.has(name));
  if (missing.length === 0) return;
  const what =
    missing.length === tables.length
      ? `The schema ${schema} holds no cache tables`
      : `The schema ${schema} lacks the table${missing.length > 1 ? 's' : ''} ${missing.join(', ')}`;
  throw new StepError(
    `${what}: wxyc-schema create makes ${missing.length > 1 ? 'them' : 'it'}, wxyc-import fills them, and wxyc-index comes after`,
  );
}

async function profileOf(
  { databaseUrl, schema, applicationName }: EnsureIndexesOptions,
  signal: AbortSignal,
): Promise<Profile> {
  return withClient(
    databaseUrl,
    { applicationName: applicationName ?? 'wxyc-index', signal },
    (client) => readProfile(queryable(client), schema),
  );
}

async function openBuilder(
  options: EnsureIndexesOptions,
  jobs: number,
  signal: AbortSignal,
): Promise<Client> {
  const client = await openClient(options.databaseUrl, {
    applicationName: options.applicationName ?? 'wxyc-index',
    signal,
  });
  // With only this schema in the search path, a table that is missing here is not found in public.
  await client.query(
    `SELECT set_config('search_path', ${quoteLiteral(quoteIdentifier(options.schema))}, false)`,
  );
  if (!isGentle())
    await client.query(`SELECT set_config('maintenance_work_mem', '${Math.max(64, Math.floor(memoryBudgetMiB / jobs))}MB', false),
      set_config('max_parallel_maintenance_workers', '2', false)`);
  return client;
}

/**
 * Drops what an interrupted CREATE INDEX CONCURRENTLY left of these indexes: it is useless and blocks the name.
 *
 * @throws StepError for one that another session is building.
 */
async function dropLeftovers(
  client: Client,
  { schema, concurrently }: EnsureIndexesOptions,
  indexes: readonly IndexStatement[],
  logger: Logger,
): Promise<void> {
  // What a session of another role works on is hidden from an ordinary one.
  const { rows } = await client.query<{ name: string; builder: number | null }>(
    `SELECT i.relname AS name,
            (SELECT p.pid FROM pg_stat_progress_create_index p WHERE p.datname = current_database() AND coalesce(nullif(p.relid, 0), x.indrelid) = x.indrelid AND coalesce(nullif(p.index_relid, 0), i.oid) = i.oid AND p.command IS DISTINCT FROM 'CREATE INDEX' LIMIT 1) AS builder
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
      WHERE i.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND NOT x.indisvalid AND i.relname IN (${indexes.map(({ name }) => quoteLiteral(name)).join(', ')})`,
  );
  for (const { name, builder } of rows) {
    if (builder !== null)
      throw new StepError(
        `The index ${name} in the schema ${schema} may be the one that the session ${builder} is building: run this again when that has ended`,
      );
    await client.query(
      `DROP INDEX ${concurrently ? 'CONCURRENTLY ' : ''}${qualifiedName(schema, name)}`,
    );
    logger.info({ index: name }, `dropped ${name}, which an interrupted build left`);
  }
}

async function presentIndexes(client: Client, schema: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT i.relname AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE i.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND x.indisvalid`,
  );
  return new Set(rows.map(({ name }) => name));
}

/** If a long build started last, everything would wait for it, so trigram indexes of large tables go first. */
async function largestFirst(
  client: Client,
  schema: string,
  indexes: IndexStatement[],
): Promise<IndexStatement[]> {
  const { rows } = await client.query<{ name: string; size: string }>(
    `SELECT relname AS name, pg_relation_size(oid) AS size FROM pg_class WHERE relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND relkind = 'r'`,
  );
  const sizes = new Map(rows.map(({ name, size }) => [name, Number(size)]));
  // Measured: a trigram index takes about ten times as long as a btree on the same table, one of search keys three times.
  const cost = ({ table, text }: IndexStatement): number =>
    (sizes.get(table) ?? 0) * (text.includes('gin') ? 10 : text.includes('_key(') ? 3 : 1);
  return [...indexes].sort((a, b) => cost(b) - cost(a));
}

/** Every client takes the next item when it is free. Ends with the first failure, once all have stopped. */
async function spread<T>(
  clients: readonly Client[],
  items: readonly T[],
  work: (client: Client, item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failed = false;
  const results = await Promise.allSettled(
    clients.map(async (client) => {
      while (!failed && next < items.length) {
        const item = items[next++] as T;
        await work(client, item).catch((error: unknown) => {
          failed = true;
          throw error;
        });
      }
    }),
  );
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

/** Whether the table has any index: a bare one may be rewritten, an indexed one is changed row by row. */
export async function hasIndexes(client: Client, schema: string, table: string): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT 1 FROM pg_index WHERE indrelid = to_regclass(${quoteLiteral(qualifiedName(schema, table))}) LIMIT 1`,
  );
  return rows.length > 0;
}
