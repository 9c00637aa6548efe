/** Locks all old tables without ever making a consumer's statement fail. */
import { previousSchema, publishedSchema } from '@wxyc/dataset';
import { errorCode, qualifiedName, type Client } from '@wxyc/postgres';
import type { Logger } from '@wxyc/step';

/** query_canceled (our statement_timeout), lock_not_available, deadlock_detected. */
const refused = new Set(['57014', '55P03', '40P01']);

/**
 * How long one attempt may wait. Whoever waits longer than deadlock_timeout looks for deadlocks and cancels somebody. We must
 * have given up by then, so that it is never a consumer that holds one table and wants another. Meanwhile all consumers
 * queue behind us, which is why attempts are short and far between.
 */
export async function attemptMilliseconds(client: Client): Promise<number> {
  const found = await client.query<{ ms: number }>(
    "SELECT setting::int AS ms FROM pg_settings WHERE name = 'deadlock_timeout'",
  );
  return Math.max(10, Math.min(700, Math.floor((found.rows[0]?.ms ?? 1000) * 0.7)));
}

/**
 * Locks the build's tables, which consumers do not know. An autovacuum worker gives way by itself. If somebody else is looking at
 * them, returns false; the waiting is done elsewhere.
 */
export async function lockBuild(
  client: Client,
  schema: string,
  names: readonly string[],
  patience: number,
): Promise<boolean> {
  try {
    await client.query(
      `SET LOCAL statement_timeout = ${patience}; LOCK TABLE ${names.map((name) => qualifiedName(schema, name)).join(', ')} IN ACCESS EXCLUSIVE MODE; SET LOCAL statement_timeout = 0`,
    );
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

/** Whether the error means that a lock was not granted in time. */
export function isRefused(error: unknown): boolean {
  return refused.has(errorCode(error) ?? '');
}

/** Who is in the way, for the log: we may not see what other roles run, but we do see that they hold a lock. */
export async function lockHolders(client: Client, names: readonly string[]): Promise<string[]> {
  const found = await client.query<{ who: string }>(
    `SELECT DISTINCT format('process %s (%s)', l.pid, coalesce(nullif(a.application_name, ''), a.backend_type, 'unknown')) AS who
       FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'relation' AND l.granted AND l.pid <> pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.relation IN (SELECT oid FROM pg_class WHERE relnamespace IN (to_regnamespace($1), to_regnamespace($3)) AND relname = ANY ($2))
      ORDER BY 1 LIMIT 5`,
    [publishedSchema, names, previousSchema],
  );
  return found.rows.map(({ who }) => who);
}

/**
 * Whether all indexes of the build can be used by everybody. The planner ignores an index that was built over rows updated
 * in place as long as any older transaction is running on the server.
 */
export async function indexesUsable(client: Client, schema: string): Promise<boolean> {
  const found = await client.query(
    `SELECT 1 FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid
      WHERE t.relnamespace = to_regnamespace(quote_ident($1)) AND x.indcheckxmin AND age(x.xmin) <= age(pg_snapshot_xmin(pg_current_snapshot())::xid) LIMIT 1`,
    [schema],
  );
  return found.rows.length === 0;
}

/** Transactions that keep the build's indexes from being used, oldest first: as the end of a sentence. */
export async function olderTransactions(client: Client): Promise<string> {
  const found = await client.query<{ who: string }>(
    `SELECT format('process %s (%s)', pid, coalesce(nullif(application_name, ''), backend_type, 'unknown')) AS who FROM pg_stat_activity
      WHERE pid <> pg_backend_pid() AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL) ORDER BY greatest(age(backend_xmin), age(backend_xid)) DESC NULLS LAST LIMIT 3`,
  );
  return found.rows.length ? `; still open: ${found.rows.map(({ who }) => who).join(', ')}` : '';
}

/** Logs once a minute what it is waiting for, who is in the way and how long it will keep trying. */
export class WaitReport {
  private reportedAt = -Infinity;

  /** `deadline`: on the clock of performance.now(). */
  constructor(
    private readonly logger: Logger,
    private readonly deadline: number,
  ) {}

  async say(what: string, who: () => Promise<string>): Promise<void> {
    if (performance.now() - this.reportedAt < reportSeconds * 1000) return;
    // eslint-disable-next-line no-restricted-properties -- for people to read
    const until = new Date(Date.now() + this.deadline - performance.now())
      .toISOString()
      .slice(11, 19);
    this.logger.info(`waiting for ${what}${await who()}; until ${until} UTC at the latest`);
    this.reportedAt = performance.now();
  }
}

const reportSeconds = 60;
