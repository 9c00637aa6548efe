/** What came out for all releases together: counts, and the artists that a person has to look at. */

import type { Decided } from '@wxyc/matching';
import { compareCodePoints, mappingKey } from '@wxyc/text';

export interface DecisionCounts {
  keep: number;
  review: number;
  prune: number;
}

/** One artist with releases in doubt. */
export interface ReviewArtist {
  /** As Discogs spells it. */
  artist: string;
  releases: number;
  /** The library artist that its best release was matched with. */
  candidate: string | null;
  /** Of that release, 0..1. */
  score: number | null;
  /** Title of that release and the library's title. */
  title: string;
  candidateTitle: string | null;
}

/** Collects decisions one by one; its memory grows with the artists in doubt only. */
export class DecisionSummary {
  readonly counts: DecisionCounts = { keep: 0, review: 0, prune: 0 };
  /** Releases in doubt because they have no main credit: no mapping can settle them. */
  withoutArtist = 0;
  private readonly review = new Map<string, ReviewArtist>();
  private readonly matched = new Set<string>();

  add({ decision }: Decided): void {
    if (decision.decision === 'PRUNE') {
      this.counts.prune += 1;
      return;
    }
    if (decision.matchedArtist !== null) this.matched.add(decision.matchedArtist);
    if (decision.decision === 'KEEP') {
      this.counts.keep += 1;
      return;
    }
    this.counts.review += 1;
    if (decision.artist === null) {
      this.withoutArtist += 1;
      return;
    }
    const key = mappingKey(decision.artist);
    const known = this.review.get(key);
    const releases = (known?.releases ?? 0) + 1;
    if (known && (known.score ?? 0) >= (decision.score ?? 0)) known.releases = releases;
    else {
      this.review.set(key, {
        artist: known?.artist ?? decision.artist,
        releases,
        candidate: decision.matchedArtist,
        score: decision.score,
        title: decision.title,
        candidateTitle: decision.matchedTitle,
      });
    }
  }

  /** Artists in doubt, those with the most releases first. */
  reviewArtists(): ReviewArtist[] {
    return [...this.review.values()].sort((a, b) => b.releases - a.releases || compareCodePoints(a.artist, b.artist));
  }

  /** Library artists, as the library spells them, that a release which stays was matched with. */
  matchedArtists(): string[] {
    return [...this.matched].sort(compareCodePoints);
  }
}
