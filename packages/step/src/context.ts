import { InterruptedError } from './failures.js';

/** The part of a pino logger that steps use; any pino logger fits. */
export interface Logger {
  trace: LogMethod;
  debug: LogMethod;
  info: LogMethod;
  warn: LogMethod;
  error: LogMethod;
  child(fields: Record<string, unknown>): Logger;
}

/** `logger.info({ rows: 3 }, 'loaded')` or `logger.info('loaded')`. */
export interface LogMethod {
  (fields: Record<string, unknown>, message: string): void;
  (message: string): void;
}

/** What a progress count counts; parts are pieces of one job that take different times. */
export type ProgressUnit = 'bytes' | 'rows' | 'releases' | 'names' | 'tables' | 'indexes' | 'parts';

/** One running measure, shown as rate, per cent and ETA. Cheap to call, but call it only every few thousand rows. */
export interface ProgressTask {
  /** `done` is absolute, in the task's unit. `note` is shown after the figures. */
  update(done: number, note?: string): void;
  end(): void;
}

/** Where a step shows how far it has got. */
export interface Progress {
  start(label: string, options: { unit: ProgressUnit; total?: number | undefined }): ProgressTask;
}

/**
 * Shows work that cannot measure its progress, such as a few long statements, by naming the part that is under way.
 *
 * @param work receives a function to call as each part begins; parts may be left out.
 * @example
 * await inParts(progress, 'prune', ['deciding', 'removing'], async (begin) => {
 *   begin('deciding');
 * });
 */
export async function inParts<Part extends string, T>(
  progress: Progress,
  label: string,
  parts: readonly Part[],
  work: (begin: (part: Part) => void) => Promise<T>,
): Promise<T> {
  const task = progress.start(label, { unit: 'parts', total: parts.length });
  try {
    const result = await work((part) => task.update(parts.indexOf(part), part));
    task.update(parts.length);
    return result;
  } finally {
    task.end();
  }
}

/** What every step gets in addition to its options. All parts have silent defaults: see {@link stepContext}. */
export interface StepContext {
  /** Aborting it ends the step soon: locks released, temporary files removed, {@link InterruptedError} thrown. */
  signal: AbortSignal;
  logger: Logger;
  progress: Progress;
}

const nothing = (): void => undefined;
const silentLogger: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  child: () => silentLogger,
};
const silentProgress: Progress = { start: () => ({ update: nothing, end: nothing }) };

/**
 * Fills in what the caller left out: a signal that never fires, a silent logger, a silent progress.
 *
 * @example
 * const { signal, logger } = stepContext({ logger: pino() });
 */
export function stepContext(partial: Partial<StepContext> = {}): StepContext {
  return {
    signal: partial.signal ?? new AbortController().signal,
    logger: partial.logger ?? silentLogger,
    progress: partial.progress ?? silentProgress,
  };
}

/** Throws {@link InterruptedError} once the signal has fired. Call it in loops that await nothing abortable. */
export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) {
    throw signal.reason instanceof InterruptedError
      ? signal.reason
      : new InterruptedError(undefined, { cause: signal.reason });
  }
}
