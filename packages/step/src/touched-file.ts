/**
 * Files that say "I am alive" by being touched: for processes elsewhere, in another container on one volume, whose process ids
 * say nothing here.
 */
import { stat, utimes } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const everyMs = 10_000;
const deadAfterMs = 60_000;

/** Touches the file every ten seconds; returns what ends that. */
export function keepTouching(path: string): () => void {
  const beat = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => undefined),
    everyMs,
  ).unref();
  return () => clearInterval(beat);
}

/** How long ago a file was written to, in milliseconds; Infinity if there is none. Less than none when a clock was set back since. */
export async function ageOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  // eslint-disable-next-line no-restricted-properties -- files are stamped by the wall clock
  return found ? Date.now() - found.mtimeMs : Infinity;
}

/**
 * Whether somebody touches the file. One from the future tells of a clock that was set back: then it is watched
 * for a little longer than there is between two touches.
 */
export async function isTouched(path: string, watchMs = everyMs + 2000): Promise<boolean> {
  const age = await ageOf(path);
  if (age >= 0) return age < deadAfterMs;
  await sleep(watchMs);
  const later = await ageOf(path);
  return later < age + watchMs / 2 || (later >= 0 && later < deadAfterMs);
}
