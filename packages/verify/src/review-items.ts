/** What a review has to ask about: artists with albums in doubt, and what no artist can settle. */

import type { Credit, Decision, Release, Rule } from '@wxyc/matching';
import { compareCodePoints, mappingKey, normalizeArtist, normalizeTitle } from '@wxyc/text';

/** Pressings of one title by one artist, in doubt. */
export interface ReviewAlbum {
  /** As the closest of its pressings has it. */
  title: string;
  libraryArtist: string | null;
  libraryTitle: string | null;
  rule: Rule;
  /** 0..1 */
  score: number;
  /** All of its pressings; the one that comes closest first. */
  releaseIds: number[];
}

export interface ReviewItem {
  /** The credit's name on Discogs, by which a mapping is found; null for releases that no single credit decided, such as compilations and joint albums, which only ids can settle. */
  artist: string | null;
  releases: number;
  /** The albums, closest to the library first. */
  albums: ReviewAlbum[];
}

/** Collects REVIEW decisions; its memory grows with what is in doubt. */
export class ReviewItems {
  private readonly items = new Map<
    string,
    { artist: string | null; releases: number; albums: Map<string, ReviewAlbum> }
  >();

  add({ id, credits }: Pick<Release, 'id' | 'credits'>, decision: Decision): void {
    if (decision.decision !== 'REVIEW') return;
    const { spelling, title, score } = decision;
    const normal = normalizeTitle(title);
    const artist = spelling === null ? null : creditOf(credits, spelling);
    const key = artist === null ? `\0${spelling ?? ''}\0${normal}` : mappingKey(artist);
    let item = this.items.get(key);
    if (!item) this.items.set(key, (item = { artist, releases: 0, albums: new Map() }));
    item.releases += 1;
    const known = item.albums.get(normal);
    if (!known) item.albums.set(normal, albumOf(id, decision));
    else if (known.score >= score) known.releaseIds.push(id);
    else
      item.albums.set(normal, { ...albumOf(id, decision), releaseIds: [id, ...known.releaseIds] });
  }

  /** Artists with the most releases first, then what no artist decided. */
  list(): ReviewItem[] {
    const items = [...this.items.values()].map(({ artist, releases, albums }) => ({
      artist,
      releases,
      albums: [...albums.values()].sort(
        (a, b) => b.score - a.score || compareCodePoints(a.title, b.title),
      ),
    }));
    return items.sort(
      (a, b) =>
        Number(a.artist === null) - Number(b.artist === null) ||
        b.releases - a.releases ||
        compareCodePoints(a.artist ?? a.albums[0]!.title, b.artist ?? b.albums[0]!.title),
    );
  }
}

/** The credit that has this spelling as its name or variation; null if it is several names joined, or one of a joined name. */
function creditOf(credits: readonly Credit[], spelling: string): string | null {
  const normal = normalizeArtist(spelling);
  const names = credits
    .filter(({ name, variation = '' }) =>
      [name, variation].some((spelled) => normalizeArtist(spelled) === normal),
    )
    .map(({ name }) => name);
  return names.sort(compareCodePoints)[0] ?? null;
}

function albumOf(
  id: number,
  { title, libraryArtist, libraryTitle, rule, score }: Decision,
): ReviewAlbum {
  return { title, libraryArtist, libraryTitle, rule, score, releaseIds: [id] };
}
