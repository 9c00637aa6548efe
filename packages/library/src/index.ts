export * from './artist-file.js';
export {
  libraryKinds,
  libraryName,
  withLibrary,
  type LibraryAtHand,
  type LibraryGiven,
  type LibraryRows,
  type LibrarySource,
  type WithLibrary,
} from './given.js';
export * from './library.js';
export {
  libraryColumns,
  libraryRows,
  rowText,
  type LibraryColumns,
  type LibraryRow,
} from './library-row.js';
export type { Field, LibrarySurvey } from './survey.js';
export type { Deciding } from './library-row.js';
