export {
  cacheStatus,
  createSchema,
  publish,
  undoPublication,
  type CacheFacts,
  type CacheStatus,
  type CreateSchemaOptions,
  type CreateSchemaResult,
  type PublishOptions,
  type PublishResult,
  type UndoOptions,
  type UndoResult,
} from '@wxyc/cache';
export { checkSchema, ContractBroken, type CheckSchemaOptions } from './check.js';
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
