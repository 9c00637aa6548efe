export * from './artist-file.js';
export * from './library.js';
export { libraryColumns, libraryRows, rowText, type LibraryColumns, type LibraryRow } from './library-row.js';
export type { Field, LibrarySurvey } from './survey.js';
