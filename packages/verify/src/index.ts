export type { ArtistCandidate } from './candidates.js';
export { copyTo, type CopyOptions, type CopyResult } from './copy.js';
export { explain, type CreditExplanation, type ExplainOptions, type Explanation } from './explain.js';
export { match, type MatchResult } from './match.js';
export type { VerifyOptions } from './options.js';
export { prune, type PruneOptions, type PruneResult } from './prune.js';
export type { TableReport, VerifyReport } from './report.js';
export { review, type ReviewAnswer, type ReviewOptions, type ReviewQuestion, type ReviewResult } from './review.js';
export { verify, type VerifyResult } from './verify.js';
