export { filter, type FilterOptions, type FilterResult } from './filter.js';
export type { DecisionCounts } from './selection.js';
