/**
 * The numbers that every step returns. `read = written + sum(dropped)` holds for every result: what a step took in
 * was either passed on or dropped for a named reason.
 */
export interface StepResult {
  /** The step's name in the product's vocabulary: `convert`, `import`, `dedup`, .. */
  step: string;
  /** What `read`, `written` and `dropped` count: `releases`, `rows`, `fields`, `artists`, `indexes`, .. */
  unit: string;
  /** Units read. */
  read: number;
  /** Units written. */
  written: number;
  /** Counts by reason. Reasons are short phrases: `not in the library`, `duplicate id`. */
  dropped: Record<string, number>;
  /** Wall time in seconds. */
  seconds: number;
  /** One sentence for the operator, if the numbers by themselves would mislead. */
  note?: string;
}

/** Sum of all reasons. */
export function droppedTotal(result: Pick<StepResult, 'dropped'>): number {
  return Object.values(result.dropped).reduce((sum, count) => sum + count, 0);
}

/** `42s`, or `3723s (1h 2m 3s)` from a minute on. Under ten seconds with one decimal. */
export function formatSeconds(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)}s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return `${whole}s (${hours ? `${hours}h ` : ''}${minutes}m ${whole % 60}s)`;
}
