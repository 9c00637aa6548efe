// Asks the Discogs API about one release until it answers.
import {
  backOff,
  baseUrl,
  NetworkError,
  request,
  retryAfter,
  statusError,
  userAgent,
  wait,
} from '@wxyc/http';
import { stepContext, StepError, UsageError, type StepContext } from '@wxyc/step';
import { artworkOf } from './images.js';
import type { Pace } from './pace.js';

export const defaultApi = 'https://api.discogs.com/';

export interface ApiOptions {
  /** A Discogs token: without one, the API gives no addresses of images. */
  token: string;
  /** Default {@link defaultApi}. */
  baseUrl?: string | undefined;
  /** The `fetch` to use. Default: Node's. */
  fetch?: typeof fetch | undefined;
  /** Milliseconds without a byte after which a request is given up. Default 30,000. */
  stall?: number | undefined;
  /** Milliseconds before the second try; later pauses are longer. Default 1,000. */
  firstPause?: number | undefined;
}

/** What the API knows about a release: a URL, `none` of its images has one, it is `gone`, or the request `failed`. */
export type Answer = { url: string } | 'none' | 'gone' | 'failed';

const defaultStall = 30_000;
/** How often one release is tried while the server is out of order. */
const mostTries = 4;
/** The pause after a refusal for too many requests that comes without Retry-After. */
const crowdedPause = 60_000;
/** After this many refusals for too many requests in a row, somebody else must be using up the token. */
const mostRefusals = 10;

const agent = userAgent(import.meta.url);

function get(path: string, options: ApiOptions, signal: AbortSignal) {
  const url = baseUrl(options.baseUrl ?? defaultApi, '--base-url or DISCOGS_API_URL');
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  const headers = {
    'user-agent': agent,
    accept: 'application/json',
    authorization: `Discogs token=${options.token}`,
  };
  return request(url, {
    fetch: options.fetch,
    signal,
    stall: options.stall ?? defaultStall,
    headers,
  });
}

/** A header can hold no more than this, and no token is longer. */
function checkTokenText(token: string): void {
  if (!/^[\x21-\x7e]{1,200}$/.test(token))
    throw new UsageError(
      'DISCOGS_TOKEN is not a valid token: it contains spaces or other characters that no token has; copy it again from the settings at discogs.com',
    );
}

const badToken = (): StepError =>
  new StepError(
    'Discogs refuses the token in DISCOGS_TOKEN (status 401): create a new one at https://www.discogs.com/settings/developers',
  );

/**
 * Asks the API whether it takes a token. Returns the name of the account.
 *
 * @throws StepError for a token that it refuses, NetworkError when it cannot be asked.
 */
export async function checkToken(
  options: ApiOptions,
  context?: Partial<StepContext>,
): Promise<string> {
  checkTokenText(options.token);
  const answer = await get('oauth/identity', options, stepContext(context).signal);
  if (answer.status === 401) {
    answer.drop();
    throw badToken();
  }
  if (answer.status !== 200) {
    answer.drop();
    throw statusError(answer.status, 'The Discogs API');
  }
  const identity = parse(await answer.text()) as { username?: unknown } | undefined;
  return String(identity?.username ?? 'unknown');
}

/** Asks for releases, at the pace that the API allows. */
export class DiscogsApi {
  readonly #options: ApiOptions;
  readonly #pace: Pace;
  readonly #context: StepContext;
  #refusals = 0;

  constructor(options: ApiOptions, pace: Pace, context: StepContext) {
    checkTokenText(options.token);
    this.#options = options;
    this.#pace = pace;
    this.#context = context;
  }

  /** Throws StepError if it makes no sense to continue: a bad token, a network that is shut out, endless refusals. */
  async ask(id: number): Promise<Answer> {
    const { signal, logger } = this.#context;
    for (let failures = 0; ;) {
      await this.#pace.turn(signal);
      try {
        return await this.#askOnce(id);
      } catch (error) {
        if (!(error instanceof NetworkError)) throw error;
        if (!error.retryable)
          throw new StepError(`${error.message}; what was found so far is stored`, {
            cause: error,
          });
        if (error.status === 429) {
          if (++this.#refusals > mostRefusals)
            throw new StepError(
              `The Discogs API refused ${this.#refusals} requests in a row as too many: is something else using this token? What was found so far is stored; run again later`,
            );
          const pause = error.retryAfter ?? crowdedPause;
          logger.info(`too many requests: pausing for ${Math.ceil(pause / 1000)} s`);
          this.#pace.pauseUntil(performance.now() + pause);
          continue;
        }
        failures += 1;
        if (failures >= mostTries) {
          logger.warn(`${error.message}; release ${id} is left for the next run`);
          return 'failed';
        }
        const pause = error.retryAfter ?? backOff(failures, this.#options.firstPause);
        logger.debug(
          `${error.message}; asking for release ${id} again in ${Math.ceil(pause / 1000)} s`,
        );
        await wait(pause, signal);
      }
    }
  }

  async #askOnce(id: number): Promise<Answer> {
    const answer = await get(`releases/${id}`, this.#options, this.#context.signal);
    this.#pace.heard(answer.headers);
    if (answer.status !== 429) this.#refusals = 0;
    if (answer.status === 200) {
      const release = parse(await answer.text(8 << 20));
      if (release === undefined)
        throw new NetworkError(`The Discogs API's answer for release ${id} is not JSON`, {
          retryable: true,
        });
      const url = artworkOf(release);
      return url === null ? 'none' : { url };
    }
    answer.drop();
    if (answer.status === 404 || answer.status === 410) return 'gone';
    if (answer.status === 401) throw badToken();
    throw statusError(answer.status, `The Discogs API: release ${id}`, retryAfter(answer.headers));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
