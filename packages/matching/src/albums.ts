/** Which library rows are the same album, and how large the library is when each album counts once. */

import { isCompilationArtist, looseArtist, normalizeArtist, titleForms } from '@wxyc/text';
import type { LibraryRow } from './library-row.js';

/** The library's size, in the numbers that are given everywhere. */
export interface LibrarySize {
  /** Albums, including compilations: rows with the same artist and title in loose form are one. */
  albums: number;
  /** Artists in loose form, without those of compilations. */
  artists: number;
  compilations: number;
  /** Rows without an artist or a title. */
  leftOut: number;
}

/** For each row, the place of the first row that is the same album: same artist and title in loose form, whatever the format. */
export function albumGroups(rows: readonly LibraryRow[]): Int32Array {
  const first = new Map<string, number>();
  return Int32Array.from(rows, ({ artist, title }, at) => {
    const key = `${artistKey(artist)}\0${titleForms(title)[0]?.key ?? ''}`;
    const known = first.get(key);
    if (known !== undefined) return known;
    first.set(key, at);
    return at;
  });
}

/**
 * @param leftOut Rows that were left out when the library was read.
 * @param groups {@link albumGroups} of the rows, if they are known already.
 */
export function librarySize(
  rows: readonly LibraryRow[],
  leftOut = 0,
  groups = albumGroups(rows),
): LibrarySize {
  const artists = new Set<string>();
  const size = { albums: 0, artists: 0, compilations: 0, leftOut };
  for (const [at, album] of groups.entries()) {
    if (album !== at) continue;
    size.albums += 1;
    const { artist } = rows[at]!;
    if (isCompilationArtist(artist)) size.compilations += 1;
    else artists.add(artistKey(artist));
  }
  size.artists = artists.size;
  return size;
}

function artistKey(artist: string): string {
  return isCompilationArtist(artist) ? '' : looseArtist(normalizeArtist(artist));
}
