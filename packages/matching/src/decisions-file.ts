/** The rows of a decisions file, for whoever writes or reads one (`--decisions FILE.csv`). */
import { csvKind } from '@wxyc/csv';
import type { Decision } from './decision.js';

/** Header of a decisions file. */
export const decisionColumns = [
  'release_id',
  'artist',
  'title',
  'decision',
  'matched_artist',
  'matched_title',
  'artist_score',
  'title_score',
  'score',
  'rule',
] as const;

/** How a decisions file is told, one of an earlier version too. */
export const decisionsKind = csvKind('a decisions file', ['release_id', 'decision']);

/** The values of a release's row, in the order of {@link decisionColumns}. Scores have at most four decimals. */
export function decisionValues(releaseId: number | string, decision: Decision): (string | number | null)[] {
  return [
    releaseId,
    decision.artist,
    decision.title,
    decision.decision,
    decision.matchedArtist,
    decision.matchedTitle,
    rounded(decision.artistScore),
    rounded(decision.titleScore),
    rounded(decision.score),
    decision.rule,
  ];
}

function rounded(score: number | null): number | null {
  return score === null ? null : Math.round(score * 10_000) / 10_000;
}
