/** What the package of every step exports as well: its callers need no second package to catch its failures and to give it a context. */
export {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
  type FailureCode,
} from './failures.js';
export type { Logger, Progress, ProgressTask, StepContext } from './context.js';
export type { StepResult } from './result.js';
