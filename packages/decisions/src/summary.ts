/** The outcome for all releases together: counts, and the artists that a person has to look at. */

import type { Decision, DecisionCounts } from '@wxyc/matching';
import { compareCodePoints, mappingKey } from '@wxyc/text';

/** One artist with releases in doubt. */
export interface ReviewArtist {
  /** As Discogs spells it. */
  artist: string;
  releases: number;
  /** Its release that comes closest to an album, on Discogs. */
  releaseId: number;
  /** The library artist of that album. */
  candidate: string | null;
  /** The score of that release, 0..1. */
  score: number;
  /** Title of that release and the library's title. */
  title: string;
  candidateTitle: string | null;
}

/** Collects decisions one by one; its memory grows only with the artists in doubt. */
export class DecisionSummary {
  readonly counts: DecisionCounts = { keep: 0, review: 0, prune: 0 };
  /** Releases in doubt that no artist decided: without a main credit, or compilations. A mapping cannot settle them. */
  withoutArtist = 0;
  /** Entries of the mappings file that no release of the schema met. */
  unmetMappings: string[] = [];
  private readonly review = new Map<string, ReviewArtist>();

  add(id: number, decision: Decision): void {
    if (decision.decision === 'PRUNE') this.counts.prune += 1;
    else if (decision.decision === 'KEEP') this.counts.keep += 1;
    else {
      this.counts.review += 1;
      if (decision.spelling === null) this.withoutArtist += 1;
      else this.addReview(id, decision, decision.spelling);
    }
  }

  /** Artists in doubt, those with the most releases first. */
  reviewArtists(): ReviewArtist[] {
    return [...this.review.values()].sort(
      (a, b) => b.releases - a.releases || compareCodePoints(a.artist, b.artist),
    );
  }

  private addReview(
    releaseId: number,
    { score, title, libraryArtist, libraryTitle }: Decision,
    artist: string,
  ): void {
    const key = mappingKey(artist);
    const known = this.review.get(key);
    const releases = (known?.releases ?? 0) + 1;
    if (known && known.score >= score) known.releases = releases;
    else
      this.review.set(key, {
        artist: known?.artist ?? artist,
        releases,
        releaseId,
        candidate: libraryArtist,
        score,
        title,
        candidateTitle: libraryTitle,
      });
  }
}
