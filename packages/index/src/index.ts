export { buildIndexes, type BuildIndexesOptions, type IndexResult } from './build.js';
