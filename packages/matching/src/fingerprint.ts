/** What a stored set of decisions depends on, as one short text. */

import { createHash } from 'node:crypto';
import { libraryFingerprint } from '@wxyc/library';
import { compareCodePoints } from '@wxyc/text';
import type { ClassifierOptions } from './classifier.js';
import { defaultScoreCutoff } from './decision.js';

/** Raised when a change of the rules changes decisions, so that stored ones are made again. */
const rulesVersion = 1;

/**
 * Equal if and only if a classifier with these options decides the same: by library rows, mappings, cut-off and rules.
 *
 * @example
 * matchFingerprint({ library }); // 'match-1-5f0c…'
 */
export function matchFingerprint(options: ClassifierOptions): string {
  const keep = [...(options.mappings?.keep ?? [])].sort((a, b) => compareCodePoints(a[0], b[0]));
  const prune = [...(options.mappings?.prune ?? [])].sort(compareCodePoints);
  const hash = createHash('sha256')
    .update(libraryFingerprint(options.library))
    .update(JSON.stringify([keep, prune, options.scoreCutoff ?? defaultScoreCutoff]));
  return `match-${rulesVersion}-${hash.digest('hex').slice(0, 32)}`;
}
