/**
 * One run per database at a time: a session advisory lock that every writing step takes. It lives as long as its
 * connection, so a killed run never leaves it behind.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LockedError, StepError, stepContext, type StepContext } from '@wxyc/step';
import { backendOf, terminateBackends } from './backends.js';
import type { Client } from './client.js';
import { databaseFailure } from './failure.js';
import { gently } from './gentle.js';
import { heartbeatSeconds, startHeartbeat } from './heartbeat.js';
import { openClient } from './open-client.js';
import { quoteLiteral } from './quoting.js';
import { refuseStandby } from './standby.js';
import { describeAddress, parseDatabaseUrl } from './url.js';

/** Two halves of the lock's key: 'wxyc' in ASCII, and the first kind of lock. Advisory locks are per database. */
const lockKey = '2004453731, 1';
/** How long to wait for the lock's release; the connection's end releases it too. */
const unlockMs = 1000;

/** A held lock. Hand it to the steps as `lock`: they then neither take nor release one. */
export interface RunLock {
  readonly url: string;
  /** Distinguishes this run's connections from others. */
  readonly mark: string;
  /** Marks this run's connections: `wxyc-import [1f2e3d4c]`. */
  applicationName(step: string): string;
  /** Aborts if the lock's connection ends or does not answer any more: from then on, another run may take the lock. The abort's reason says so. */
  readonly lost: AbortSignal;
  /** Asks the server whether the lock is still held. Throws, and aborts {@link lost}, if it is not, or if no answer comes in time. */
  prove(): Promise<void>;
  /** SQL, true on any connection to the database while this lock is held. */
  readonly heldSql: string;
  release(): Promise<void>;
}

/**
 * Takes the database's lock, or throws LockedError (exit 75) that names the holder. Whatever connections of a killed run are
 * still doing is ended first: they carry the run's mark.
 *
 * `deadMark` is the mark of a run that is known to be dead: the server may take seconds to notice that its process was killed,
 * and until then its connection holds the lock. It is ended.
 *
 * @example
 * const lock = await acquireRunLock(url, 'wxyc-pipeline', context);
 * try { await importCsv({ …, lock }, context) } finally { await lock.release() }
 */
export async function acquireRunLock(
  url: string,
  step: string,
  context?: Partial<StepContext>,
  deadMark?: string,
): Promise<RunLock> {
  const { signal } = stepContext(context);
  heartbeatSeconds();
  const id = randomBytes(4).toString('hex');
  const applicationName = (name: string): string => `${name} [${id}]`;
  const client = await openClient(url, { applicationName: step, signal });
  try {
    await refuseStandby(client, url);
    if (!(await tryLock(client))) {
      const holder = deadMark === undefined ? undefined : await holderMarked(client, deadMark);
      if (holder !== undefined) await terminateBackends(url, [holder]);
      if (holder === undefined || !(await tryLock(client)))
        throw new LockedError(await describeHolder(client, url));
    }
    // Only a holder is marked: one that merely asks must not look like what a dead run left.
    await client.query(`SET application_name = ${quoteLiteral(applicationName(step))}`);
    await endOrphans(client, url, id);
    // Answers are a few bytes: if one is not accepted for this long, nobody is there any more, and the lock is freed for the next run.
    await client.query("SET tcp_user_timeout = '60s'");
  } catch (error) {
    await client.end().catch(() => undefined);
    throw databaseFailure(error, url, 'Taking the run lock', signal);
  }
  const lost = new AbortController();
  const heldSql = heldBy(backendOf(client), id);
  const place = describeAddress(parseDatabaseUrl(url));
  const heartbeat = startHeartbeat(client, `SELECT 1 WHERE ${heldSql}`, place, (why) =>
    lost.abort(why),
  );
  const noteEnd = (): void =>
    lost.abort(
      new StepError(
        `The connection to ${place} that holds the run lock was ended: the server stopped, or somebody terminated it; when the server is up, run again`,
      ),
    );
  client.once('end', noteEnd);
  return {
    url,
    mark: id,
    applicationName,
    lost: lost.signal,
    prove: () => heartbeat.beat(),
    heldSql,
    release: async () => {
      heartbeat.stop();
      client.off('end', noteEnd);
      // A pooler in session mode releases the lock some time after the connection has ended; the next run may come sooner.
      await Promise.race([
        client.query(`SELECT pg_advisory_unlock(${lockKey})`),
        sleep(unlockMs, undefined, { ref: false }),
      ]).catch(() => undefined);
      await client.end().catch(() => undefined);
    },
  };
}

