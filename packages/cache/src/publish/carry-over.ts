/** Carrying over without a lock: most of it before indexing, the rest right before publishing. */
import { buildSchema } from '@wxyc/dataset';
import { databaseFailure, openClient, qualifiedName, withRunLock, type Client, type RunLock } from '@wxyc/postgres';
import { stepContext, type StepContext } from '@wxyc/step';
import { createCarryLists, runCarryPass, type Carried } from './carry-pass.js';
import { readOldCache } from './old-cache.js';
import { readRunStart, type RunStart } from './run-start.js';

export interface CarryOverOptions {
  databaseUrl: string;
  /** The build's schema; default `discogs_next`. */
  schema?: string | undefined;
  /** When the run began, where the schema has no mark of it. */
  runStartedAt?: Date | string | undefined;
  /** A lock held already. */
  lock?: RunLock | undefined;
}

export interface CarryOverResult extends Carried {
  /** The state of the old cache that was carried, as `pg_current_snapshot()` prints it. */
  snapshot: string;
}

/**
 * Carries consumers' data of the cache in `public` into the build: see carry-pass.ts for what. Meant to run after prune
 * and before the indexes are built; safe to repeat; does nothing where `public` holds no cache. Takes no lock that a
 * consumer would notice. Throws LockedError while another run works on the database.
 *
 * @example
 * const { releases, artwork } = await carryOver({ databaseUrl }, { signal, logger });
 */
export async function carryOver(options: CarryOverOptions, context?: Partial<StepContext>): Promise<CarryOverResult> {
  const { signal, logger } = stepContext(context);
  const { databaseUrl, schema = buildSchema } = options;
  return withRunLock(options.lock, databaseUrl, 'wxyc-carry-over', context, async (lock) => {
    const client = await openClient(databaseUrl, { applicationName: lock.applicationName('wxyc-carry-over'), signal });
    try {
      const start = await readRunStart(client, schema, options.runStartedAt);
      const result = await carryEverything(client, schema, start);
      if (result.releases + result.amended + result.artwork > 0) {
        logger.info({ releases: result.releases, amended: result.amended, artwork: result.artwork }, "consumers' data carried over");
      }
      return result;
    } catch (error) {
      throw databaseFailure(error, databaseUrl, "Carrying over consumers' data", signal);
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/** One full pass in a transaction of its own that sees one state of the old cache throughout. */
export async function carryEverything(client: Client, schema: string, start: RunStart): Promise<CarryOverResult> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const now = await client.query<{ snapshot: string }>('SELECT pg_current_snapshot()::text AS snapshot');
    const old = await readOldCache(client);
    await createCarryLists(client);
    const carried = await runCarryPass(client, { schema, old, start, since: start.snapshot, extent: 'everything' });
    await client.query('COMMIT');
    if (carried.rewritten) await client.query(`VACUUM (ANALYZE) ${qualifiedName(schema, 'release')}`);
    return { ...carried, snapshot: now.rows[0]?.snapshot ?? '' };
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
