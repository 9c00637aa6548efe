/**
 * Gentle work: what `--gentle` means for the sessions of a step, so that a build leaves its server to those who use it. It costs
 * time. Whatever is opened while gentle work runs is gentle, at any depth, so no caller has to hand the wish on.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const wish = new AsyncLocalStorage<boolean>();

/** Runs `work`, gently or not; if nothing was asked for, as whatever it is part of. */
export function gently<T>(gentle: boolean | undefined, work: () => Promise<T>): Promise<T> {
  return gentle === undefined ? work() : wish.run(gentle, work);
}

/** Whether the present work is to be gentle. */
export const isGentle = (): boolean => wish.getStore() === true;

/** Settings of gentle sessions: one process for each statement, little memory, and a vacuum that rests as an autovacuum does. */
export const gentleSettings: Readonly<Record<string, string>> = {
  max_parallel_workers_per_gather: '0',
  max_parallel_maintenance_workers: '0',
  maintenance_work_mem: '64MB',
  vacuum_cost_delay: '2ms',
};

/** Bytes a second that a gentle COPY sends. Their rows and, where it is written, their WAL stay far below what a small disk takes. */
export const gentleBytesPerSecond = 16 * 1024 * 1024;

/** Time, as pacing sees it. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  pause: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Shorter pauses are saved up: timers are not exact. */
const shortestPause = 5;

/** Hands pieces on no faster than the given rate. Idle time is not made up for. */
export async function* paced(
  source: AsyncIterable<Buffer | string> | Iterable<Buffer | string>,
  bytesPerSecond: number,
  signal?: AbortSignal,
  { now, pause }: Clock = realClock,
): AsyncGenerator<Buffer | string> {
  /** When what was handed on so far has been paid for. */
  let due = now();
  for await (const piece of source) {
    const ahead = due - now();
    if (ahead >= shortestPause) await pause(ahead, signal);
    else if (ahead < 0) due -= ahead;
    yield piece;
    due += (Buffer.byteLength(piece) / bytesPerSecond) * 1000;
  }
}
