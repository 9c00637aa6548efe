export { filter, type FilterOptions, type FilterResult } from './filter.js';
export type { DecisionCounts } from './selection.js';
export {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
  type FailureCode,
  type Logger,
  type Progress,
  type ProgressTask,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
