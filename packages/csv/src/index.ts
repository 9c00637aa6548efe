export { CsvBatch } from './batch.js';
export { makeDirectory } from './directory.js';
export { lockOutput, type OutputLock } from './output-lock.js';
export { PartialFile, partialPathOf } from './partial-file.js';
export { CsvReader, openCsv, type CsvOptions, type CsvRepairs } from './reader.js';
export { readRecords } from './records.js';
export { RowTable } from './row-table.js';
export { refuseWrongKind } from './wrong-kind.js';
export { encodeField, encodeRow } from './writing.js';
