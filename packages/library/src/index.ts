export * from './artist-list.js';
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
export * from './match-files.js';
export { repairText, type RepairedText } from './text-repair.js';
export type { LibraryRow } from '@wxyc/matching';
export type { Field, LibrarySurvey } from './survey.js';
