/**
 * One run per database at a time: a session advisory lock that every writing step takes. It lives as long as its
 * connection, so a killed run never leaves it behind.
 */
import { randomBytes } from 'node:crypto';
import { LockedError, StepError, stepContext, type StepContext } from '@wxyc/step';
import { openClient, terminateBackends, type Client } from './client.js';
import { databaseFailure } from './failure.js';
import { describeAddress, parseDatabaseUrl } from './url.js';

/** Two halves of the lock's key: 'wxyc' in ASCII, and the first kind of lock. Advisory locks are per database. */
const lockKey = '2004453731, 1';

/** A held lock. Hand it to the steps as `lock`: they then neither take nor release one. */
export interface RunLock {
  readonly url: string;
  /** Marks this run's connections: `wxyc-import [1f2e3d4c]`. */
  applicationName(step: string): string;
  /** Aborts if the server ends the lock's connection: another run may take the lock from then on. Its reason says so. */
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/**
 * Takes the database's lock, or throws LockedError (exit 75) that names the holder. What a killed run's connections are
 * still doing is ended first: they carry its mark.
 *
 * @example
 * const lock = await acquireRunLock(url, 'wxyc-pipeline', context);
 * try { await importCsv({ …, lock }, context) } finally { await lock.release() }
 */
export async function acquireRunLock(url: string, step: string, context?: Partial<StepContext>): Promise<RunLock> {
  const { signal } = stepContext(context);
  const id = randomBytes(4).toString('hex');
  const applicationName = (name: string): string => `${name} [${id}]`;
  const client = await openClient(url, { applicationName: applicationName(step), signal });
  try {
    const answer = await client.query<{ locked: boolean }>(`SELECT pg_try_advisory_lock(${lockKey}) AS locked`);
    if (!answer.rows[0]?.locked) throw new LockedError(await describeHolder(client, url));
    await endOrphans(client, url, id);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw databaseFailure(error, url, 'Taking the run lock', signal);
  }
  const lost = new AbortController();
  client.once('end', () => lost.abort(new StepError(`The connection to ${describeAddress(parseDatabaseUrl(url))} that holds the run lock was ended: the server stopped, or somebody terminated it`)));
  return {
    url,
    applicationName,
    lost: lost.signal,
    release: () => {
      client.removeAllListeners('end');
      return client.end().catch(() => undefined);
    },
  };
}

/** Runs `work` under the given lock, or under one of its own that it releases at the end. */
export async function withRunLock<T>(
  given: RunLock | undefined,
  url: string,
  step: string,
  context: Partial<StepContext> | undefined,
  work: (lock: RunLock) => Promise<T>,
): Promise<T> {
  if (given) return work(given);
  const lock = await acquireRunLock(url, step, context);
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

async function describeHolder(client: Client, url: string): Promise<string> {
  const [classId, objectId] = lockKey.split(', ');
  const holders = await client.query<{ pid: number; name: string; since: string }>(
    `SELECT pid, application_name AS name, to_char(backend_start, 'YYYY-MM-DD HH24:MI:SS "UTC"') AS since
       FROM pg_locks JOIN pg_stat_activity USING (pid)
      WHERE locktype = 'advisory' AND granted AND classid = ${classId}::oid AND objid = ${objectId}::oid
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  );
  const holder = holders.rows[0];
  const who = holder ? ` (${holder.name.replace(/ \[.*/, '')}, server process ${holder.pid}, since ${holder.since})` : '';
  return `Another run works on ${describeAddress(parseDatabaseUrl(url))}${who}: wait until it has ended, then try again`;
}

/** Connections that carry another run's mark: the lock is ours, so their run is dead. */
async function endOrphans(client: Client, url: string, id: string): Promise<void> {
  const orphans = await client.query<{ pid: number }>(
    String.raw`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND application_name ~ '^wxyc-.* \[[0-9a-f]{8}\]' AND strpos(application_name, $1) = 0`,
    [`[${id}]`],
  );
  if (orphans.rows.length) await terminateBackends(url, orphans.rows.map(({ pid }) => pid));
}
