/** Builds keys and indexes, as a step under the run lock. */
import { ensureIndexes, type IndexGroup } from '@wxyc/cache';
import { profiles, publishedSchema, type Profile } from '@wxyc/dataset';
import { databaseFailure, withRunLock, type RunLock } from '@wxyc/postgres';
import {
  checkOptions,
  oneOf,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
} from '@wxyc/step';

export interface BuildIndexesOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. */
  schema?: string | undefined;
  /** Refuse tables of another profile. Default: take the tables' own. */
  profile?: Profile | undefined;
  /** Let consumers write meanwhile. Slower, one index at a time. */
  concurrently?: boolean | undefined;
  /** Which tables' indexes. Default `all`. */
  tables?: IndexGroup | undefined;
  /** How many indexes are built at the same time, with a connection each. Default: the number of processors, 2 to 8; one if gentle. */
  jobs?: number | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** Leave the server to those who use it: one process, little memory, COPY throttled. Slower. */
  gentle?: boolean | undefined;
}

export interface IndexResult extends StepResult {
  /** Names of the indexes that this call built. */
  built: string[];
}

const optionKinds: OptionKinds<BuildIndexesOptions> = {
  databaseUrl: required(option.text),
  schema: option.text,
  profile: oneOf(...profiles),
  concurrently: option.flag,
  tables: oneOf('all', 'base', 'tracks'),
  jobs: option.count,
  lock: option.object,
  gentle: option.flag,
};

/**
 * Builds every index that is missing, then keys and foreign keys. Safe to run again after any interruption; does nothing
 * if nothing is missing.
 *
 * @example
 * await buildIndexes({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next' });
 */
export async function buildIndexes(
  options: BuildIndexesOptions,
  context?: Partial<StepContext>,
): Promise<IndexResult> {
  checkOptions('buildIndexes', options, optionKinds);
  const { databaseUrl, schema = publishedSchema, profile, concurrently, tables, jobs } = options;
  const { logger } = stepContext(context);
  const began = performance.now();
  return withRunLock(options, 'wxyc-index', context, async (lock, context) => {
    try {
      const { built, present } = await ensureIndexes(
        {
          databaseUrl,
          schema,
          profile,
          concurrently,
          tables,
          jobs,
          applicationName: lock.applicationName('wxyc-index'),
        },
        context,
      );
      const dropped: Record<string, number> = present.length
        ? { 'already there': present.length }
        : {};
      const note = built.length === 0 ? 'all indexes exist: nothing left to do' : undefined;
      if (note) logger.info(note);
      return {
        step: 'index',
        unit: 'indexes',
        read: built.length + present.length,
        written: built.length,
        dropped,
        seconds: (performance.now() - began) / 1000,
        ...(note ? { note } : {}),
        built,
      };
    } catch (error) {
      throw databaseFailure(error, databaseUrl, 'Building the indexes', context.signal);
    }
  });
}
