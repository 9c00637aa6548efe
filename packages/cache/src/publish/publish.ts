/** Replaces the cache in `public` by the build, in one transaction. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { buildSchema, publishedSchema, tables } from '@wxyc/dataset';
import { backendOf, databaseFailure, isConnectionLost, openClient, qualifiedName, terminateBackends, withRunLock, type Client, type RunLock } from '@wxyc/postgres';
import { DifferencesError, StepError, UsageError, stepContext, throwIfInterrupted, type StepContext, type StepResult } from '@wxyc/step';
import { checkContract } from '../check.js';
import { queryable } from '../existing.js';
import type { Moment } from '../moment.js';
import { findForeignTables } from '../recognise.js';
import { furtherIndexes } from './attachments.js';
import { noteNow } from './carry-over.js';
import type { Carried } from './carry-pass.js';
import { CatchUp } from './catch-up.js';
import { foreignCode } from './foreign-code.js';
import { guardSizes } from './guards.js';
import { attemptMilliseconds, indexesUsable, lockHolders } from './lock.js';
import { attachedObstacles, nameClashes, throwObstacles } from './obstacles.js';
import { coveringPublications } from './publications.js';
import { readOldCache } from './old-cache.js';
import { attemptReplacement } from './replacement.js';
import { missingRights } from './rights.js';
import { publishedRunId } from './run-comment.js';
import { readRunStart, type RunStart } from './run-start.js';

export interface PublishOptions {
  databaseUrl: string;
  /** The build's schema; default `discogs_next`. */
  schema?: string | undefined;
  /** Publish a build with fewer than half of the old cache's imported releases. */
  allowShrink?: boolean | undefined;
  /** Left on the published cache: see `publishedRunId`. Default: a random one. */
  runId?: string | undefined;
  /** When the run began, if that was before its build did. */
  runStartedAt?: Date | string | undefined;
  /** A lock held already. */
  lock?: RunLock | undefined;
  /** For how long to try again while somebody holds the old tables, in minutes; default 30. */
  retryMinutes?: number | undefined;
}

export interface PublishResult extends StepResult {
  runId: string;
  /** False for the first publication: `public` held no cache. */
  replaced: boolean;
  /** How often the tables were asked for until they were free. */
  attempts: number;
  /** How long consumers had to wait at most, in seconds. */
  lockSeconds: number;
  /** Releases carried whole, releases amended, artwork URLs filled in, by this call; what `carryOver` did before is not in it. */
  carried: { releases: number; amended: number; artwork: number };
  /** Those of the carried and amended releases that were left for under the lock. */
  late: number;
}

/**
 * Checks the build, carries consumers' data over, and replaces the published cache. Until the one commit at its end the
 * old cache stands as it was; a failure keeps the build, so that the call can be repeated.
 *
 * Throws DifferencesError for a build that breaks the contract, LockedError while another run works on the database, and
 * a StepError that names what is in the way otherwise.
 *
 * @example
 * const { lockSeconds } = await publish({ databaseUrl, runId: 'september' }, { signal, logger });
 */
export async function publish(options: PublishOptions, context?: Partial<StepContext>): Promise<PublishResult> {
  const { databaseUrl, schema = buildSchema } = options;
  if (schema === publishedSchema) throw new UsageError('The schema public is where caches are published to; name the schema of the build with --schema');
  return withRunLock(options.lock, databaseUrl, 'wxyc-publish', context, async (lock, context) => {
    const client = await openClient(databaseUrl, { applicationName: lock.applicationName('wxyc-publish'), signal: context.signal });
    try {
      return await new Publication(client, options, schema, lock, context).run();
    } catch (error) {
      throw databaseFailure(error, databaseUrl, 'Publishing', context.signal);
    } finally {
      await client.end().catch(() => undefined);
    }
  });
}

/**
 * Names all that would keep a build from being published: missing rights, and objects attached to the published tables.
 * For the start of a run, hours before; empty when there is nothing.
 */
