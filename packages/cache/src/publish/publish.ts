/** Replaces the cache in `public` by the build, in one transaction. The timeline of it all is drawn in carry-plan.ts. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import {
  buildSchema,
  previousSchema,
  profiles as allProfiles,
  publishedSchema,
  type Profile,
} from '@wxyc/dataset';
import { withRunLock, type Client, type RunLock, withClient } from '@wxyc/postgres';
import {
  checkOptions,
  DifferencesError,
  either,
  inParts,
  oneOf,
  option,
  type OptionKinds,
  required,
  type StepContext,
  StepError,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { checkContract } from '../check.js';
import { queryable } from '../queryable.js';
import { ensureOrigin, olderMonth, readOrigin } from '../origin.js';
import { namesOf, profileChange, readProfiles, type Profiles } from '../profile.js';
import { furtherIndexes } from './attachments.js';
import { noteNow } from './carry-over.js';
import { addColumns, earlierLayoutRemarks } from './added-columns.js';
import { compareCaches, type CacheChanges } from './changes.js';
import { defaultMaxShrink, guardSizes, shrinkWarning } from './guards.js';
import { indexesUsable, olderTransactions, WaitReport } from './lock.js';
import { throwObstacles } from './obstacles.js';
import { allObstacles } from './publish-obstacles.js';
import { readOldCache, type OldCache } from './old-cache.js';
import { Replacement, replacementParts, type ReplacementPart } from './replacing.js';
import { readBuildRunId, readRunStart } from './run-start.js';

export interface PublishOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** The build's schema; default `discogs_next`. */
  schema?: string | undefined;
  /** By how many per cent the imported releases may become fewer; default 50. */
  maxShrink?: number | undefined;
  /** Publish however much smaller the cache becomes, like a `maxShrink` of 100. */
  allowShrink?: boolean | undefined;
  /** Publish a build from an older dump than the published cache is of. */
  allowOlder?: boolean | undefined;
  /** Publish a build of this profile over a cache of another one. */
  profile?: Profile | undefined;
  /** Keep the cache that is replaced in the schema `discogs_previous`, instead of the one kept there before. Default: true. */
  keepPrevious?: boolean | undefined;
  /** Left on the published cache: see `publishedRunId`. Default: that of the run that made the build, or a random one if the build does not say. */
  runId?: string | undefined;
  /** When the run began, if that was before its build did. */
  runStartedAt?: Date | string | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
  /** For how long to try again while somebody holds the old tables, in minutes; default 30. */
  retryMinutes?: number | undefined;
}

export interface PublishResult extends StepResult {
  /** The run that built what is published now, if it is known. */
  runId: string;
  /** False for the first publication: `public` held no cache. */
  replaced: boolean;
  /** How many attempts it took until the tables were free. */
  attempts: number;
  /** How long consumers had to wait at most, in seconds. */
  lockSeconds: number;
  /** Releases carried whole, releases amended, artwork URLs filled in, by this call; what `carryOver` did before is not in it. */
  carried: { releases: number; amended: number; artwork: number; artists: number };
  /** How many of the carried and amended releases were left to be done under the lock. */
  late: number;
  /** How the build differs from the old cache; absent for the first publication. */
  changes?: CacheChanges | undefined;
}

const optionKinds: OptionKinds<PublishOptions> = {
  databaseUrl: required(option.text),
  schema: option.text,
  maxShrink: option.percent,
  allowShrink: option.flag,
  allowOlder: option.flag,
  profile: oneOf(...allProfiles),
  keepPrevious: option.flag,
  runId: option.text,
  runStartedAt: either(option.text, option.object),
  lock: option.object,
  retryMinutes: option.amount,
};

/**
 * Checks the build, carries consumers' data over, and replaces the published cache. Until the single commit at its end, the
 * old cache stays as it was; a failure keeps the build, so that the call can be repeated.
 *
 * Throws DifferencesError for a build that breaks the contract, LockedError while another run works on the database, and
 * a StepError that names what is in the way otherwise.
 *
 * @example
 * const { lockSeconds } = await publish({ databaseUrl, runId: 'september' }, { signal, logger });
 */
export async function publish(
  options: PublishOptions,
  context?: Partial<StepContext>,
): Promise<PublishResult> {
  checkOptions('publish', options, optionKinds);
  const { databaseUrl, schema = buildSchema } = options;
  if (schema === publishedSchema)
    throw new UsageError(
      'The schema public holds the published cache; name the schema of the build with --schema',
    );
  if (schema === previousSchema)
    throw new UsageError(
      `The schema ${previousSchema} holds the previous cache, which wxyc-schema undo brings back; name the schema of the build with --schema`,
    );
  return withRunLock(options, 'wxyc-publish', context, async (lock, context) => {
    return withClient(
      databaseUrl,
      {
        applicationName: lock.applicationName('wxyc-publish'),
        signal: context.signal,
        doing: 'Publishing',
      },
      (client) =>
        inParts(context.progress, 'publish', replacementParts, (begin) =>
          new Publication(client, options, schema, lock, context).run(begin),
        ),
    );
  });
}

/** New, gone and changed, in words. */
const changesText = ({ added, gone, changed }: CacheChanges): string =>
  `${added.count} new releases, ${gone.count} gone, ${changed.count} changed`;

function changesNote(changes: CacheChanges): string {
  const warning = shrinkWarning(changes.before, changes.after);
  return `${changesText(changes)}${warning ? `. WARNING: ${warning}` : ''}`;
}

class Publication {
  constructor(
    private readonly client: Client,
    private readonly options: PublishOptions,
    private readonly schema: string,
    private readonly lock: RunLock,
    private readonly context: StepContext,
  ) {}

