/** The match step of a run: decides every release once, and leaves the decisions in the build for dedup and prune. */

import { buildSchema } from '@wxyc/dataset';
import { readJudgement, storeDecisions, type DecisionCounts, type ReviewArtist } from '@wxyc/decisions';
import { databaseFailure, withRunLock } from '@wxyc/postgres';
import { type StepContext, type StepResult } from '@wxyc/step';
import type { VerifyOptions } from './options.js';

export interface MatchResult extends StepResult {
  decisions: DecisionCounts;
  /** Artists in doubt, most releases first. */
  review: ReviewArtist[];
  /** Library artists, as the library spells them, that a release which stays was matched with. */
  matchedArtists: string[];
}

/**
 * Writes the table `release_match (release_id, decision)` into the build's schema; publishing drops it.
 *
 * @example
 * const { decisions } = await match({ libraryDb: 'library.db', databaseUrl, schema: 'discogs_next' });
 */
export async function match(options: VerifyOptions, context?: Partial<StepContext>): Promise<MatchResult> {
  const began = performance.now();
  const { databaseUrl, schema = buildSchema } = options;
  const judgement = readJudgement(options);
  return withRunLock(options.lock, databaseUrl, 'wxyc-match', context, async (lock, context) => {
    try {
      const { summary, releases } = await storeDecisions(
        { databaseUrl, schema, judgement, jobs: options.jobs, decisions: options.decisions, applicationName: lock.applicationName('wxyc-match') },
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
        matchedArtists: summary.matchedArtists(),
      };
    } catch (error) {
      throw databaseFailure(error, databaseUrl, 'Matching', context.signal);
    }
  });
}
