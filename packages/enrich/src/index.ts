export { alternatesKind, enrich, type EnrichOptions, type EnrichResult } from './enrich.js';
export { alternatesPathOf } from './alternates.js';
export * from '@wxyc/step/for-callers';
