/** The library by normal forms: artists in sorted order, each with its titles, and compilation titles. */

import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, normalizeArtist, normalizeTitle, pythonStrip, sortCodePoints } from '@wxyc/text';

/** Normal forms in sorted order, each with the spelling that is shown for it. */
export interface Titles {
  readonly forms: readonly string[];
  readonly spellings: readonly string[];
}

export interface LibraryIndex {
  /** Normal forms, sorted by code point; an artist's number is its place here. */
  readonly artists: readonly string[];
  readonly artistSpellings: readonly string[];
  readonly artistNumber: ReadonlyMap<string, number>;
  readonly compilationTitles: readonly string[];
  readonly compilationSpellings: readonly string[];
  /** The artist's titles, at least one. They are normalised when first asked for: most runs ask for few artists. */
  titlesOf(artist: number): Titles;
  /** Number of distinct (artist, title) pairs. */
  countPairs(): number;
}

interface ArtistEntry {
  spelling: string;
  titles: string[];
}

/** Builds the index. Names and titles whose normal form is empty match nothing and are left out. */
export function createLibraryIndex(rows: readonly LibraryRow[]): LibraryIndex {
  const artists = new Map<string, ArtistEntry>();
  const compilations = new Map<string, string>();
  // An artist's albums stand in many rows: each spelling is looked at once. Null: left out.
  const bySpelling = new Map<string, ArtistEntry | 'compilation' | null>();
  for (const { artist, title } of rows) {
    // Only a blank title has an empty normal form.
    if (pythonStrip(title) === '') continue;
    let entry = bySpelling.get(artist);
    if (entry === undefined) bySpelling.set(artist, (entry = entryFor(artist, artists)));
    if (entry === 'compilation') keepFirst(compilations, normalizeTitle(title), title);
    else entry?.titles.push(title);
  }
  return indexOf(artists, compilations);
}

function entryFor(spelling: string, artists: Map<string, ArtistEntry>): ArtistEntry | 'compilation' | null {
  if (isCompilationArtist(spelling)) return 'compilation';
  const name = normalizeArtist(spelling);
  if (name === '') return null;
  let entry = artists.get(name);
  if (!entry) artists.set(name, (entry = { spelling, titles: [] }));
  else entry.spelling = earlier(entry.spelling, spelling);
  return entry;
}

function titlesOf({ titles }: ArtistEntry): Titles {
  const bySpelling = new Map<string, string>();
  for (const title of titles) keepFirst(bySpelling, normalizeTitle(title), title);
  const forms = sortCodePoints([...bySpelling.keys()]);
  return { forms, spellings: forms.map((form) => bySpelling.get(form)!) };
}

function keepFirst(forms: Map<string, string>, form: string, spelling: string): void {
  const known = forms.get(form);
  forms.set(form, known === undefined ? spelling : earlier(known, spelling));
}

/** Of several spellings of one normal form the first by code point is shown, so that the file's order does not matter. */
function earlier(a: string, b: string): string {
  return a === b || compareCodePoints(a, b) < 0 ? a : b;
}

function indexOf(artists: Map<string, ArtistEntry>, compilations: Map<string, string>): LibraryIndex {
  const names = sortCodePoints([...artists.keys()]);
  const entries = names.map((name) => artists.get(name)!);
  const made: (Titles | undefined)[] = new Array<undefined>(names.length);
  const titles = (artist: number): Titles => (made[artist] ??= titlesOf(entries[artist]!));
  const compilationTitles = sortCodePoints([...compilations.keys()]);
  return {
    artists: names,
    artistSpellings: entries.map(({ spelling }) => spelling),
    artistNumber: new Map(names.map((name, number) => [name, number])),
    compilationTitles,
    compilationSpellings: compilationTitles.map((title) => compilations.get(title)!),
    titlesOf: titles,
    countPairs: () => names.reduce((sum, _name, artist) => sum + titles(artist).forms.length, 0),
  };
}
