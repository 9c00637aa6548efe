/** For every library album: the releases that are it, those in doubt, and the nearest one seen. */

import { compareCodePoints, titleForms, TitleForm } from '@wxyc/text';
import { albumGroups } from './albums.js';
import type { Classifier } from './classifier.js';
import { scoreStep, type Outcome } from './outcome.js';
import { mostForNumbers, reviewCutoff, type Release } from './decision.js';
import { similarity } from './similarity.js';
import { differInNumbers } from './title-score.js';

/** What keeps the nearest release from being the album. */
export type Missing = 'artist' | 'title' | 'number';

/** A release that comes near an album without being it for certain. */
export interface NearRelease {
  releaseId: number;
  /** As Discogs credits it. */
  artist: string;
  title: string;
  /** 0..1: what the cut-offs are compared with. */
  score: number;
  missing: Missing;
  /** 0..1: orders what is near. Titles that differ only in a number come before those that differ otherwise; all that are hardly alike have the same value. */
  nearness: number;
}

/** What has become known about albums since the last call. Plain data: it can be sent from a thread. */
export interface AlbumNews {
  /** Album, release and whether it is in doubt (1) or not (0), in turn. */
  matches: number[];
  nearest: [album: number, near: NearRelease][];
}

/** What is known about an album, by the place of its first row. */
export interface AlbumFinds {
  keep: readonly number[];
  review: readonly number[];
  nearest: NearRelease | null;
}

/**
 * Notes what a classifier compares. Memory: a few bytes for each album, plus what is found of it.
 *
 * @example
 * const nearest = new NearestReleases(classifier.basis.library);
 * nearest.observe(classifier);
 * for (const release of releases) classifier.decide(release);
 * nearest.of(0); // { keep: [249504], review: [], nearest: null }
 */
export class NearestReleases {
  /** For each row the place of the first row that is the same album. */
  readonly groups: Int32Array;
  private readonly keep = new Map<number, number[]>();
  private readonly review = new Map<number, number[]>();
  private readonly near = new Map<number, NearRelease>();
  /** For each row, how near the nearest release so far is; -1 if there is none. */
  private readonly reached: Float64Array;
  private matches: number[] = [];
  private readonly moved = new Set<number>();
  /** The current release, split into words only once. */
  private last: { release: Release; form: TitleForm | undefined } | undefined;

  constructor(rows: Parameters<typeof albumGroups>[0]) {
    this.groups = albumGroups(rows);
    this.reached = new Float64Array(this.groups.length).fill(-1);
  }

  /** Listens to a classifier's decisions from now on. */
  observe(classifier: Classifier): void {
    classifier.observer = {
      least: (album, isSameArtist) => this.leastFor(this.groups[album]!, isSameArtist),
      note: (album, release, outcome) =>
        this.note(this.groups[album]!, release, outcome, () => classifier.index.titleForms(album)),
      found: (album, releaseId) => this.found(this.groups[album]!, releaseId, false),
    };
  }

  /** What this collector has learned since the last call; a collector that {@link add}s all of it knows as much. */
  takeNews(): AlbumNews {
    const news: AlbumNews = {
      matches: this.matches,
      nearest: [...this.moved].map((album) => [album, this.near.get(album)!]),
    };
    this.matches = [];
    this.moved.clear();
    return news;
  }

  add({ matches, nearest }: AlbumNews): void {
    for (let at = 0; at < matches.length; at += 3)
      this.found(matches[at]!, matches[at + 1]!, matches[at + 2] === 1);
    for (const [album, near] of nearest) this.consider(album, near);
  }

  /** @param album Place of the album's first row ({@link groups}). */
  of(album: number): AlbumFinds {
    // A release may be decided twice, when it has to be read again.
    const keep = ascending(this.keep.get(album));
    return {
      keep,
      review: ascending(this.review.get(album)),
      nearest: keep.length > 0 ? null : (this.near.get(album) ?? null),
    };
  }

