/** One GET request that never hangs: if the server falls silent, it gives up. */
import { throwIfInterrupted } from '@wxyc/step';
import { NetworkError, networkError } from './failures.js';

export interface RequestOptions {
  /** The `fetch` to use. Default: Node's. */
  fetch?: typeof fetch | undefined;
  /** Headers in addition to those that every request has. */
  headers: Record<string, string>;
  /** Ends the request with an InterruptedError. */
  signal: AbortSignal;
  /** Milliseconds without a byte after which the request fails. Default 60,000. */
  stall?: number | undefined;
}

/** A response as it arrives. Read the body, or {@link Exchange.drop} it. */
export interface Exchange {
  status: number;
  headers: Headers;
  /** The bytes as they arrive. Throws NetworkError when the connection breaks or stalls, InterruptedError on abort. */
  body(): AsyncGenerator<Uint8Array, void, void>;
  /** The whole body as text, at most `limit` bytes of it. */
  text(limit?: number): Promise<string>;
  /** Ends the exchange without reading the rest. */
  drop(): void;
}

const defaultStall = 60_000;

/**
 * Sends a GET request and returns when the headers are there. Redirects are followed.
 *
 * @throws NetworkError when there is no answer, InterruptedError when the signal fires. No status counts as a failure here.
 */
export async function request(url: URL, options: RequestOptions): Promise<Exchange> {
  const { signal, stall = defaultStall } = options;
  throwIfInterrupted(signal);
  // Without the query, which may contain secrets.
  const where = `${url.origin}${url.pathname}`;
  const controller = new AbortController();
  const interrupt = (): void => controller.abort(signal.reason);
  signal.addEventListener('abort', interrupt, { once: true });
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () =>
        controller.abort(
          new NetworkError(`${where}: nothing received for ${stall / 1000} seconds`, {
            retryable: true,
          }),
        ),
      stall,
    );
  };
  const end = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupt);
  };
  const failure = (error: unknown): Error => {
    throwIfInterrupted(signal);
    return networkError(controller.signal.aborted ? controller.signal.reason : error, where);
  };
  watch();
  let response: Response;
  try {
    response = await (options.fetch ?? fetch)(url, {
      headers: options.headers,
      signal: controller.signal,
      redirect: 'follow',
    });
  } catch (error) {
    end();
    throw failure(error);
  }

  async function* body(): AsyncGenerator<Uint8Array, void, void> {
    const reader = response.body?.getReader();
    try {
      for (;;) {
        watch();
        const next = await reader?.read();
        // While the bytes are worked on, the server may well wait.
        clearTimeout(timer);
        if (!next || next.done) return;
        yield next.value;
      }
    } catch (error) {
      throw failure(error);
    } finally {
      end();
      controller.abort();
    }
  }
  return {
    status: response.status,
    headers: response.headers,
    body,
    async text(limit = 1 << 20) {
      const parts: Uint8Array[] = [];
      let length = 0;
      for await (const part of body()) {
        parts.push(part);
        length += part.length;
        if (length >= limit) break;
      }
      return Buffer.concat(parts).subarray(0, limit).toString('utf8');
    },
    drop() {
      end();
      controller.abort();
    },
  };
}
