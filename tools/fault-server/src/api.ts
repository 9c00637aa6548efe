/** The part of the Discogs API that artwork uses: one release by id, a rate limit, and faults. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Certificate } from './certificate.js';
import { listen } from './listening.js';

export interface ApiImage {
  type: 'primary' | 'secondary';
  uri?: string;
}

/** What happens to a request. */
export interface ApiFault {
  status?: number;
  headers?: Record<string, string>;
  /** Send this instead of the release. */
  text?: string;
  /** Break the connection. */
  reset?: true;
  /** Never answer. */
  stall?: true;
}

export interface ApiOptions {
  /** Images by release id; `null`: the release is gone. Any other id has one primary image. */
  releases?: ReadonlyMap<number, readonly ApiImage[] | null>;
  /** The token that is right. Without it, images have no URI, as at Discogs. */
  token?: string;
  /** What happens to the next requests, in order. */
  faults?: ApiFault[];
  /** What happens to every request for these releases. */
  broken?: ReadonlyMap<number, ApiFault>;
  /** Requests in a window. Default 60. */
  limit?: number | undefined;
  /** Milliseconds of the window. Default 60,000. */
  window?: number;
  /** Milliseconds before each answer. */
  delay?: number;
  tls?: Certificate;
  port?: number;
}

export interface Api {
  url: string;
  /** Requested ids, with the status of each answer. */
  requests: {
    id: number;
    status: number;
    at: number;
    authorization: string | undefined;
    userAgent: string | undefined;
  }[];
  options: ApiOptions;
  close(): Promise<void>;
}

/** Starts the API. */
export async function startApi(options: ApiOptions = {}): Promise<Api> {
  const requests: Api['requests'] = [];
  let recent: number[] = [];
  const server = await listen(handle, options.tls, options.port);

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url!, server.url);
    const id = Number(/^\/releases\/(\d+)$/.exec(pathname)?.[1]);
    const { authorization, 'user-agent': userAgent } = request.headers;
    const answer = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      if (id) requests.push({ id, status, at: Date.now(), authorization, userAgent });
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(typeof body === 'string' ? body : JSON.stringify(body));
    };
    const { limit = 60, window = 60_000 } = options;
    const now = Date.now();
    recent = recent.filter((at) => at > now - window);
    const rate = {
      'x-discogs-ratelimit': String(limit),
      'x-discogs-ratelimit-used': String(Math.min(limit, recent.length + 1)),
      'x-discogs-ratelimit-remaining': String(Math.max(0, limit - recent.length - 1)),
    };
    if (recent.length >= limit)
      return answer(429, { message: 'You are making requests too quickly.' }, rate);
    recent.push(now);
    const known =
      authorization !== undefined &&
      (options.token === undefined || authorization === `Discogs token=${options.token}`);
    if (authorization !== undefined && !known)
      return answer(401, { message: 'Invalid consumer token.' }, rate);
    if (pathname === '/oauth/identity')
      return known
        ? answer(200, { id: 1, username: 'station' }, rate)
        : answer(401, { message: 'You must authenticate to access this resource.' }, rate);
    if (!id) return answer(404, { message: 'The requested resource was not found.' }, rate);
    const fault = options.faults?.shift() ?? options.broken?.get(id) ?? {};
    if (options.delay) await sleep(options.delay);
    if (fault.stall)
      return void requests.push({ id, status: 0, at: now, authorization, userAgent });
    if (fault.reset) {
      requests.push({ id, status: 0, at: now, authorization, userAgent });
      return void response.socket?.resetAndDestroy();
    }
    if (fault.status !== undefined || fault.text !== undefined)
      return answer(fault.status ?? 200, fault.text ?? { message: `status ${fault.status}` }, {
        ...rate,
        ...fault.headers,
      });
    const images = options.releases?.has(id)
      ? options.releases.get(id)!
      : [{ type: 'primary', uri: `https://img.example.org/${id}-primary.jpg` } as const];
    if (images === null) return answer(404, { message: 'Release not found.' }, rate);
    answer(
      200,
      {
        id,
        title: `Release ${id}`,
        images: images.map((image) => ({
          ...image,
          uri: known ? (image.uri ?? '') : '',
          resource_url: '',
        })),
      },
      rate,
    );
  }
  return { url: server.url, requests, options, close: server.close };
}
