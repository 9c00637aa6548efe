/** The library's albums by everything that a release may have in common with one: artist, title, ids. */

import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, normalizeTitle, pythonStrip, titleForms, type TitleForm } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import { indexable } from './indexable-name.js';
import { titleReadings } from './title-score.js';
import { SignatureTable } from './title-signature.js';

/** An artist as the library names it, shared by all rows with the same names. */
export interface LibraryArtist {
  /** The name itself and its further names. */
  names: readonly ArtistSpelling[];
  /** Artists of a joint album (`A / B`), of whom each alone stands for it only beside an equal title. */
  parts: readonly ArtistSpelling[];
  /** Places of its albums among the library's rows, ascending. */
  albums: number[];
  /** All of the names and parts. */
  named: NamedArtist[];
}

/** A name under which the library has an artist. */
export interface NamedArtist {
  artist: LibraryArtist;
  name: ArtistSpelling;
  /** The name is one of {@link LibraryArtist.parts}. */
  isPart: boolean;
  /** Its place among all. */
  id: number;
  /** For each of the artist's albums, the forms of its title, read as one by the artist of this name. Made when first asked for. */
  titles?: readonly (readonly TitleForm[])[];
}

export class LibraryIndex {
  readonly artists: LibraryArtist[] = [];
  readonly named: NamedArtist[] = [];
  /** Of the titles of every {@link NamedArtist}, in the order of {@link titlesOf}. */
  readonly signatures = new SignatureTable();
  /** Places of compilations among the rows. */
  readonly compilations: number[] = [];
  /** Rows that match nothing: without an artist or without a title. */
  unusable = 0;
  readonly byLoose = new Map<string, NamedArtist[]>();
  readonly byBag = new Map<string, NamedArtist[]>();
  /** Loose title to albums of artists. */
  readonly byTitle = new Map<string, number | number[]>();
  /** Loose title to compilations. */
  readonly compilationByTitle = new Map<string, number | number[]>();
  readonly byReleaseId = new Map<number, number>();
  readonly byMasterId = new Map<number, number>();
  private readonly artistOf: (LibraryArtist | null)[];
  private readonly forms: (readonly TitleForm[] | undefined)[];

  /**
   * @param rows Albums; of equal ones the first stands for all.
   * @param alternates Further names: of every album by the artist of the same name.
   */
  constructor(
    readonly rows: readonly LibraryRow[],
    alternates: readonly (readonly [artist: string, name: string])[] = [],
  ) {
    this.artistOf = new Array<LibraryArtist | null>(rows.length).fill(null);
    this.forms = new Array<readonly TitleForm[] | undefined>(rows.length).fill(undefined);
    const furtherNames = namesByArtist(alternates);
    const artists = new Map<string, LibraryArtist>();
    for (const [album, row] of rows.entries()) {
      if (row.releaseId) this.keepFirst(this.byReleaseId, row.releaseId, album);
      if (row.masterId) this.keepFirst(this.byMasterId, row.masterId, album);
      if (pythonStrip(row.title) === '' || pythonStrip(row.artist) === '') this.unusable += 1;
      else if (isCompilationArtist(row.artist)) this.addCompilation(album);
      else this.addAlbum(album, artists, furtherNames);
    }
    this.signatures.finish(this.named.length);
  }

  /** The artist of an album; null for a compilation. */
  artist(album: number): LibraryArtist | null {
    return this.artistOf[album]!;
  }

  /** The forms of an album's title. */
  titleForms(album: number): readonly TitleForm[] {
    return (this.forms[album] ??= titleForms(this.rows[album]!.title));
  }

  /** {@link NamedArtist.titles}. */
  titlesOf(named: NamedArtist): readonly (readonly TitleForm[])[] {
    return (named.titles ??= named.artist.albums.map((album) => titleReadings(this.titleForms(album), named.name)));
  }

  /** Artists that bear the name in normal or loose form, or as the same words in another order. */
  artistsNamed(name: ArtistSpelling): readonly NamedArtist[] {
    const byLoose = this.byLoose.get(name.loose);
    const byBag = name.bag === '' ? undefined : this.byBag.get(name.bag);
    if (!byBag) return byLoose ?? [];
    if (!byLoose) return byBag;
    const further = byBag.filter((named) => named.name.loose !== name.loose);
    return further.length > 0 ? [...byLoose, ...further] : byLoose;
  }

