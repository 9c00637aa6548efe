export { filter, type FilterOptions, type FilterResult } from './filter.js';
export { IdSet } from './kept-ids.js';
export type { DecisionCounts } from './selection.js';
