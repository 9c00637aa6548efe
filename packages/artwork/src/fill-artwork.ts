// The step: artwork URLs from the Discogs API for the releases that lack one.
import { publishedSchema } from '@wxyc/dataset';
import { decideForSession } from '@wxyc/decisions';
import { matchFileKinds, type MatchFiles, readMatchBasis, withLibrary } from '@wxyc/library';
import { databaseFailure, type Client, withClient } from '@wxyc/postgres';
import {
  checkOptions,
  formatSeconds,
  InterruptedError,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  type StepResult,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import { DiscogsApi, type ApiOptions } from './discogs-api.js';
import { Filling } from './filling.js';
import { Lacking, type LackingCounts } from './lacking.js';
import { Pace } from './pace.js';
import { openSession } from './session.js';
import { Writer } from './writer.js';

/** With a library, the releases that it certainly owns come first. */
export interface ArtworkOptions extends Omit<ApiOptions, 'token'>, Partial<MatchFiles> {
  /** `postgresql://...`; `embedded:DIR` goes through `withExistingDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`: what consumers read. */
  schema?: string | undefined;
  /** A Discogs token; needed unless only {@link surveyArtwork} is called. */
  token?: string | undefined;
  /** Ask for at most this many releases. */
  limit?: number | undefined;
  /** Stop after this many seconds. */
  seconds?: number | undefined;
  /** Most requests a minute; the API may allow fewer. Default 60. */
  rate?: number | undefined;
  /** Days after which a release without an image is asked for again. Default 180. */
  againAfterDays?: number | undefined;
  /** @internal Milliseconds that the API's limit counts for; default a minute. */
  window?: number | undefined;
}

export interface ArtworkSurvey extends LackingCounts {
  /** Seconds that asking for all of them takes at the given rate. */
  seconds: number;
}

export interface ArtworkResult extends StepResult {
  /** Releases that still lack artwork and are to be asked for. */
  left: number;
}

const minute = 60_000;
const defaultRate = 60;

const optionKinds: OptionKinds<ArtworkOptions> = {
  ...matchFileKinds,
  databaseUrl: required(option.text),
  schema: option.text,
  token: option.anyText,
  baseUrl: option.text,
  fetch: option.call,
  stall: option.amount,
  firstPause: option.amount,
  limit: option.countOrNone,
  seconds: option.amount,
  rate: option.amount,
  againAfterDays: option.amount,
  window: option.amount,
};

/**
 * Fills `artwork_url` where it is empty: owned releases first, newest first. What has no image is remembered in
 * `cache_metadata.last_validated`, so after a call that was stopped, in whatever way, the next one continues. May run beside
 * consumers and beside a rebuild, which carries over what is written meanwhile.
 *
 * Throws UsageError without a token, StepError for one that is refused and for an API that no longer answers (what was
 * found is stored), LockedError beside another call, InterruptedError (what was found is stored).
 *
 * @example
 * const { written, left } = await fillArtwork({ databaseUrl, token, limit: 1000 }, { logger });
 */
export async function fillArtwork(
  options: ArtworkOptions,
  partial?: Partial<StepContext>,
): Promise<ArtworkResult> {
  checkOptions('fillArtwork', options, optionKinds);
  const context = stepContext(partial);
  const began = performance.now();
  const { databaseUrl, schema = publishedSchema, token } = options;
  if (!token)
    throw new UsageError(
      'DISCOGS_TOKEN is not set: the Discogs API shows images only to requests with a token; create one at https://www.discogs.com/settings/developers',
    );
  const pace = new Pace({ rate: options.rate ?? defaultRate, window: options.window ?? minute });
  const api = new DiscogsApi({ ...options, token }, pace, context);
  const client = await openSession(databaseUrl, context);
  try {
    const lacking = await lackingOf(client, options, context);
    const before = await lacking.count();
    const wanted = Math.min(before.lacking, options.limit ?? Infinity);
    context.logger.info(
      {
        lacking: before.lacking,
        keep: (options.libraryDb ?? options.library) ? before.keep : undefined,
        rate: pace.rate,
      },
      `looking up artwork for ${wanted} of ${before.releases} releases`,
    );
    const filling = new Filling(
      {
        lacking,
        api,
        writer: new Writer(client, schema, lacking.columns),
        limit: wanted,
        until:
          options.seconds === undefined ? Infinity : performance.now() + options.seconds * 1000,
      },
      context,
    );
    const counts = await filling.run();
    const left = (await lacking.count()).lacking;
    return {
      step: 'artwork',
      unit: 'releases',
      ...counts,
      seconds: (performance.now() - began) / 1000,
      note: noteOf(left, before, pace.rate),
      left,
    };
  } catch (error) {
    if (context.signal.aborted) throwIfInterrupted(context.signal);
    throw error instanceof InterruptedError
      ? error
      : databaseFailure(error, databaseUrl, 'Filling in artwork', context.signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Only counts what there is to do. */
export async function surveyArtwork(
  options: ArtworkOptions,
  partial?: Partial<StepContext>,
): Promise<ArtworkSurvey> {
  const context = stepContext(partial);
  return withClient(
    options.databaseUrl,
    { applicationName: 'wxyc-artwork', signal: context.signal, doing: 'Counting artwork' },
    async (client) => {
      const counts = await (await lackingOf(client, options, context)).count();
      return {
        ...counts,
        seconds:
          (Math.min(counts.lacking, options.limit ?? Infinity) / (options.rate ?? defaultRate)) *
          60,
      };
    },
  );
}

async function lackingOf(
  client: Client,
  options: ArtworkOptions,
  context: StepContext,
): Promise<Lacking> {
  const {
    databaseUrl,
    schema = publishedSchema,
    libraryDb,
    againAfterDays = 180,
    ...files
  } = await withLibrary(options, context.signal);
  // Checks that there is a cache before any decisions are made about it.
  const plain = await Lacking.of(client, { schema, againAfterDays });
  if (libraryDb === undefined) return plain;
  const basis = await readMatchBasis({ ...files, libraryDb });
  const { name } = await decideForSession(
    client,
    { databaseUrl, schema, basis, applicationName: 'wxyc-artwork' },
    context,
  );
  return Lacking.of(client, { schema, againAfterDays, decisions: name });
}

function noteOf(left: number, before: LackingCounts, rate: number): string {
  if (before.lacking === 0)
    return `nothing left to do: ${before.withArtwork} releases have artwork, and ${before.known} have no image at Discogs`;
  if (left === 0) return 'nothing left';
  return `${left} are left: at ${rate} a minute, that takes ${formatSeconds((left / rate) * 60)}`;
}
