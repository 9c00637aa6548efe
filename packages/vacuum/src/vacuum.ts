/** Reclaims space and refreshes statistics; rewrites only tables where that frees space. */
import { dropUnusedForDedup, profileTables, queryable } from '@wxyc/cache';
import { releaseCompanions, publishedSchema } from '@wxyc/dataset';
import {
  isGentle,
  qualifiedName,
  withRunLock,
  type Client,
  type RunLock,
  withClient,
} from '@wxyc/postgres';
import {
  checkOptions,
  option,
  type OptionKinds,
  required,
  type StepContext,
  StepError,
  type StepResult,
  throwIfInterrupted,
} from '@wxyc/step';
import { measureTable } from './bloat.js';

export interface VacuumOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** Leave the server to those who use it: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
}

export interface VacuumResult extends StepResult {
  /** Tables that were rewritten, with their indexes. */
  rewritten: string[];
  /** Bytes of all tables with indexes. */
  bytesBefore: number;
  /** Size of the tables and their indexes now. */
  bytesAfter: number;
}

/**
 * A table is rewritten when that frees more than this. A rewrite builds the table's indexes again and locks everybody out
 * meanwhile; below this it is within the size of a fresh load.
 */
const worthRewriting = 0.03;

const optionKinds: OptionKinds<VacuumOptions> = {
  databaseUrl: required(option.text),
  schema: option.text,
  lock: option.object,
  gentle: option.flag,
};

/**
 * VACUUM and ANALYZE on all tables, the releases' companions included; VACUUM FULL on those with space to give back. Tables that an import left for
 * a dedup that never ran are dropped.
 *
 * @example
 * const { rewritten, bytesAfter } = await vacuum({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next' });
 */
export async function vacuum(
  options: VacuumOptions,
  context?: Partial<StepContext>,
): Promise<VacuumResult> {
  checkOptions('vacuum', options, optionKinds);
  const { databaseUrl, schema = publishedSchema } = options;
  return withRunLock(options, 'wxyc-vacuum', context, async (lock, context) => {
    return withClient(
      databaseUrl,
      {
        applicationName: lock.applicationName('wxyc-vacuum'),
        signal: context.signal,
        doing: 'Vacuuming',
      },
      async (client) => {
        if (!isGentle())
          await client.query("SET maintenance_work_mem = '512MB'; SET vacuum_cost_delay = 0");
        return await vacuumTables(client, schema, context);
      },
    );
  });
}

async function vacuumTables(
  client: Client,
  schema: string,
  { signal, logger, progress }: StepContext,
): Promise<VacuumResult> {
  const began = performance.now();
  const rewritten: string[] = [];
  let bytesBefore = 0;
  let bytesAfter = 0;
  let done = 0;
  const all = [...(await profileTables(queryable(client), schema)), ...releaseCompanions];
  const task = progress.start('vacuum', { unit: 'tables', total: all.length });
  try {
    for (const [at, { name }] of all.entries()) {
      throwIfInterrupted(signal);
      task.update(at, name);
      const before = await measureTable(client, schema, name);
      if (!before) continue;
      bytesBefore += before.total;
      const qualified = qualifiedName(schema, name);
      await client.query(`VACUUM (ANALYZE) ${qualified}`);
      let after = await measureTable(client, schema, name);
      if (after && after.reclaimable > worthRewriting) {
        await client.query(`VACUUM (FULL, ANALYZE) ${qualified}`);
        // A rewritten table has no visibility map, and index-only scans need one.
        await client.query(`VACUUM ${qualified}`);
        rewritten.push(name);
        after = await measureTable(client, schema, name);
      }
      bytesAfter += after?.total ?? 0;
      logger.info(
        { table: name, before: before.total, after: after?.total },
        rewritten.includes(name) ? `rewrote ${name}` : `vacuumed ${name}`,
      );
      done++;
    }
    task.update(all.length);
  } finally {
    task.end();
  }
  if (done === 0)
    throw new StepError(
      `The schema ${schema} holds no table of the cache: run wxyc-schema and wxyc-import first`,
    );
  const left = await dropUnusedForDedup(queryable(client), schema);
  if (left.length > 0)
    logger.info({ tables: left }, 'dropped the tables that the import left for dedup');
  const note =
    rewritten.length || left.length
      ? undefined
      : 'nothing left to reclaim; statistics are up to date';
  if (note) logger.info(note);
  return {
    step: 'vacuum',
    unit: 'tables',
    read: done,
    written: done,
    dropped: {},
    seconds: (performance.now() - began) / 1000,
    ...(note ? { note } : {}),
    rewritten,
    bytesBefore,
    bytesAfter,
  };
}
