export { hasTrack, readRelease, searchArtists, searchReleases, searchTracks } from './search.js';
export type {
  FoundArtist,
  FoundRelease,
  FoundTrack,
  Matched,
  ReleaseRecord,
  SearchSql,
  TrackAnswer,
} from './search.js';
export type { SearchOptions } from './search.js';
export * from '@wxyc/step/for-callers';