async function tryLock(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>(
    `SELECT pg_try_advisory_lock(${lockKey}) AS locked`,
  );
  return rows[0]?.locked === true;
}

/** The lock belongs to the connection, which is identified by server process and mark together, since process ids are reused. */
function heldBy(pid: number, id: string): string {
  return `EXISTS (SELECT FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND ${ofLock('l')} AND l.pid = ${pid} AND strpos(a.application_name, ${quoteLiteral(`[${id}]`)}) > 0)`;
}

/** SQL for rows of pg_locks that are about the run lock of this database. */
function ofLock(alias: string): string {
  const [classId, objectId] = lockKey.split(', ');
  return `${alias}.classid = ${classId}::oid AND ${alias}.objid = ${objectId}::oid
    AND ${alias}.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())`;
}

/** Options of every step that writes to a database. */
export interface UnderLock {
  databaseUrl: string;
  lock?: RunLock | undefined;
  gentle?: boolean | undefined;
}

/**
 * Runs `work` under the given lock, or under one of its own that it releases at the end; gently, if that is asked for. The context
 * that `work` gets also ends it when that lock is lost.
 *
 * @example
 * return withRunLock(options, 'wxyc-vacuum', context, async (lock, context) => …);
 */
export function withRunLock<T>(
  options: UnderLock,
  step: string,
  context: Partial<StepContext> | undefined,
  work: (lock: RunLock, context: StepContext) => Promise<T>,
): Promise<T> {
  return gently(options.gentle, () => locked(options, step, context, work));
}

async function locked<T>(
  { lock: given, databaseUrl }: UnderLock,
  step: string,
  context: Partial<StepContext> | undefined,
  work: (lock: RunLock, context: StepContext) => Promise<T>,
): Promise<T> {
  const full = stepContext(context);
  const lock = given ?? (await acquireRunLock(databaseUrl, step, context));
  const { lost } = lock;
  try {
    return await work(lock, { ...full, signal: AbortSignal.any([full.signal, lost]) });
  } catch (error) {
    // The caller's signal may itself follow the lock.
    const isLost = lost.aborted && (!full.signal.aborted || full.signal.reason === lost.reason);
    throw isLost ? lost.reason : error;
  } finally {
    if (!given) await lock.release();
  }
}

/** Who holds a database's run lock. */
export interface LockHolder {
  /** The step or bin: `wxyc-pipeline`. */
  name: string;
  /** Of the server. */
  pid: number;
  /** `2026-09-06 02:30:00 UTC`. */
  since: string;
}

/** The server process that holds the lock, if its connection carries this mark. */
async function holderMarked(client: Client, mark: string): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>(
    `SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND ${ofLock('l')} AND strpos(a.application_name, $1) > 0`,
    [`[${mark}]`],
  );
  return rows[0]?.pid;
}

/** Finds out who holds the run lock of the client's database; undefined if nobody does. */
export async function runLockHolder(client: Client): Promise<LockHolder | undefined> {
  const holders = await client.query<LockHolder>(
    `SELECT l.pid, coalesce(application_name, 'a process of another role') AS name, to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"') AS since
       FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND l.granted AND ${ofLock('l')}`,
  );
  const [holder] = holders.rows;
  return holder && { ...holder, name: holder.name.replace(/ \[.*/, '') };
}

async function describeHolder(client: Client, url: string): Promise<string> {
  const holder = await runLockHolder(client);
  const who = holder
    ? ` (${holder.name}, server process ${holder.pid}, since ${holder.since})`
    : '';
  return `Another run is working on ${describeAddress(parseDatabaseUrl(url))}${who}: wait until it has ended, then try again`;
}

/** Connections that carry another run's mark: the lock is ours, so their run is dead. */
async function endOrphans(client: Client, url: string, id: string): Promise<void> {
  const orphans = await client.query<{ pid: number }>(
    String.raw`SELECT pid FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND application_name ~ '^wxyc-.* \[[0-9a-f]{8}\]' AND strpos(application_name, $1) = 0`,
    [`[${id}]`],
  );
  if (orphans.rows.length)
    await terminateBackends(
      url,
      orphans.rows.map(({ pid }) => pid),
    );
}
