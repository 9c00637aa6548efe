/** What the rules say about a release and a library album, and which outcome counts. */

import { decisionCodes, type DecisionName } from '@wxyc/dataset';
import { compareCodePoints, normalizeTitle } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import { rules, type Release, type Rule } from './decision.js';
import { compareRows, type LibraryIndex } from './library-index.js';
import type { WhatIsAsked } from './title-glance.js';

/** What one rule says about a release and a library album. */
export interface Outcome {
  decision: DecisionName;
  rule: Rule;
  album: number | null;
  spelling: ArtistSpelling | null;
  artistScore: number | null;
  titleScore: number | null;
  score: number;
}

/** Is told of albums that releases come near to, even if the release is not kept. */
export interface PairObserver extends WhatIsAsked {
  /** Is told of every album that a rule compared a release with, unless the outcome is PRUNE with a score below {@link least}. */
  note(album: number, release: Release, outcome: Outcome): void;
  /** Is told of an album that a release is, when no other album was worth comparing with that release. */
  found(album: number, releaseId: number): void;
}

/** Less than scores ever differ by; smaller differences come from adding in another order. */
export const scoreStep = 1e-6;

export const nothingAlike: Outcome = {
  decision: 'PRUNE',
  rule: '5 nothing alike',
  album: null,
  spelling: null,
  artistScore: null,
  titleScore: null,
  score: 0,
};

/** The best outcome so far; it does not depend on the order of credits or of library rows. */
export class BestOutcome {
  outcome = nothingAlike;
  private normalTitle: string | undefined;

  /**
   * @param title The release's title.
   * @param nearest Whether it matters which album a pruned release came nearest to.
   * @param seen Told of every outcome.
   */
  constructor(
    private readonly index: LibraryIndex,
    private readonly title: string,
    private readonly nearest: boolean,
    readonly seen: ((outcome: Outcome) => void) | undefined,
  ) {}

  /** What a title must score to matter; `reviewable` is what it must score for a person to look at it. */
  leastScore(reviewable: number): number {
    if (!this.nearest || this.outcome.decision !== 'PRUNE') return reviewable;
    return Math.min((this.outcome.titleScore ?? 0) - scoreStep, reviewable);
  }

  offer(outcome: Outcome): void {
    this.seen?.(outcome);
    if (this.compare(outcome, this.outcome) > 0) this.outcome = outcome;
  }

  /** Above 0 if a is better. An album that came near is better than none. */
  private compare(a: Outcome, b: Outcome): number {
    return (
      decisionCodes[a.decision] - decisionCodes[b.decision] ||
      (a.titleScore ?? -1) - (b.titleScore ?? -1) ||
      a.score - b.score ||
      Number(a.album !== null) - Number(b.album !== null) ||
      this.compareAlbums(a.album, b.album) ||
      rules.indexOf(b.rule) - rules.indexOf(a.rule) ||
      compareCodePoints(b.spelling?.normal ?? '', a.spelling?.normal ?? '') ||
      compareCodePoints(b.spelling?.raw ?? '', a.spelling?.raw ?? '')
    );
  }

  /** Among equals, the row with exactly this title, then the one that sorts first; of equal rows, the first. */
  private compareAlbums(a: number | null, b: number | null): number {
    if (a === null || b === null || a === b) return 0;
    const x = this.index.rows[a]!;
    const y = this.index.rows[b]!;
    const closer =
      x.title === y.title ? 0 : Number(this.isSameTitle(a)) - Number(this.isSameTitle(b));
    return closer || compareRows(y, x) || b - a;
  }

  private isSameTitle(album: number): boolean {
    return this.index.normalTitle(album) === (this.normalTitle ??= normalizeTitle(this.title));
  }
}
