export { filter, type FilterOptions, type FilterResult } from './filter.js';
export type { DecisionCounts } from '@wxyc/matching';
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
