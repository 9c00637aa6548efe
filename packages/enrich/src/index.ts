export { alternatesKind, enrich, type EnrichOptions, type EnrichResult } from './enrich.js';
export { alternatesPathOf } from './further-names.js';
