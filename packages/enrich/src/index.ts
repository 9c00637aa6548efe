export { alternatesKind, enrich, type EnrichOptions, type EnrichResult } from './enrich.js';
export { alternatesPathOf } from './further-names.js';
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
