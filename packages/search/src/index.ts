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
export {
  BadInputError,
  DifferencesError,
  InterruptedError,
  LockedError,
  StepError,
  UsageError,
  type FailureCode,
  type Logger,
  type Progress,
  type ProgressTask,
  type StepContext,
  type StepResult,
} from '@wxyc/step';
