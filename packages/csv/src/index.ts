export { CsvBatch } from './batch.js';
export { csvInput, findCsv, type CsvInput } from './csv-input.js';
export { csvFingerprint, fileFingerprint } from './fingerprint.js';
export { IdSet, type PackedIds } from './id-set.js';
export { checkDirectory, makeDirectory } from './directory.js';
export { lockOutput, type OutputLock } from './output-lock.js';
export { guardOutputs, type OutputFile } from './output-guard.js';
export {
  csvKind,
  csvKindLike,
  exportKind,
  jsonKind,
  nameListKind,
  type OutputKind,
} from './output-kind.js';
export { refuseSpecialPlace } from './output-place.js';
export { PartialFile, partialPathOf, writeWhole } from './partial-file.js';
export {
  CsvReader,
  longestRow,
  openCsv,
  rowTooLong,
  type CsvOptions,
  type CsvRepairs,
} from './reader.js';
export { readRecords } from './records.js';
export { replacementsIn } from './replacements.js';
export { RowTable } from './row-table.js';
export { refuseWrongKind } from './wrong-kind.js';
export { encodeField, encodeRow } from './writing.js';
