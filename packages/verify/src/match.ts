/** The match step of a run: decides every release once, and leaves the decisions in the build for dedup and prune. */

import { buildSchema } from '@wxyc/dataset';
import { storeDecisions, type DecisionCounts, type ReviewArtist } from '@wxyc/decisions';
import { type LibraryCoverage } from '@wxyc/matching';
import { readMatchBasis } from '@wxyc/library';
import { databaseFailure, withRunLock } from '@wxyc/postgres';
import { checkOptions, type StepContext, type StepResult } from '@wxyc/step';
import { type VerifyOptions, verifyKinds } from './options.js';

export interface MatchResult extends StepResult {
  /** Releases by decision. */
  decisions: DecisionCounts;
  /** Artists in doubt, most releases first. */
  review: ReviewArtist[];
  /** The library's size, and which of its albums have a release in the schema. */
  coverage: LibraryCoverage;
  /** Entries of the mappings file that no release of the schema met. */
  unmetMappings: string[];
}

/**
 * Writes the table `release_match` (see `DecisionTable` in `@wxyc/decisions`) into the build's schema; publishing drops it.
 *
 * @example
 * const { decisions } = await match({ libraryDb: 'library.db', databaseUrl, schema: 'discogs_next' });
 */
export async function match(
  options: VerifyOptions,
  context?: Partial<StepContext>,
): Promise<MatchResult> {
  checkOptions('match', options, verifyKinds);
  const began = performance.now();
  const { databaseUrl, schema = buildSchema } = options;
  const basis = await readMatchBasis(options);
  return withRunLock(options, 'wxyc-match', context, async (lock, context) => {
    try {
      const { summary, coverage, releases } = await storeDecisions(
        {
          databaseUrl,
          schema,
          basis,
          decisions: options.decisions,
          coverage: options.coverage,
          applicationName: lock.applicationName('wxyc-match'),
        },
        context,
      );
      return {
        step: 'match',
        unit: 'releases',
        read: releases,
        written: releases,
        dropped: {},
        seconds: (performance.now() - began) / 1000,
        note: `KEEP ${summary.counts.keep}, REVIEW ${summary.counts.review}, PRUNE ${summary.counts.prune}`,
        decisions: { ...summary.counts },
        review: summary.reviewArtists(),
        coverage,
        unmetMappings: summary.unmetMappings,
      };
    } catch (error) {
      throw databaseFailure(error, databaseUrl, 'Matching', context.signal);
    }
  });
}
