export { vacuum, type VacuumOptions, type VacuumResult } from './vacuum.js';
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
