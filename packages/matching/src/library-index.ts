/** The library by normal forms: artists in sorted order, each with its titles in sorted order, and compilation titles. */

import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, normalizeArtist, normalizeTitle } from '@wxyc/text';

/** Sorted by code point. `titles` of artist i are those from `titleStart[i]` up to `titleStart[i + 1]`. */
export interface LibraryIndex {
  artists: readonly string[];
  artistSpellings: readonly string[];
  artistNumber: ReadonlyMap<string, number>;
  titleStart: Int32Array;
  titles: readonly string[];
  titleSpellings: readonly string[];
  compilationTitles: readonly string[];
  compilationSpellings: readonly string[];
}

/** Builds the index. Names and titles whose normal form is empty match nothing and are left out. */
export function createLibraryIndex(rows: readonly LibraryRow[]): LibraryIndex {
  const artists = new Map<string, { spelling: string; titles: Map<string, string> }>();
  const compilations = new Map<string, string>();
  for (const row of rows) {
    const title = normalizeTitle(row.title);
    if (title === '') continue;
    if (isCompilationArtist(row.artist)) {
      addSpelling(compilations, title, row.title);
      continue;
    }
    const name = normalizeArtist(row.artist);
    if (name === '') continue;
    let artist = artists.get(name);
    if (!artist) artists.set(name, (artist = { spelling: row.artist, titles: new Map() }));
    else if (compareCodePoints(row.artist, artist.spelling) < 0) artist.spelling = row.artist;
    addSpelling(artist.titles, title, row.title);
  }
  return flatten(artists, compilations);
}

function flatten(
  artists: Map<string, { spelling: string; titles: Map<string, string> }>,
  compilations: Map<string, string>,
): LibraryIndex {
  const names = [...artists.keys()].sort(compareCodePoints);
  const titleStart = new Int32Array(names.length + 1);
  const titles: string[] = [];
  const titleSpellings: string[] = [];
  names.forEach((name, number) => {
    for (const [title, spelling] of sorted(artists.get(name)!.titles)) {
      titles.push(title);
      titleSpellings.push(spelling);
    }
    titleStart[number + 1] = titles.length;
  });
  const compilation = sorted(compilations);
  return {
    artists: names,
    artistSpellings: names.map((name) => artists.get(name)!.spelling),
    artistNumber: new Map(names.map((name, number) => [name, number])),
    titleStart,
    titles,
    titleSpellings,
    compilationTitles: compilation.map(([title]) => title),
    compilationSpellings: compilation.map(([, spelling]) => spelling),
  };
}

/** Of several spellings of one normal form the first by code point is shown, so that the file's order does not matter. */
function addSpelling(forms: Map<string, string>, form: string, spelling: string): void {
  const known = forms.get(form);
  if (known === undefined || compareCodePoints(spelling, known) < 0) forms.set(form, spelling);
}

function sorted(forms: Map<string, string>): [string, string][] {
  return [...forms].sort((a, b) => compareCodePoints(a[0], b[0]));
}
