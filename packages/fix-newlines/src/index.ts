export { Cleaner } from './cleaner.js';
export {
  fixNewlines,
  type FixedFile,
  type FixNewlinesOptions,
  type FixNewlinesResult,
} from './fix-newlines.js';
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
