export { importCsv, type ImportOptions, type ImportResult } from './import.js';
export type { ImportMode } from './layout.js';
export type { TableCounts } from './counts.js';
