export { ChangedFileError } from './arriving-file.js';
export type { ArrivingFile } from '@wxyc/step';
export {
  fetchDumps,
  keptMonth,
  withChecksums,
  type WantedMonth,
  type FetchedFile,
  type FetchOptions,
  type FetchResult,
} from './fetch-dumps.js';
export { checkMonth, fileOf, findMonth, listMonths, type FindMonthOptions } from './months.js';
export { beginFetch, type FetchOneOptions, type FetchUnderWay } from './one-file.js';
export {
  defaultSite,
  dumpKinds,
  isComplete,
  missingFiles,
  type DumpFileKind,
  type DumpMonth,
  type RemoteFile,
  type SiteOptions,
} from './site.js';
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
