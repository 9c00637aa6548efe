export * from './artist-filter.js';
export * from './classifier.js';
export * from './decide-all.js';
export * from './decision.js';
export * from './decision-thread.js';
export * from './fingerprint.js';
export * from './decisions-file.js';
export { createLibraryIndex, type LibraryIndex } from './library-index.js';
export * from './mappings.js';
