/** The library by normal forms: artists in sorted order, each with its titles in sorted order, and compilation titles. */

import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, normalizeArtist, normalizeTitle, sortCodePoints } from '@wxyc/text';

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

/** Normal forms in sorted order, each with the spelling that is shown for it. */
interface Forms {
  forms: string[];
  spellings: string[];
}

interface ArtistEntry extends Forms {
  spelling: string;
}

/** Builds the index. Names and titles whose normal form is empty match nothing and are left out. */
export function createLibraryIndex(rows: readonly LibraryRow[]): LibraryIndex {
  const artists = new Map<string, ArtistEntry>();
  const compilations = new Map<string, string>();
  // An artist's albums stand in many rows: each spelling is looked at once. Null: left out.
  const bySpelling = new Map<string, ArtistEntry | 'compilation' | null>();
  for (const row of rows) {
    let entry = bySpelling.get(row.artist);
    if (entry === undefined) bySpelling.set(row.artist, (entry = entryFor(row.artist, artists)));
    const title = entry === null ? '' : normalizeTitle(row.title);
    if (title === '') continue;
    if (entry === 'compilation') keepFirst(compilations, title, row.title);
    else addTitle(entry!, title, row.title);
  }
  // Their titles may all have been empty.
  for (const [name, entry] of artists) if (entry.forms.length === 0) artists.delete(name);
  return flatten(artists, compilations);
}

function entryFor(spelling: string, artists: Map<string, ArtistEntry>): ArtistEntry | 'compilation' | null {
  if (isCompilationArtist(spelling)) return 'compilation';
  const name = normalizeArtist(spelling);
  if (name === '') return null;
  let entry = artists.get(name);
  if (!entry) artists.set(name, (entry = { spelling, forms: [], spellings: [] }));
  else entry.spelling = earlier(entry.spelling, spelling);
  return entry;
}

function addTitle({ forms, spellings }: Forms, form: string, spelling: string): void {
  let at = forms.length;
  while (at > 0 && compareCodePoints(forms[at - 1]!, form) > 0) at -= 1;
  if (at > 0 && forms[at - 1] === form) spellings[at - 1] = earlier(spellings[at - 1]!, spelling);
  else {
    forms.splice(at, 0, form);
    spellings.splice(at, 0, spelling);
  }
}

function keepFirst(forms: Map<string, string>, form: string, spelling: string): void {
  const known = forms.get(form);
  forms.set(form, known === undefined ? spelling : earlier(known, spelling));
}

/** Of several spellings of one normal form the first by code point is shown, so that the file's order does not matter. */
function earlier(a: string, b: string): string {
  return a === b || compareCodePoints(a, b) < 0 ? a : b;
}

function flatten(artists: Map<string, ArtistEntry>, compilations: Map<string, string>): LibraryIndex {
  const names = sortCodePoints([...artists.keys()]);
  const entries = names.map((name) => artists.get(name)!);
  const titleStart = new Int32Array(names.length + 1);
  const titles: string[] = [];
  const titleSpellings: string[] = [];
  entries.forEach(({ forms, spellings }, number) => {
    for (const form of forms) titles.push(form);
    for (const spelling of spellings) titleSpellings.push(spelling);
    titleStart[number + 1] = titles.length;
  });
  const compilationTitles = sortCodePoints([...compilations.keys()]);
  return {
    artists: names,
    artistSpellings: entries.map(({ spelling }) => spelling),
    artistNumber: new Map(names.map((name, number) => [name, number])),
    titleStart,
    titles,
    titleSpellings,
    compilationTitles,
    compilationSpellings: compilationTitles.map((title) => compilations.get(title)!),
  };
}
