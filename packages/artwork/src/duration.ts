// Durations as people write them: 8h, 90m, 1h30m.
import { UsageError } from '@wxyc/step';

const seconds: Record<string, number> = { d: 86_400, h: 3600, m: 60, s: 1 };

/** Seconds of `8h`, `90m`, `1h30m`, `45s`. Throws a UsageError for anything else. */
export function parseDuration(text: string, flag: string): number {
  const parts = /^(?:\d+[dhms])+$/.test(text) ? [...text.matchAll(/(\d+)([dhms])/g)] : [];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * seconds[unit!]!, 0);
  if (total === 0)
    throw new UsageError(`${flag} takes a time such as 8h, 90m or 1h30m, not ${text}.`);
  return total;
}
