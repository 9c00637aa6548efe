export { dedup, type DedupOptions, type DedupResult } from './dedup.js';
