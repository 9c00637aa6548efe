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
