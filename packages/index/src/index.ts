export { buildIndexes, type BuildIndexesOptions, type IndexResult } from './build.js';
export * from '@wxyc/step/for-callers';
