/** What titles must score. */

import type { DecisionName } from '@wxyc/dataset';
import { defaultScoreCutoff, reviewCutoff } from './decision.js';
import { scoreStep } from './outcome.js';

export class Cutoffs {
  /** A title that scores less leads to PRUNE. */
  readonly review: number;
  /** What a title must score to matter, for an artist's own albums and for joint ones. */
  readonly least: { readonly own: number; readonly joint: number };

  constructor(readonly keep = defaultScoreCutoff) {
    this.review = Math.min(reviewCutoff, keep);
    this.least = { own: this.review - scoreStep, joint: keep - scoreStep };
  }

  decide(score: number): DecisionName {
    return score >= this.keep ? 'KEEP' : score >= this.review ? 'REVIEW' : 'PRUNE';
  }
}
