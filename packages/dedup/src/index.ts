export { dedup, type DedupOptions, type DedupResult } from './dedup.js';
export * from '@wxyc/step/for-callers';