  normalTitle(album: number): string {
    return normalizeTitle(this.rows[album]!.title);
  }

  /** Of rows that name one id the one that sorts first: the order of the rows must not matter. */
  private keepFirst(map: Map<number, number>, id: number, album: number): void {
    const known = map.get(id);
    if (known === undefined || compareRows(this.rows[album]!, this.rows[known]!) < 0) map.set(id, album);
  }

  private addCompilation(album: number): void {
    this.compilations.push(album);
    for (const { key } of titleForms(this.rows[album]!.title)) add(this.compilationByTitle, key, album);
    this.addTrackArtists(album);
  }

  /** Artists of a compilation's tracks: a release by one of them with the very title is the album. */
  private addTrackArtists(album: number): void {
    const { trackArtists } = this.rows[album]!;
    if (!trackArtists || trackArtists.length === 0) return;
    const artist: LibraryArtist = { names: [], parts: trackArtists.map((name) => new ArtistSpelling(name)), albums: [album], named: [] };
    this.artists.push(artist);
    this.addNames(artist);
    const forms = titleForms(this.rows[album]!.title);
    for (const { id, name } of artist.named) for (const form of titleReadings(forms, name)) this.signatures.add(id, form);
  }

  private addAlbum(album: number, artists: Map<string, LibraryArtist>, furtherNames: ReadonlyMap<string, readonly string[]>): void {
    const row = this.rows[album]!;
    const own = row.alternates ?? [];
    const key = own.length > 0 ? [row.artist, ...own].join('\0') : row.artist;
    let artist = artists.get(key);
    if (!artist) {
      const tied = furtherNames.size > 0 ? (furtherNames.get(nameKey(row.artist)) ?? []) : [];
      const names = [row.artist, ...own, ...tied].map((name) => new ArtistSpelling(indexable(name))).filter(({ normal }) => normal !== '');
      const joint = names.flatMap((name) => name.parts);
      const parts = joint.map((name) => new ArtistSpelling(name));
      artist = { names: distinct(names), parts: distinct(parts), albums: [], named: [] };
      artists.set(key, artist);
      this.artists.push(artist);
      this.addNames(artist);
    }
    artist.albums.push(album);
    this.artistOf[album] = artist;
    const forms = titleForms(row.title);
    for (const { id, name } of artist.named) {
      for (const form of titleReadings(forms, name)) {
        add(this.byTitle, form.key, album);
        this.signatures.add(id, form);
      }
    }
    this.addTrackArtists(album);
  }

  private addNames(artist: LibraryArtist): void {
    for (const [names, isPart] of [[artist.names, false], [artist.parts, true]] as const) {
      for (const name of names) {
        const named = { artist, name, isPart, id: this.named.length };
        this.named.push(named);
        artist.named.push(named);
        put(this.byLoose, name.loose, named);
        if (name.bag !== '') put(this.byBag, name.bag, named);
      }
    }
  }
}

/** The albums of a place in {@link LibraryIndex.byTitle}. */
export function albumsOf(entry: number | number[] | undefined): readonly number[] {
  return entry === undefined ? [] : typeof entry === 'number' ? [entry] : entry;
}

/** Of several spellings with one normal form the first. */
function distinct(names: readonly ArtistSpelling[]): ArtistSpelling[] {
  return [...new Map([...names].reverse().map((name) => [name.normal, name])).values()].reverse();
}

const nameKey = (name: string): string => new ArtistSpelling(name).loose;

function namesByArtist(alternates: readonly (readonly [string, string])[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [artist, name] of alternates) put(names, nameKey(artist), name);
  return names;
}

function put<V>(lists: Map<string, V[]>, key: string, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

function add(map: Map<string, number | number[]>, key: string, album: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, album);
  else if (typeof known === 'number') map.set(key, [known, album]);
  else if (known.at(-1) !== album) known.push(album);
}

/** Orders rows by artist, then title. */
export function compareRows(a: LibraryRow, b: LibraryRow): number {
  return compareCodePoints(a.artist, b.artist) || compareCodePoints(a.title, b.title);
}
