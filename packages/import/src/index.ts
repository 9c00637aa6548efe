export { creditedIds, type CreditedIds } from './credited.js';
export { importCsv, type ImportOptions, type ImportResult } from './import.js';
export { rejectedRowsKind } from './rejects.js';
export type { ImportMode } from './layout.js';
export type { TableCounts } from './counts.js';
export * from '@wxyc/step/for-callers';
