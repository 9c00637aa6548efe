/**
 * The failures that a step can end with, and the exit code of each. A step throws one of these with one clear
 * sentence: what is wrong, where, and what to do. Anything else that is thrown counts as a fault of the program.
 */

/** Exit codes of every bin. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  badInput: 4,
  differences: 5,
  locked: 75,
  interrupted: 130,
} as const;

/**
 * What went wrong, for programs: these words do not change, sentences may. The kinds with an exit code of their own come first;
 * the others tell more of `FAILED` and `INPUT`.
 */
export type FailureCode =
  | 'FAILED'
  | 'USAGE'
  | 'INPUT'
  | 'DIFFERENCES'
  | 'LOCKED'
  | 'INTERRUPTED'
  | 'CONNECTION'
  | 'DATABASE'
  | 'NETWORK'
  | 'SHRINK'
  | 'OLDER_MONTH'
  | 'OTHER_PROFILE'
  | 'INPUT_MISSING'
  | 'INPUT_TRUNCATED';

export interface FailureOptions extends ErrorOptions {
  /** Default: that of the class. */
  code?: FailureCode | undefined;
}

/** Base of all expected failures; itself exit 1. */
export class StepError extends Error {
  readonly exitCode: number = exitCodes.failed;
  /** What went wrong, for programs. */
  readonly code: FailureCode;
  constructor(message: string, { code = 'FAILED', ...options }: FailureOptions = {}) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The call itself is wrong: an unknown flag, flags that exclude each other. Exit 2. */
export class UsageError extends StepError {
  override readonly exitCode = exitCodes.usage;
  constructor(message: string, options?: ErrorOptions) {
    super(message, { code: 'USAGE', ...options });
  }
}

/** A file is missing, empty, of the wrong kind, truncated, or holds too much that cannot be read. Exit 4. */
export class BadInputError extends StepError {
  override readonly exitCode = exitCodes.badInput;
  constructor(message: string, options?: FailureOptions) {
    const isMissing = (options?.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
    super(message, { code: isMissing ? 'INPUT_MISSING' : 'INPUT', ...options });
  }
}

/** A check ran and found differences. Exit 5. */
export class DifferencesError extends StepError {
  override readonly exitCode = exitCodes.differences;
  constructor(message: string, options?: ErrorOptions) {
    super(message, { code: 'DIFFERENCES', ...options });
  }
}

/** Another run holds the lock. Exit 75 (EX_TEMPFAIL: try again later). */
export class LockedError extends StepError {
  override readonly exitCode = exitCodes.locked;
  constructor(message: string, options?: ErrorOptions) {
    super(message, { code: 'LOCKED', ...options });
  }
}

/** A signal or the caller's AbortSignal ended the step. Exit 130. */
export class InterruptedError extends StepError {
  override readonly exitCode = exitCodes.interrupted;
  constructor(message = 'Interrupted', options?: ErrorOptions) {
    super(message, { code: 'INTERRUPTED', ...options });
  }
}
