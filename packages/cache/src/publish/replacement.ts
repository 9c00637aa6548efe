/**
 * One attempt to replace the published tables by the build's, in one transaction; to undo a publication, the previous cache takes
 * the place of the build. While the tables are locked, consumers wait,
 * and every round trip costs their time: so the lock, the search for late changes and everything that has to be read under the
 * lock are one message, and what follows, with the commit, is a second one.
 */
import { previousSchema, publishedSchema } from '@wxyc/dataset';
import {
  errorCode,
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  type Client,
  type RunLock,
} from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import { presentCompanions } from '../companions.js';
import { queryable } from '../queryable.js';
import type { Moment } from '../moment.js';
import { namesOf, widest, type Profiles } from '../profile.js';
import { foreignTables } from '../recognise.js';
import { fittingStatements, readAttachments } from './attachments.js';
import {
  carryStatements,
  countLists,
  createCarryLists,
  searchStatements,
  type CarryCounts,
} from './carry-pass.js';
import type { CarryPass } from './carry-plan.js';
import type { CarryOverResult } from './carry-over.js';
import { isRefused, lockBuild } from './lock.js';
import {
  attachedObstaclesQuery,
  nameClashes,
  obstaclesOf,
  throwObstacles,
  type ObstacleRow,
} from './obstacles.js';
import { missingSearches } from '../search.js';
import {
  oldCacheOf,
  oldCacheQuery,
  readOldCache,
  sameOldCache,
  type OldCache,
  type OldCacheRow,
} from './old-cache.js';
import { asideSchema, dropPrevious, markPrevious, tablesIn } from './previous.js';
import { readBuildRights, rightsOf, rightsQuery, type RightsRow } from './rights.js';
import type { RunStart } from './run-start.js';
import { moved, swapStatements } from './swap.js';

export interface Attempt {
  client: Client;
  /** The build's schema, or that of the previous cache, which changes places with the published one. */
  schema: string;
  profiles: Profiles;
  /** Null if no run made the build. */
  runId: string | null;
  lock: RunLock;
  /** Keep the cache that is replaced as the previous one, with this moment of the build: see previous.ts. */
  keep: Moment | undefined;
  start: RunStart;
  /** The last pass without the lock, and the moment from which fetches are looked for; none if there was no old cache. */
  late?: { pass: CarryOverResult; margin: Moment };
  /** How long the lock may be waited for, in milliseconds. */
  patience: number;
  /** Called right before the message that commits is sent. */
  committing: () => void;
}

export interface Replaced {
  /** How long consumers had to wait at most. */
  lockSeconds: number;
  carried: CarryCounts;
  /** False if the build's schema stays, because it holds something that is not the build's. */
  clean: boolean;
}

/** Under the lock, changes are looked for in as many tables as can be searched in this time. */
const searchMilliseconds = 350;
/** Consumers wait no longer than this, whatever happens to this process. Set before the lock is asked for. */
const limits = { idle: '10s', statement: 60_000 };
/** Our own SQLSTATE for a run lock that we no longer hold. */
const lockLost = 'WX001';

/** Returns null when the tables were not free: try again later. Any other failure leaves everything as it was. */
export async function attemptReplacement(attempt: Attempt): Promise<Replaced | null> {
  const { client, lock, profiles } = attempt;
  const names = namesOf(profiles);
  await client.query(
    `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = '${limits.idle}'`,
  );
  try {
    await client.query(createCarryLists);
    const before = await readOldCache(client, profiles);
    // Columns added since the last pass have not been filled yet.
    const made =
      attempt.late && !sameOldCache(attempt.late.pass.old, before)
        ? null
        : await makeRoom(attempt, before);
    if (made === null) {
      await client.query('ROLLBACK');
      return null;
    }
    const { schema, tables } = made;
    const attachments = await readAttachments(client, names);
    throwObstacles(
      foreignTables(
        new Map([...before].map(([name, { columns }]) => [name, [...columns.keys()]])),
        attachments.releaseComment,
        publishedSchema,
        widest(profiles),
      ),
    );
    const fitting = await fittingStatements(client, schema, names, attachments);
    const buildRights = await readBuildRights(client, schema, profiles);
    const searches = await missingSearches(queryable(client));
    throwObstacles(await nameClashes(client, schema, profiles));

    const beside = await presentCompanions(queryable(client), publishedSchema);
    const pass = latePass(attempt, schema, before);
    const asked = performance.now();
    const found = await lockAndSearch(attempt, before, beside, pass, asked);
    if (found === null) {
      await client.query('ROLLBACK');
      return null;
    }
    throwObstacles(found.obstacles);
    const swap = swapStatements({
      schema,
      tables,
      notes: schema === attempt.schema,
      old: before,
      beside,
      keep: attempt.keep !== undefined && before.size > 0,
      statistics: attachments.statistics,
      rights: found.rights,
      buildRights,
      attachments: fitting,
      searches,
      releaseComment: attachments.releaseComment,
      runId: attempt.runId,
    });
    const statements = [
      proof(lock),
      ...(pass ? carryStatements(pass, found.late) : []),
      ...swap,
      'COMMIT',
    ];
    attempt.committing();
    const done = await sendAll(client, [
      ...statements,
      `SELECT to_regnamespace(${quoteLiteral(quoteIdentifier(schema))}) IS NULL OR NOT has_database_privilege(current_database(), 'CREATE') AS clean`,
    ]);
    return {
      lockSeconds: (performance.now() - asked) / 1000,
      carried: found.late,
      clean: (done.at(-1)?.[0] as { clean: boolean } | undefined)?.clean ?? true,
    };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    if (errorCode(error) === lockLost)
      throw new StepError(
        'The run lock was lost before the publication: another run may have begun. Nothing was changed',
        { cause: error },
      );
    throw error;
  }
}

