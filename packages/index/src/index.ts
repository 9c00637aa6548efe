export { buildIndexes, type BuildIndexesOptions, type IndexResult } from './build.js';
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
