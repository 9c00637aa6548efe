/** What a review has to ask about: artists with albums in doubt, and what no artist can settle. */

import type { Decision, Rule } from '@wxyc/matching';
import { compareCodePoints, mappingKey, normalizeTitle } from '@wxyc/text';

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
  /** As Discogs spells it; null for releases that no artist decided, mostly compilations, which only ids can settle. */
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

  add(id: number, decision: Decision): void {
    if (decision.decision !== 'REVIEW') return;
    const { spelling, title, score } = decision;
    const normal = normalizeTitle(title);
    const key = spelling === null ? `\0${normal}` : mappingKey(spelling);
    let item = this.items.get(key);
    if (!item) this.items.set(key, (item = { artist: spelling, releases: 0, albums: new Map() }));
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

function albumOf(
  id: number,
  { title, libraryArtist, libraryTitle, rule, score }: Decision,
): ReviewAlbum {
  return { title, libraryArtist, libraryTitle, rule, score, releaseIds: [id] };
}
