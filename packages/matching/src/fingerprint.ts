/** What a stored set of decisions depends on, as one short text. */

import { createHash } from 'node:crypto';
import { rowText } from './library-row.js';
import { compareCodePoints } from '@wxyc/text';
import type { MatchBasis } from './basis.js';
import { defaultScoreCutoff, rulesVersion } from './decision.js';

/**
 * Equal if and only if a classifier decides the same by this basis: library rows in this order, names, ids, mappings, cut-off and
 * rules.
 *
 * @example
 * basisFingerprint({ library }); // 'match-4-5f0c…'
 */
export function basisFingerprint(basis: MatchBasis): string {
  const keep = [...(basis.mappings?.keep ?? [])].sort((a, b) => compareCodePoints(a[0], b[0]));
  const prune = [...(basis.mappings?.prune ?? [])].sort(compareCodePoints);
  const hash = createHash('sha256');
  // In this order: decisions name an album by its place.
  for (const row of basis.library) hash.update(rowText(row));
  hash.update(
    JSON.stringify([
      keep,
      prune,
      basis.scoreCutoff ?? defaultScoreCutoff,
      basis.alternates ?? [],
      basis.artists ?? null,
      basis.keepIds ?? [],
      [...(basis.aliases ?? [])],
    ]),
  );
  return `match-${rulesVersion}-${hash.digest('hex').slice(0, 32)}`;
}
