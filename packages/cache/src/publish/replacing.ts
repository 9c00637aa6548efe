/** Asks for the published tables again and again until they are free, then replaces them. */
import { setTimeout as pause } from 'node:timers/promises';
import { publishedSchema, tableNames } from '@wxyc/dataset';
import {
  backendOf,
  isConnectionLost,
  openClient,
  qualifiedName,
  terminateBackends,
  type Client,
  type RunLock,
} from '@wxyc/postgres';
import { StepError, throwIfInterrupted, type StepContext } from '@wxyc/step';
import type { Moment } from '../moment.js';
import type { Profiles } from '../profile.js';
import type { Carried } from './carry-pass.js';
import { CatchUp } from './catch-up.js';
import { attemptMilliseconds, lockHolders, WaitReport } from './lock.js';
import { noteBuild } from './previous.js';
import { attemptReplacement } from './replacement.js';
import { publishedRunId } from './run-comment.js';
import type { RunStart } from './run-start.js';

export interface Replacing {
  databaseUrl: string;
  /** The build's schema, or for an undo that of the previous cache. */
  schema: string;
  profiles: Profiles;
  /** The id of the run that made it; null for a previous cache that no run published. */
  runId: string | null;
  /** Keep the cache that is replaced as the previous one. */
  keep: boolean;
  /** How long to try, in minutes. */
  retryMinutes: number;
  /** What becomes of the build if the published tables are never free, and what to do: the end of a sentence. */
  wayOut: string;
}

export interface ReplacedCache {
  /** How many attempts it took until the tables were free. */
  attempts: number;
  /** How long consumers had to wait at most, in seconds. */
  lockSeconds: number;
  /** Releases carried whole, releases amended, artwork URLs filled in, by this call. */
  carried: { releases: number; amended: number; artwork: number; artists: number };
  /** How many of the carried and amended releases were left to be done under the lock. */
  late: number;
}

/** What a publication, or an undo, shows as its progress. */
export const replacementParts = [
  'checking',
  'comparing with the published cache',
  'indexes that somebody added',
  'replacing the published cache',
] as const;
export type ReplacementPart = (typeof replacementParts)[number];

/** One replacement; `replace` is called once. */
export class Replacement {
  private attempts = 0;
  private carried = { releases: 0, amended: 0, artwork: 0, artists: 0 };
  private late = 0;
  private buildMoment: Moment | undefined;

  constructor(
    private readonly client: Client,
    private readonly options: Replacing,
    private readonly lock: RunLock,
    private readonly context: StepContext,
  ) {}

  /**
   * @param start what consumers wrote since is carried over.
   * @param margin a moment before the checks: fetches that were under way then are looked at again.
   * @param anyOld whether there is a cache to be replaced.
   */
  async replace(start: RunStart, margin: Moment, anyOld: boolean): Promise<ReplacedCache> {
    const { client, context, options } = this;
    const deadline = performance.now() + options.retryMinutes * 60_000;
    const patience = await attemptMilliseconds(client);
    const catchUp = anyOld
      ? new CatchUp(client, options.schema, options.profiles, start, margin)
      : undefined;
    const report = new WaitReport(context.logger, deadline);
    for (;;) {
      throwIfInterrupted(context.signal);
      await catchUp?.run(context.signal, (pass) => this.count(pass));
      if (anyOld && options.keep && !this.buildMoment) {
        this.buildMoment = await noteBuild(client, options.schema);
        // That may have taken a while.
        await catchUp?.run(context.signal, (pass) => this.count(pass));
      }
      this.attempts++;
      const lockSeconds = await this.attempt(start, catchUp?.late, patience);
      if (lockSeconds !== null)
        return { attempts: this.attempts, lockSeconds, carried: this.carried, late: this.late };
      if (performance.now() > deadline)
        throw new StepError(
          `The tables of the published cache could not be locked in ${this.attempts} attempts${await this.held()}: ${options.wayOut}`,
        );
      await report.say('the published tables to be free', () => this.held());
      // The pause is short at first, in case it is only a long statement; later attempts are rare, since consumers queue behind each.
      const wait =
        Math.min(10_000, 250 * 2 ** Math.min(6, this.attempts)) * (0.75 + Math.random() / 2);
      await pause(Math.min(wait, Math.max(50, deadline - performance.now())), undefined, {
        signal: context.signal,
      }).catch(() => undefined);
    }
  }

  /** Who is in the way, as the end of a sentence. */
  private async held(): Promise<string> {
    const holders = await lockHolders(this.client, tableNames);
    return holders.length ? `; held by ${holders.join(', ')}` : '';
  }

  /** One attempt: null when the tables were not free. */
  private async attempt(
    start: RunStart,
    late: CatchUp['late'],
    patience: number,
  ): Promise<number | null> {
    const { client, lock } = this;
    const { schema, profiles, runId } = this.options;
    let committing = false;
    try {
      const done = await attemptReplacement({
        client,
        schema,
        profiles,
        runId,
        lock,
        keep: this.buildMoment,
        start,
        ...(late ? { late } : {}),
        patience,
        committing: () => (committing = true),
      });
      if (done === null) return null;
      this.count({ ...done.carried, artwork: 0 });
      this.late = done.carried.releases + done.carried.amended + done.carried.artists;
      if (!done.clean)
        this.context.logger.warn(
          `the schema ${schema} is kept: it holds objects that are not the build's`,
        );
      return done.lockSeconds;
    } catch (error) {
      if (committing && isConnectionLost(error) && (await this.didReplace())) return 0;
      throw error;
    }
  }

  /** The answer to COMMIT may get lost on its way, not the commit. */
  private async didReplace(): Promise<boolean> {
    // The session may still be at work on the server: only when it is gone is it certain what it has done.
    await terminateBackends(this.options.databaseUrl, [backendOf(this.client)]);
    const { runId } = this.options;
    return (
      runId !== null && (await publishedRunId(this.options.databaseUrl).catch(() => null)) === runId
    );
  }

  /** Releases in the new cache. Not under the lock, where it would cost consumers' time; over a new connection should this one be lost by now. */
  async countReleases(): Promise<number | undefined> {
    const counting = `SELECT count(*)::int AS count FROM ${qualifiedName(publishedSchema, 'release')}`;
    const again = async (): Promise<{ rows: { count: number }[] }> => {
      const client = await openClient(this.options.databaseUrl, {
        applicationName: 'wxyc-published',
      });
      return client
        .query<{ count: number }>(counting)
        .finally(() => client.end().catch(() => undefined));
    };
    const counted = await this.client
      .query<{ count: number }>(counting)
      .catch(again)
      .catch(() => undefined);
    return counted?.rows[0]?.count;
  }

  private count({
    releases,
    amended,
    artwork,
    artists,
  }: Pick<Carried, 'releases' | 'amended' | 'artwork' | 'artists'>): void {
    this.carried = {
      releases: this.carried.releases + releases,
      amended: this.carried.amended + amended,
      artwork: this.carried.artwork + artwork,
      artists: this.carried.artists + artists,
    };
  }
}
