export * from './decision-table.js';
export { DecisionsWriter } from './decisions-writer.js';
export * from './judgement.js';
export { countReleases, streamReleases } from './release-stream.js';
export * from './summary.js';
