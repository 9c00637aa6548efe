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
  dumpKinds,
  isComplete,
  type DumpFileKind,
  type DumpMonth,
  type RemoteFile,
  type SiteOptions,
} from './site.js';
export * from '@wxyc/step/for-callers';
