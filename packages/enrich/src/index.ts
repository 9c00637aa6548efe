export { enrich, type EnrichOptions, type EnrichResult } from './enrich.js';
