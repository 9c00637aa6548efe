export * from './albums.js';
export * from './artist-spelling.js';
export * from './basis.js';
export * from './name-files.js';
export * from './classifier.js';
export type { Outcome } from './outcome.js';
export * from './coverage-file.js';
export * from './decision.js';
export * from './decisions-file.js';
export * from './fingerprint.js';
export * from './library-index.js';
export {
  libraryColumns,
  libraryRows,
  rowsFingerprint,
  rowText,
  type Deciding,
  type LibraryColumns,
  type LibraryRow,
} from './library-row.js';
export * from './mappings.js';
export * from './name-list.js';
export * from './name-screen.js';
export * from './nearest.js';
export * from './release-ids.js';
export * from './screen.js';
export * from './selection.js';
export * from './title-score.js';
