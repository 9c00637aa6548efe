/**
 * Files that say "I am alive" by being touched: for processes elsewhere, such as in another container on the same volume,
 * whose process ids mean nothing here.
 */
import { stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 10_000;
const deadAfterMs = 60_000;

/** Touches the file every ten seconds; returns a function that stops it. */
export function keepTouching(path: string): () => void {
  const beat = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => undefined),
    everyMs,
  ).unref();
  return () => clearInterval(beat);
}

/** How long ago a file was written to, in whole milliseconds; Infinity if there is none. Negative if a clock was set back since. */
export async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  // eslint-disable-next-line no-restricted-properties -- files are stamped by the wall clock
  return found ? Date.now() - Math.floor(found.mtimeMs) : Infinity;
}

/**
 * Whether somebody touches the file. A time stamp from the future means that a clock was set back: then the file is watched
 * for a little longer than the time between two touches.
 */
export async function isTouched(path: string, watchMs = everyMs + 2000): Promise<boolean> {
  const age = await ageOf(path);
  if (age >= 0) return age < deadAfterMs;
  await sleep(watchMs);
  const later = await ageOf(path);
  return later < age + watchMs / 2 || (later >= 0 && later < deadAfterMs);
}