  private note(
    album: number,
    release: Release,
    outcome: Outcome,
    albumForms: () => readonly TitleForm[],
  ): void {
    if (outcome.decision !== 'PRUNE') this.found(album, release.id, outcome.decision === 'REVIEW');
    // Once an album is found, nobody asks what else was near.
    if (outcome.decision === 'KEEP' || this.keep.has(album)) return;
    const { missing, nearness } = this.distance(release, outcome, albumForms);
    const known = this.near.get(album);
    if (known && known.nearness > nearness) return;
    const artist = release.credits.map(({ name }) => name).join(' / ');
    this.consider(album, {
      releaseId: release.id,
      artist,
      title: release.title,
      score: missing === 'number' ? 0 : outcome.score,
      missing,
      nearness,
    });
  }

  private distance(
    release: Release,
    { artistScore, titleScore, rule }: Outcome,
    albumForms: () => readonly TitleForm[],
  ): Pick<NearRelease, 'missing' | 'nearness'> {
    const byTitle = artistScore !== 1 && !rule.startsWith('2');
    if (byTitle) return { missing: 'artist', nearness: atLeast(artistScore ?? 0, otherArtist) };
    const asTitle = { missing: 'title', nearness: atLeast(titleScore ?? 0, otherTitle) } as const;
    // Different numbers do not yet say how alike the titles are.
    if (this.last?.release !== release) this.last = { release, form: titleForms(release.title)[0] };
    const [ours, theirs] = [this.last.form, albumForms()[0]];
    // A title made only of symbols has neither numbers nor words.
    if (!ours?.words.length || !theirs?.words.length || !differInNumbers(ours, theirs))
      return asTitle;
    const alike = similarity(withoutNumbers(ours), withoutNumbers(theirs));
    return alike >= reviewCutoff && alike * mostForNumbers > asTitle.nearness
      ? { missing: 'number', nearness: alike * mostForNumbers }
      : asTitle;
  }

  /** How near a release must come to be news about an album. */
  private leastFor(album: number, isSameArtist: boolean): number {
    const reached = this.reached[album]!;
    if (reached < (isSameArtist ? otherTitle : otherArtist)) return 0;
    return Math.max(reached - scoreStep, leastAlike);
  }

  private found(album: number, releaseId: number, inDoubt: boolean): void {
    // All outcomes for one release come in one go.
    const [kept, doubted] = [this.keep.get(album), this.review.get(album)];
    if (kept?.at(-1) === releaseId || (inDoubt && doubted?.at(-1) === releaseId)) return;
    if (doubted?.at(-1) === releaseId) doubted.pop();
    const ids = inDoubt ? doubted : kept;
    if (ids) ids.push(releaseId);
    else (inDoubt ? this.review : this.keep).set(album, [releaseId]);
    this.matches.push(album, releaseId, inDoubt ? 1 : 0);
    if (!inDoubt) this.reached[album] = found;
  }

  /** The nearest does not depend on the order of releases, unless none is much alike: then it is the first. */
  private consider(album: number, near: NearRelease): void {
    const known = this.near.get(album);
    if (known && compareNear(near, known) <= 0) return;
    this.near.set(album, near);
    this.moved.add(album);
    this.reached[album] = Math.max(this.reached[album]!, near.nearness);
  }
}

/** The nearness of a release that is the album. */
const found = 2;
/** Titles or names that are less alike have no more in common than any other two: then the first release represents them all. */
const leastAlike = 0.6;
/** The nearness of such a release by the album's artist, and of one by another artist. */
const otherTitle = 0.1;
const otherArtist = 0;

const ascending = (ids: readonly number[] | undefined): number[] =>
  [...new Set(ids)].sort((a, b) => a - b);

const atLeast = (alike: number, other: number): number => (alike < leastAlike ? other : alike);

/** Above 0 if a is nearer. */
function compareNear(a: NearRelease, b: NearRelease): number {
  return (
    a.nearness - b.nearness ||
    (a.nearness < leastAlike ? 0 : a.score - b.score) ||
    b.releaseId - a.releaseId ||
    compareCodePoints(b.missing, a.missing)
  );
}

function withoutNumbers({ words, numbers }: TitleForm): string {
  return new TitleForm(words.filter((word) => !numbers.includes(word))).sortedWords;
}