/**
 * Locks the build's tables, and makes room for those that are replaced. Returns where the build's now are, and which they are;
 * null when somebody else holds them.
 */
async function makeRoom(
  { client, schema, patience, keep }: Attempt,
  before: OldCache,
): Promise<{ schema: string; tables: string[] } | null> {
  const tables = await tablesIn(client, schema);
  if (!(await lockBuild(client, schema, tables, patience))) return null;
  // The previous cache's tables step aside: the published ones will take their place.
  const aside = schema === previousSchema ? asideSchema : schema;
  if (schema === previousSchema)
    await client.query(
      [
        `CREATE SCHEMA ${quoteIdentifier(aside)}`,
        ...tables.map((name) => moved(schema, name, aside)),
      ].join('; '),
    );
  if (before.size > 0) {
    if (!(await dropPrevious(client, patience))) return null;
    if (keep) await markPrevious(client, aside, keep);
  }
  return { schema: aside, tables };
}

function latePass(
  { start, late, profiles }: Attempt,
  schema: string,
  old: OldCache,
): CarryPass | undefined {
  if (!late) return undefined;
  let spent = 0;
  const affordable = Object.entries(late.pass.searchMilliseconds)
    .sort((a, b) => a[1] - b[1])
    .filter(([, took]) => (spent += took) <= searchMilliseconds)
    .map(([name]) => name);
  // Consumers write the release first, so it leads to its tracks if there are too many tracks to search.
  return {
    schema,
    profiles,
    old,
    start,
    since: late.pass.moment,
    fetchesSince: late.margin,
    extent: 'changes',
    searched: affordable,
  };
}

interface Found {
  late: CarryCounts;
  rights: ReturnType<typeof rightsOf>;
  obstacles: string[];
}

/**
 * Locks all published tables in one statement, roots before their children, in the order of consumers' foreign keys; then looks for what was
 * written since the last pass, and for what is to be kept. Null when the tables were not free, or have changed.
 */
async function lockAndSearch(
  { client, patience, profiles }: Attempt,
  before: OldCache,
  beside: readonly string[],
  pass: CarryPass | undefined,
  asked: number,
): Promise<Found | null> {
  const locked = [...before.keys(), ...beside]
    .map((name) => qualifiedName(publishedSchema, name))
    .join(', ');
  const lock =
    before.size > 0
      ? [
          `SET LOCAL statement_timeout = ${patience}`,
          `LOCK TABLE ${locked} IN ACCESS EXCLUSIVE MODE`,
        ]
      : [];
  const reading = [
    countLists,
    oldCacheQuery(profiles),
    rightsQuery(profiles),
    attachedObstaclesQuery(profiles),
  ];
  try {
    const answers = await sendAll(client, [
      ...lock,
      `SET LOCAL statement_timeout = ${limits.statement}`,
      ...(pass ? searchStatements(pass) : []),
      ...reading,
    ]);
    const [counts, old, rights, obstacles] = answers.slice(-reading.length) as [
      CarryCounts[],
      OldCacheRow[],
      RightsRow[],
      ObstacleRow[],
    ];
    if (!sameOldCache(before, oldCacheOf(old, profiles))) return null;
    return {
      late: counts[0] ?? { releases: 0, amended: 0, artists: 0 },
      rights: rightsOf(rights, before),
      obstacles: obstaclesOf(obstacles),
    };
  } catch (error) {
    // A cancelled statement that could wait for longer was not the lock's.
    if (isRefused(error) && performance.now() - asked < limits.statement / 2) return null;
    throw error;
  }
}

/** Stops the transaction unless the run lock is held: its connection may have been lost unnoticed. */
function proof(lock: RunLock): string {
  return `DO ${quoteLiteral(`BEGIN IF NOT (${lock.heldSql}) THEN RAISE EXCEPTION 'the run lock is lost' USING ERRCODE = '${lockLost}'; END IF; END`)}`;
}

/** Sends the statements as one message, and returns the rows of each. */
async function sendAll(client: Client, statements: readonly string[]): Promise<unknown[][]> {
  const answers = (await client.query(statements.join(';\n'))) as unknown as
    { rows: unknown[] } | { rows: unknown[] }[];
  return (Array.isArray(answers) ? answers : [answers]).map(({ rows }) => rows);
}
