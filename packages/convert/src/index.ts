export type { DecisionCounts } from '@wxyc/matching';
export type { ArrivingFile } from '@wxyc/step';
export { convert, type ConvertOptions, type ConvertResult } from './convert.js';
export type { DumpResult } from './dump-conversion.js';
export type { DumpInput } from './dump-feed.js';
export { outputFiles, rejectsKind } from './outputs.js';
export type { WantedIds } from './wanted.js';
export { findDumps, inspectDump, type DumpInfo } from './inputs.js';
export { collectLabels, labelsKind, labelsName, type LabelsResult } from './label-names.js';
export { aliasesName } from '@wxyc/dataset';
export { aliasesKind, collectAliases, type AliasesResult } from './artist-names.js';
export type { Reject } from './batch-result.js';
export type * from './record-types.js';
export {
  readArtists,
  readLabels,
  readMasters,
  readReleases,
  type ReadRecordsOptions,
} from './records.js';
export type { RecordCounts } from './batch-result.js';
export type { Repairs } from './repair.js';
export * from '@wxyc/step/for-callers';
