export * from './artist-filter.js';
export * from './classifier.js';
export * from './decision.js';
export { createLibraryIndex, type LibraryIndex } from './library-index.js';
export * from './mappings.js';