  async run(begin: (part: ReplacementPart) => void): Promise<PublishResult> {
    const { client, schema, options, context } = this;
    const began = performance.now();
    begin('checking');
    // Names in definitions then include their schema, and none of our statements depends on what else exists.
    // Under the lock a few of many releases are looked up, in pages that were just written: that is not worth JIT compilation, nor reading whole tables.
    await client.query('SET search_path = pg_catalog; SET jit = off; SET random_page_cost = 1.1');
    const profiles = await readProfiles(queryable(client), schema);
    const old = await readOldCache(client, profiles);
    throwObstacles(await allObstacles(client, schema, options.keepPrevious ?? true, profiles));
    await this.guardProfile(profiles);
    const margin = await noteNow(client, profiles);
    const sizes = await guardSizes(
      client,
      schema,
      profiles.build,
      old,
      options.allowShrink ? 100 : (options.maxShrink ?? defaultMaxShrink),
    );
    for (const remark of await earlierLayoutRemarks(client, profiles))
      context.logger.warn(`${remark}; publishing drops them`);
    await addColumns(client, schema, profiles);
    await this.guardMonth();
    await this.guardContract();
    begin('comparing with the published cache');
    const changes = await this.compare(old, profiles);
    begin('indexes that somebody added');
    for (const index of await furtherIndexes(client, schema, namesOf(profiles))) {
      context.logger.info(
        { index: index.name },
        `building ${index.name}, which somebody added to the published cache`,
      );
      await client.query(index.create);
    }
    const start = await readRunStart(client, schema, options.runStartedAt);
    const runId = options.runId ?? (await readBuildRunId(client, schema)) ?? randomUUID();
    const wayOut = `the build in ${schema} is kept; publish it with wxyc-pipeline --resume or wxyc-schema publish`;
    const replacement = new Replacement(
      client,
      {
        databaseUrl: options.databaseUrl,
        schema,
        profiles,
        runId,
        keep: options.keepPrevious ?? true,
        retryMinutes: options.retryMinutes ?? 30,
        wayOut,
      },
      this.lock,
      context,
    );
    begin('replacing the published cache');
    const { lockSeconds, attempts, carried, late } = await replacement.replace(
      start,
      margin,
      old.size > 0,
    );
    const count = (await replacement.countReleases()) ?? sizes.releases;
    const seconds = (performance.now() - began) / 1000;
    if (old.size > 0 && options.keepPrevious !== false)
      context.logger.info(
        `the cache that was replaced is kept in ${previousSchema}; wxyc-schema undo brings it back`,
      );
    context.logger.info(
      { releases: count, lockSeconds, attempts, carried, late },
      `published ${count} releases; consumers waited at most ${lockSeconds.toFixed(2)}s`,
    );
    return {
      step: 'publish',
      unit: 'releases',
      read: count,
      written: count,
      dropped: {},
      seconds,
      runId,
      replaced: old.size > 0,
      attempts,
      lockSeconds,
      carried,
      late,
      ...(changes ? { changes, note: changesNote(changes) } : {}),
    };
  }

  private async compare(old: OldCache, { build }: Profiles): Promise<CacheChanges | undefined> {
    const changes = await compareCaches(this.client, this.schema, build, old);
    if (!changes) return undefined;
    const { before, after, added, gone, changed } = changes;
    this.context.logger.info(
      { before, after, added: added.count, gone: gone.count, changed: changed.count },
      `against the published cache: ${changesText(changes)}`,
    );
    const warning = shrinkWarning(before, after);
    if (warning) this.context.logger.warn(warning);
    return changes;
  }

  /** Consumers of one profile may not work with the other, so leaving out a flag must not change it. */
  private async guardProfile({ build }: Profiles): Promise<void> {
    const { profile } = this.options;
    if (profile !== undefined && profile !== build)
      throw new UsageError(
        `The build in ${this.schema} has the profile ${build}, not ${profile}; the build is kept`,
      );
    const change = await profileChange(queryable(this.client), build, profile);
    if (change)
      throw new StepError(`${change}; the build in ${this.schema} is kept`, {
        code: 'OTHER_PROFILE',
      });
  }

  /** Replacing a newer month by an older one is a mistake unless it is asked for. Builds made step by step may not know their month. */
  private async guardMonth(): Promise<void> {
    const { client, schema, options, context } = this;
    const month = (await readOrigin(queryable(client), schema))?.month ?? null;
    const older = await olderMonth(queryable(client), month);
    if (older && !options.allowOlder)
      throw new StepError(`${older}; the build in ${schema} is kept`);
    if (older)
      context.logger.warn(
        `publishing the dump of ${month} over a newer one, as --allow-older says`,
      );
    await ensureOrigin(queryable(client), schema);
  }

  /** The build must be as fast as it is right: the check asks the planner. */
  private async guardContract(): Promise<void> {
    const { client, schema, context } = this;
    const deadline = performance.now() + (this.options.retryMinutes ?? 30) * 60_000;
    const report = new WaitReport(context.logger, deadline);
    while (!(await indexesUsable(client, schema)) && performance.now() < deadline) {
      throwIfInterrupted(context.signal);
      await report.say(
        'older transactions on the server to end, since until then the new indexes are not used',
        () => olderTransactions(client),
      );
      await pause(500, undefined, { signal: context.signal }).catch(() => undefined);
    }
    const { differences } = await checkContract(
      { databaseUrl: this.options.databaseUrl, schema: this.schema },
      this.context,
    );
    if (differences.length)
      throw new DifferencesError(
        `The build in ${this.schema} breaks the contract and is not published: ${differences.join('; ')}`,
      );
  }
}
