/** The library artists that come closest to a name, for people: every one is scored, the best few are shown. */

import { ArtistSpelling, titleReadings, titleScore, type Classifier, type LibraryArtist } from '@wxyc/matching';
import { looseArtist, normalizeArtist, ratio, titleForms, type TitleForm } from '@wxyc/text';

export interface ArtistCandidate {
  /** As the library spells it. */
  artist: string;
  /** 0..1: similarity of the names in loose form. */
  score: number;
  /** Of its titles the one most similar to the title in question. */
  title: string;
  /** 0..1: the title score. */
  titleScore: number;
}

/** The best `count` library artists for a name, each with its best title. The order of equals is that of the library. */
export function closestArtists({ index }: Classifier, name: string, title: string, count = 3): ArtistCandidate[] {
  const loose = looseArtist(normalizeArtist(name));
  const scored = index.artists.flatMap((artist) => {
    const scores = artist.names.map((spelling) => ratio(loose, spelling.loose) / 100);
    // Compilations with track artists have no name of their own.
    return scores.length === 0 ? [] : [{ artist, score: Math.max(...scores) }];
  });
  scored.sort((a, b) => b.score - a.score || a.artist.albums[0]! - b.artist.albums[0]!);
  const best = new Map<string, { artist: LibraryArtist; score: number }>();
  for (const candidate of scored) {
    const spelled = index.rows[candidate.artist.albums[0]!]!.artist;
    if (!best.has(spelled)) best.set(spelled, candidate);
    if (best.size === count) break;
  }
  const forms = titleForms(title);
  return [...best].map(([artist, candidate]) => ({ artist, score: candidate.score, ...closestTitle(index, candidate.artist, forms) }));
}

function closestTitle(index: Classifier['index'], artist: LibraryArtist, forms: readonly TitleForm[]): { title: string; titleScore: number } {
  const name = artist.names[0] ?? new ArtistSpelling('');
  const readings = titleReadings(forms, name);
  let best = { title: '', titleScore: -1 };
  for (const album of artist.albums) {
    const score = titleScore(readings, index.titleReadings(album, name), name.loose);
    if (score > best.titleScore) best = { title: index.rows[album]!.title, titleScore: score };
  }
  return best;
}
