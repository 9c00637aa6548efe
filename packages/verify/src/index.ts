export type { ArtistCandidate } from './candidates.js';
export { copyTo, type CopyOptions, type CopyResult } from './copy.js';
export {
  explain,
  type CreditExplanation,
  type DroppedFor,
  type ExplainOptions,
  type Explanation,
} from './explain.js';
export {
  explainAlbum,
  type AlbumExplanation,
  type AlbumRelease,
  type ExplainAlbumOptions,
} from './explain-album.js';
export { match, type MatchResult } from './match.js';
export type { VerifyOptions } from './options.js';
export { prune, type PruneOptions, type PruneResult } from './prune.js';
export type { ReleaseDetails } from './release-details.js';
export type { TableReport, VerifyReport } from './report.js';
export {
  review,
  type ReviewAnswer,
  type ReviewOptions,
  type ReviewQuestion,
  type ReviewResult,
} from './review.js';
export type { ReviewAlbum, ReviewItem } from './review-items.js';
export { verify, type VerifyResult } from './verify.js';
export type { StoredDecision } from './decisions-reader.js';
export * from '@wxyc/step/for-callers';
