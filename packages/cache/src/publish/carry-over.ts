/** Carrying over without a lock: most of it before indexing, the rest right before publishing. */
import { buildSchema } from '@wxyc/dataset';
import { qualifiedName, withRunLock, type Client, type RunLock, withClient } from '@wxyc/postgres';
import { inParts, stepContext, type StepContext } from '@wxyc/step';
import { queryable } from '../queryable.js';
import { createSeen, noteMoment, type Moment } from '../moment.js';
import { readProfiles, type Profiles } from '../profile.js';
import { addColumns } from './added-columns.js';
import { createCarryLists, runCarryPass, type Carried } from './carry-pass.js';
import { readOldCache, type OldCache } from './old-cache.js';
import { readRunStart, type RunStart } from './run-start.js';

export interface CarryOverOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** The build's schema; default `discogs_next`. */
  schema?: string | undefined;
  /** When the run began, if the schema has no mark. */
  runStartedAt?: Date | string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
}

export interface CarryOverResult extends Carried {
  /** The state of the old cache that was carried. */
  moment: Moment;
  /** The tables and columns that it had. */
  old: OldCache;
}

/**
 * Carries consumers' data of the cache in `public` into the build: see carry-pass.ts for what. Meant to run after prune
 * and before the indexes are built; safe to repeat; does nothing where `public` holds no cache. Takes no lock that a
 * consumer would notice. Throws LockedError while another run works on the database.
 *
 * @example
 * const { releases, artwork } = await carryOver({ databaseUrl }, { signal, logger });
 */
export async function carryOver(
  options: CarryOverOptions,
  context?: Partial<StepContext>,
): Promise<CarryOverResult> {
  const { logger } = stepContext(context);
  const { databaseUrl, schema = buildSchema } = options;
  return withRunLock(options, 'wxyc-carry-over', context, async (lock, { signal, progress }) => {
    return withClient(
      databaseUrl,
      {
        applicationName: lock.applicationName('wxyc-carry-over'),
        signal,
        doing: "Carrying over consumers' data",
      },
      async (client) => {
        // Types in definitions then include their schemas.
        await client.query('SET search_path = pg_catalog');
        const start = await readRunStart(client, schema, options.runStartedAt);
        const profiles = await readProfiles(queryable(client), schema);
        const part = 'what consumers wrote';
        const result = await inParts(progress, 'carry over', [part], (begin) => {
          begin(part);
          return carryEverything(client, schema, profiles, start);
        });
        if (result.releases + result.amended + result.artwork + result.artists > 0) {
          logger.info(
            {
              releases: result.releases,
              amended: result.amended,
              artwork: result.artwork,
              ...(result.artists > 0 ? { artists: result.artists } : {}),
            },
            "consumers' data carried over",
          );
        }
        return result;
      },
    );
  });
}

/** One full pass, on a connection whose search path is just pg_catalog, in a transaction of its own that sees a single state of the old cache. */
export async function carryEverything(
  client: Client,
  schema: string,
  profiles: Profiles,
  start: RunStart,
): Promise<CarryOverResult> {
  await addColumns(client, schema, profiles);
  return atOneMoment(client, profiles, async (moment) => {
    const old = await readOldCache(client, profiles);
    await client.query(createCarryLists);
    return {
      old,
      ...(await runCarryPass(client, {
        schema,
        profiles,
        old,
        start,
        since: start.moment,
        extent: 'everything',
      })),
      moment,
    };
  }).then(async (result) => {
    if (result.rewritten)
      await client.query(`VACUUM (ANALYZE) ${qualifiedName(schema, 'release')}`);
    return result;
  });
}

/** A pass over what was written since an earlier one, also in a transaction of its own. */
export async function carryChanges(
  client: Client,
  schema: string,
  profiles: Profiles,
  start: RunStart,
  since: Moment,
): Promise<CarryOverResult> {
  return atOneMoment(client, profiles, async (moment) => {
    const old = await readOldCache(client, profiles);
    await client.query(createCarryLists);
    return {
      old,
      ...(await runCarryPass(client, { schema, profiles, old, start, since, extent: 'changes' })),
      moment,
    };
  });
}

/** Notes the present moment, for a search later in the same session. */
export function noteNow(client: Client, profiles: Profiles): Promise<Moment> {
  return atOneMoment(client, profiles, (moment) => Promise.resolve(moment));
}

/** What a session has noted; temporary tables go with it. */
let moments = 0;

/** Runs `work` in a transaction that sees one moment of the old cache, and commits. */
async function atOneMoment<T>(
  client: Client,
  profiles: Profiles,
  work: (moment: Moment) => Promise<T>,
): Promise<T> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
  try {
    const old = await readOldCache(client, profiles);
    const seen = `pg_temp.seen_${++moments}`;
    await client.query(createSeen(seen));
    const noted = await client.query<{ snapshot: string }>(noteMoment(seen, [...old.keys()]));
    const result = await work({ snapshot: noted.rows[0]!.snapshot, seen });
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
