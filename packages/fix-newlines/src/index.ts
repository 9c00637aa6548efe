export { Cleaner } from './cleaner.js';
export {
  fixNewlines,
  type FixedFile,
  type FixNewlinesOptions,
  type FixNewlinesResult,
} from './fix-newlines.js';
export * from '@wxyc/step/for-callers';
