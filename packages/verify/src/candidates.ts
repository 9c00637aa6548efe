/** The library artists that come closest to a name, for people: every one is scored, the best few are shown. */

import { titleReadings, titleScore, type Classifier, type LibraryArtist } from '@wxyc/matching';
import { looseArtist, normalizeArtist, ratio, titleForms, type TitleForm } from '@wxyc/text';

export interface ArtistCandidate {
  /** As the library spells it. */
  artist: string;
  /** 0..1: similarity of the names in loose form. */
  score: number;
  /** The artist's title that is most similar to the title in question. */
  title: string;
  /** 0..1: the title score. */
  titleScore: number;
}

/** The best `count` library artists for a name, each with its best title. Spellings with the same loose form are one artist. */
export function closestArtists(
  { index }: Classifier,
  name: string,
  title: string,
  count = 3,
): ArtistCandidate[] {
  const loose = looseArtist(normalizeArtist(name));
  const known = new Map<string, { artists: LibraryArtist[]; score: number }>();
  for (const artist of index.artists()) {
    const [own] = artist.names;
    if (!own) continue;
    const score = Math.max(...artist.names.map((spelling) => ratio(loose, spelling.loose))) / 100;
    const same = known.get(own.loose);
    if (!same) known.set(own.loose, { artists: [artist], score });
    else {
      same.artists.push(artist);
      same.score = Math.max(same.score, score);
    }
  }
  const best = [...known.values()]
    .sort(
      (a, b) => b.score - a.score || firstAlbum(index, a.artists) - firstAlbum(index, b.artists),
    )
    .slice(0, count);
  const forms = titleForms(title);
  return best.map(({ artists, score }) => ({ score, ...closestAlbum(index, artists, forms) }));
}

function closestAlbum(
  index: Classifier['index'],
  artists: readonly LibraryArtist[],
  forms: readonly TitleForm[],
): Omit<ArtistCandidate, 'score'> {
  let best = { artist: '', title: '', titleScore: -1 };
  for (const artist of artists) {
    const name = artist.names[0]!;
    const readings = titleReadings(forms, name);
    for (const album of Array.from(index.albumsOf(artist))) {
      const score = titleScore(readings, titleReadings(index.titleForms(album), name), name);
      const row = index.rows[album]!;
      if (score > best.titleScore)
        best = { artist: row.artist, title: row.title, titleScore: score };
    }
  }
  return best;
}

const firstAlbum = (index: Classifier['index'], artists: readonly LibraryArtist[]): number =>
  index.albumsOf(artists[0]!)[0]!;
