/** The rows of a decisions file, for whoever writes or reads one (`--decisions FILE.csv`). */
import { csvKind } from '@wxyc/csv';
import type { Decision } from './decision.js';

/** Header of a decisions file. */
export const decisionColumns = [
  'release_id',
  'spelling',
  'title',
  'decision',
  'library_row',
  'library_artist',
  'library_title',
  'artist_score',
  'title_score',
  'score',
  'rule',
] as const;

/** How a decisions file is recognised, even one of an earlier version. */
export const decisionsKind = csvKind('a decisions file', ['release_id', 'decision']);

/** A column that files of earlier rules had and today's do not. */
const earlierColumn = 'matched_artist';

/** Whether a header is that of a decisions file made by earlier rules: its decisions no longer hold. */
export function isEarlierDecisionsFile(header: readonly string[]): boolean {
  return header.includes('release_id') && header.includes(earlierColumn);
}

/** Whether a release belongs in the file: some rule found an album that comes near, or settled it without one. */
export function isScored({ decision, album }: Decision): boolean {
  return album !== null || decision !== 'PRUNE';
}

/** The values of a release's row, in the order of {@link decisionColumns}. Scores have at most four decimals, rows count from 1. */
export function decisionValues(
  releaseId: number | string,
  decision: Decision,
): (string | number | null)[] {
  return [
    releaseId,
    decision.spelling,
    decision.title,
    decision.decision,
    decision.album === null ? null : decision.album + 1,
    decision.libraryArtist,
    decision.libraryTitle,
    rounded(decision.artistScore),
    rounded(decision.titleScore),
    rounded(decision.score),
    decision.rule,
  ];
}

function rounded(score: number | null): number | null {
  return score === null ? null : Math.round(score * 10_000) / 10_000;
}
