/** How long to wait before the next request. */
import { throwIfInterrupted } from '@wxyc/step';

/** The longest pause between two tries, in milliseconds. */
const longest = 60_000;
/** The longest that we wait, even if a server asks for more patience. */
const longestAsked = 15 * 60_000;

/**
 * Milliseconds before try number `failures + 1`: doubled each time, at most a minute, minus up to a quarter at random, so
 * that clients hit by the same failure do not all come back at once.
 *
 * @param failures tries that have failed in a row, from 1 on.
 * @param first the pause after the first failure, in milliseconds.
 */
export function backOff(failures: number, first = 1000): number {
  const pause = Math.min(longest, first * 2 ** Math.min(failures - 1, 20));
  return Math.round(pause * (1 - Math.random() / 4));
}

/**
 * What a Retry-After header asks for, in milliseconds, at most a quarter of an hour: seconds, or a date by the answer's own
 * clock. Undefined without one that can be read.
 */
export function retryAfter(headers: Headers, now = ownDate(headers)): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const pause = /^\d+(\.\d+)?$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(0, pause), longestAsked);
}

/** Our clock may be wrong by hours. */
function ownDate(headers: Headers): number {
  const date = Date.parse(headers.get('date') ?? '');
  // eslint-disable-next-line no-restricted-properties -- a date is compared with a date
  return Number.isNaN(date) ? Date.now() : date;
}

/** Waits. Throws InterruptedError as soon as the signal fires. */
export async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  throwIfInterrupted(signal);
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
  throwIfInterrupted(signal);
}