export async function publishObstacles(options: { databaseUrl: string; schema?: string | undefined }, context?: Partial<StepContext>): Promise<string[]> {
  const { databaseUrl, schema = buildSchema } = options;
  const { signal } = stepContext(context);
  const client = await openClient(databaseUrl, { applicationName: 'wxyc-obstacles', signal });
  try {
    await client.query('SET search_path = pg_catalog');
    return await obstacles(client, schema);
  } catch (error) {
    throw databaseFailure(error, databaseUrl, 'Looking for what keeps a build from being published', signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Throws a StepError that names the obstacles, if there are any. */
export async function refuseObstacles(options: { databaseUrl: string; schema?: string | undefined }, context?: Partial<StepContext>): Promise<void> {
  throwObstacles(await publishObstacles(options, context));
}

async function obstacles(client: Client, schema: string): Promise<string[]> {
  return [...(await findForeignTables(queryable(client), publishedSchema)), ...(await missingRights(client, schema)), ...(await attachedObstacles(client)), ...(await nameClashes(client, schema)), ...(await foreignCode(queryable(client))), ...(await coveringPublications(client, schema))];
}

class Publication {
  private attempts = 0;
  private carried = { releases: 0, amended: 0, artwork: 0 };
  private late = 0;
  private readonly runId: string;

  constructor(
    private readonly client: Client,
    private readonly options: PublishOptions,
    private readonly schema: string,
    private readonly lock: RunLock,
    private readonly context: StepContext,
  ) {
    this.runId = options.runId ?? randomUUID();
  }

  async run(): Promise<PublishResult> {
    const { client, schema, options, context } = this;
    const began = performance.now();
    // Names in definitions then come with their schema, and nothing of ours depends on what else is there.
    // Under the lock a few releases of many are looked up, in pages that were just written: not worth compiling, and not worth reading whole tables.
    await client.query('SET search_path = pg_catalog; SET jit = off; SET random_page_cost = 1.1');
    const old = await readOldCache(client);
    throwObstacles(await obstacles(client, schema));
    const margin = await noteNow(client);
    const sizes = await guardSizes(client, schema, old, options.allowShrink ?? false, context.logger);
    await this.guardContract();
    for (const index of await furtherIndexes(client, schema)) {
      context.logger.info({ index: index.name }, `building ${index.name}, which somebody added to the published cache`);
      await client.query(index.create);
    }
    const start = await readRunStart(client, schema, options.runStartedAt);
    const lockSeconds = await this.replace(start, margin, old.size > 0);
    const count = (await this.countReleases()) ?? sizes.releases;
    const seconds = (performance.now() - began) / 1000;
    context.logger.info({ releases: count, lockSeconds, attempts: this.attempts, carried: this.carried, late: this.late }, `published ${count} releases; consumers waited at most ${lockSeconds.toFixed(2)}s`);
    return {
      step: 'publish', unit: 'releases', read: count, written: count, dropped: {}, seconds,
      runId: this.runId, replaced: old.size > 0, attempts: this.attempts, lockSeconds, carried: this.carried, late: this.late,
    };
  }

  /** The build must be as fast as it is right: the check asks the planner. */
  private async guardContract(): Promise<void> {
    const { client, schema, context } = this;
    const deadline = performance.now() + (this.options.retryMinutes ?? 30) * 60_000;
    for (let waited = 0; !(await indexesUsable(client, schema)) && performance.now() < deadline; waited++) {
      throwIfInterrupted(context.signal);
      if (waited === 0) context.logger.info('waiting for an older transaction on the server to end, since until then the new indexes are not used');
      await pause(500, undefined, { signal: context.signal }).catch(() => undefined);
    }
    const { differences } = await checkContract({ databaseUrl: this.options.databaseUrl, schema: this.schema }, this.context);
    if (differences.length) throw new DifferencesError(`The build in ${this.schema} breaks the contract and is not published: ${differences.join('; ')}`);
  }

  /** Tries until the tables are free, then replaces them. Returns for how long they were locked. */
  private async replace(start: RunStart, margin: Moment, anyOld: boolean): Promise<number> {
    const { client, context } = this;
    const deadline = performance.now() + (this.options.retryMinutes ?? 30) * 60_000;
    const patience = await attemptMilliseconds(client);
    const catchUp = anyOld ? new CatchUp(client, this.schema, start, margin) : undefined;
    for (;;) {
      throwIfInterrupted(context.signal);
      await catchUp?.run(context.signal, (pass) => this.count(pass));
      this.attempts++;
      const seconds = await this.attempt(start, catchUp?.late, patience);
      if (seconds !== null) return seconds;
      if (performance.now() > deadline) {
        const holders = await lockHolders(client, tables.map(({ name }) => name));
        throw new StepError(
          `The tables of the published cache were not free once in ${this.attempts} attempts${holders.length ? `; held by ${holders.join(', ')}` : ''}: the build in ${this.schema} is kept; publish it with wxyc-pipeline --resume or wxyc-schema publish`,
        );
      }
      // Short at first, for a consumer's long statement; then as rare as consumers' waits behind us should be.
      const wait = Math.min(10_000, 250 * 2 ** Math.min(6, this.attempts)) * (0.75 + Math.random() / 2);
      if (this.attempts % 10 === 1) context.logger.info({ attempts: this.attempts }, 'waiting for the published tables to be free');
      await pause(Math.min(wait, Math.max(50, deadline - performance.now())), undefined, { signal: context.signal }).catch(() => undefined);
    }
  }

  /** One attempt: null when the tables were not free. */
  private async attempt(start: RunStart, late: CatchUp['late'], patience: number): Promise<number | null> {
    const { client, schema, runId, lock } = this;
    let committing = false;
    try {
      const done = await attemptReplacement({ client, schema, runId, lock, start, ...(late ? { late } : {}), patience, committing: () => (committing = true) });
      if (done === null) return null;
      this.count({ ...done.carried, artwork: 0 });
      this.late = done.carried.releases + done.carried.amended;
      if (!done.clean) this.context.logger.warn(`the schema ${schema} is kept: it holds objects that are not the build's`);
      return done.lockSeconds;
    } catch (error) {
      if (committing && isConnectionLost(error) && (await this.didPublish())) return 0;
      throw error;
    }
  }

  /** The answer to COMMIT may get lost on its way, not the commit. */
  private async didPublish(): Promise<boolean> {
    // It may still be at work on the server: what it has done is certain once it is gone.
    await terminateBackends(this.options.databaseUrl, [backendOf(this.client)]);
    return (await publishedRunId(this.options.databaseUrl).catch(() => null)) === this.runId;
  }

  /** Not under the lock, where it would cost consumers' time; over a new connection should this one be lost by now. */
  private async countReleases(): Promise<number | undefined> {
    const counting = `SELECT count(*)::int AS count FROM ${qualifiedName(publishedSchema, 'release')}`;
    const again = async (): Promise<{ rows: { count: number }[] }> => {
      const client = await openClient(this.options.databaseUrl, { applicationName: 'wxyc-published' });
      return client.query<{ count: number }>(counting).finally(() => client.end().catch(() => undefined));
    };
    const counted = await this.client.query<{ count: number }>(counting).catch(again).catch(() => undefined);
    return counted?.rows[0]?.count;
  }

  private count({ releases, amended, artwork }: Pick<Carried, 'releases' | 'amended' | 'artwork'>): void {
    this.carried = { releases: this.carried.releases + releases, amended: this.carried.amended + amended, artwork: this.carried.artwork + artwork };
  }
}
