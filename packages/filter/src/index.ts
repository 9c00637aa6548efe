export { filter, type FilterOptions, type FilterResult } from './filter.js';
export type { DecisionCounts } from '@wxyc/matching';
export * from '@wxyc/step/for-callers';
