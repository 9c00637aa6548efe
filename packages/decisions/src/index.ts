export * from './decision-table.js';
export { lostAlbums, type LostAlbum, type LostAlbumsOptions } from './lost-albums.js';
export { countReleases, releaseToDecide, streamReleases } from './release-stream.js';
export * from './summary.js';
export type { DecisionCounts } from '@wxyc/matching';
