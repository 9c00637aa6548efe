/**
 * The library's albums by everything that a release may have in common with one: artist, title, ids.
 *
 * Nearly all releases have nothing in common with nearly all albums. So what is held of each album is a few numbers: hashes and
 * signatures of its names and titles. The forms that are compared are made when a release first comes near.
 */

import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, normalizeTitle, pythonStrip, titleForms, withoutEditions, type TitleForm } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import { ArtistTable } from './artist-table.js';
import { HashLists, hashText } from './hash-set.js';
import { indexable } from './indexable-name.js';
import { bagSumOf, signsOf } from './name-signs.js';
import type { PlainName } from './plain-name.js';
import { PlainStrings } from './plain-strings.js';
import { titleReadings } from './title-score.js';
import { SignatureTable, sizeOf } from './title-signature.js';

/** An artist as the library names it, shared by all rows with the same names. */
export interface LibraryArtist {
  /** Its place among all. */
  id: number;
  /** The name itself and its further names. */
  names: readonly ArtistSpelling[];
  /** All names and, behind them, the artists of a joint album (`A / B`), of whom each alone stands for it only beside an equal title. */
  named: readonly NamedArtist[];
}

/** A name under which the library has an artist. */
export interface NamedArtist {
  artist: LibraryArtist;
  name: ArtistSpelling;
  /** It is one artist of a joint album. */
  isPart: boolean;
  /** Its place among all. */
  id: number;
  /** For each of the artist's albums, the forms of its title, read as one by the artist of this name. Made when first asked for. */
  titles?: readonly (readonly TitleForm[])[];
}

/** An album with some title, and what an equal title says at most: `Untitled` may stand for the artist's name. */
export interface TitledAlbum {
  album: number;
  atMost: number;
}

const nobody = -1;

export class LibraryIndex {
  /** All names, for a glance. */
  readonly names = new ArtistTable();
  /** Of the titles of every {@link NamedArtist}, in the order of {@link titlesOf}. */
  readonly signatures = new SignatureTable();
  /** Places of compilations among the rows. */
  readonly compilations: number[] = [];
  /** Rows that match nothing: without an artist or without a title. */
  unusable = 0;
  /** Albums of artists by the hashes of their loose titles. */
  readonly titles: HashLists;
  /** The same for compilations. */
  readonly compilationTitles: HashLists;
  readonly byReleaseId = new Map<number, number>();
  readonly byMasterId = new Map<number, number>();
  private readonly furtherNames: ReadonlyMap<string, readonly string[]>;
  /** Of each row its artist. */
  private readonly artistOf: Int32Array;
  /** Of each artist the first row with its names; of the track artists of a row, `-1 - row`. */
  private readonly rowOf: number[] = [];
  /** Where each artist's names begin among all. */
  private readonly firstName: number[] = [];
  /** Of each name its artist. */
  private readonly artistOfName: number[] = [];
  /** Albums of all artists, and where each one's begin. */
  private readonly albums: Int32Array;
  private readonly firstAlbum: Int32Array;
  /** Of artists and albums that releases came near to. */
  private readonly made: (LibraryArtist | undefined)[] = [];
  private readonly forms: (readonly TitleForm[] | undefined)[];

  /**
   * @param rows Albums; of equal ones the first stands for all.
   * @param alternates Further names: of every album by the artist of the same name.
   */
  constructor(
    readonly rows: readonly LibraryRow[],
    alternates: readonly (readonly [artist: string, name: string])[] = [],
  ) {
    this.artistOf = new Int32Array(rows.length).fill(nobody);
    this.forms = new Array<readonly TitleForm[] | undefined>(rows.length).fill(undefined);
    this.furtherNames = namesByArtist(alternates);
    const plain = new PlainStrings();
    const artists = new Map<string, number>();
    const titles: number[] = [];
    const compilationTitles: number[] = [];
    for (const [album, row] of rows.entries()) {
      if (row.releaseId) this.keepFirst(this.byReleaseId, row.releaseId, album);
      if (row.masterId) this.keepFirst(this.byMasterId, row.masterId, album);
      if (pythonStrip(row.title) === '' || pythonStrip(row.artist) === '') {
        this.unusable += 1;
        continue;
      }
      if (isCompilationArtist(row.artist)) {
        this.compilations.push(album);
        for (const { key } of titleForms(row.title)) compilationTitles.push(hashText(key), album);
      } else {
        const key = row.alternates?.length ? [row.artist, ...row.alternates].join('\0') : row.artist;
        let artist = artists.get(key);
        if (artist === undefined) artists.set(key, (artist = this.addArtist(album, plain)));
        this.artistOf[album] = artist;
        this.addTitle(artist, album, plain, titles);
      }
      // A release by one artist of its tracks with the very title is the album.
      if (row.trackArtists?.length) this.addTitle(this.addArtist(-1 - album, plain), album, plain);
    }
    this.names.finish();
    this.signatures.finish(this.names.size);
    this.titles = new HashLists(titles);
    this.compilationTitles = new HashLists(compilationTitles);
    ({ albums: this.albums, first: this.firstAlbum } = byArtist(this.artistOf, this.rowOf.length));
  }

  /** The artist of an album; null for a compilation. */
  artist(album: number): LibraryArtist | null {
    const artist = this.artistOf[album]!;
    return artist === nobody ? null : this.artistAt(artist);
  }

  /** Places of an artist's albums among the library's rows, ascending. */
  albumsOf({ id }: LibraryArtist): ArrayLike<number> {
    const row = this.rowOf[id]!;
    return row < 0 ? [-1 - row] : this.albums.subarray(this.firstAlbum[id]!, this.firstAlbum[id + 1]!);
  }

  /** All artists that albums are filed under, one after the other. */
  *artists(): Generator<LibraryArtist> {
    for (const [artist, row] of this.rowOf.entries()) if (row >= 0) yield this.makeArtist(artist);
  }

  /** The forms of an album's title. */
  titleForms(album: number): readonly TitleForm[] {
    return (this.forms[album] ??= titleForms(this.rows[album]!.title));
  }

  /** {@link NamedArtist.titles}. */
  titlesOf(named: NamedArtist): readonly (readonly TitleForm[])[] {
    return (named.titles ??= Array.from(this.albumsOf(named.artist), (album) => titleReadings(this.titleForms(album), named.name)));
  }

  /** Artists that bear the name in normal or loose form, or as the same words in another order. */
  artistsNamed(name: ArtistSpelling): readonly NamedArtist[] {
    const found: NamedArtist[] = [];
    for (const id of this.names.byLoose.get(hashText(name.loose))) {
      const named = this.namedAt(id);
      if (named.name.loose === name.loose) found.push(named);
    }
    if (name.bag === '') return found;
    for (const id of this.names.byBag.get(bagSumOf(name.bag))) {
      const named = this.namedAt(id);
      if (named.name.bag === name.bag && named.name.loose !== name.loose) found.push(named);
    }
    return found;
  }

  /** Whether a name with this loose form is the library's. */
  hasLoose(loose: string): boolean {
    return this.names.byLoose.get(hashText(loose)).some((id) => this.namedAt(id).name.loose === loose);
  }

  /** Albums of artists that may be read as having this loose title. */
  albumsTitled(key: string): TitledAlbum[] {
    return this.titled(this.titles, key);
  }

  /** Compilations that may be read as having this loose title. */
  compilationsTitled(key: string): TitledAlbum[] {
    return this.titled(this.compilationTitles, key);
  }

  normalTitle(album: number): string {
    return normalizeTitle(this.rows[album]!.title);
  }

  /** Ids of the names that an album's artist has for itself. */
  ownNames(album: number): { first: number; end: number } {
    const artist = this.artistOf[album]!;
    const first = this.firstName[artist]!;
    let end = first;
    const last = this.lastName(artist);
    while (end < last && !this.names.isPart(end)) end += 1;
    return { first, end };
  }

  private titled(lists: HashLists, key: string): TitledAlbum[] {
    const albums: TitledAlbum[] = [];
    for (const album of lists.get(hashText(key))) {
      const atMost = this.mostOf(album, key);
      if (atMost !== undefined) albums.push({ album, atMost });
    }
    return albums;
  }

  private mostOf(album: number, key: string): number | undefined {
    const forms = this.titleForms(album);
    if (forms[0]?.key === key) return forms[0].atMost;
    const named = this.artist(album)?.named ?? [];
    const readings = named.length === 0 ? forms : named.flatMap(({ name }) => titleReadings(forms, name));
    let most: number | undefined;
    for (const reading of readings) if (reading.key === key) most = Math.max(most ?? 0, reading.atMost);
    return most;
  }

  /** Of rows that name one id the one that sorts first: the order of the rows must not matter. */
  private keepFirst(map: Map<number, number>, id: number, album: number): void {
    const known = map.get(id);
    if (known === undefined || compareRows(this.rows[album]!, this.rows[known]!) < 0) map.set(id, album);
  }

  /** Adds an artist with its names; `row` is as in {@link rowOf}. */
  private addArtist(row: number, plain: PlainStrings): number {
    const artist = this.rowOf.length;
    this.rowOf.push(row);
    this.firstName.push(this.names.size);
    const add = (signs: Parameters<ArtistTable['add']>[0], isPart: boolean): void => {
      this.artistOfName.push(artist);
      this.names.add(signs, isPart);
    };
    const name = this.onlyName(row);
    if (name !== undefined && plain.readName(name) && areDistinct(plain.name)) {
      add(plain.name.whole, false);
      for (let at = 0; at < plain.name.parts; at += 1) add(plain.name.part(at), true);
    } else for (const named of this.artistAt(artist).named) add(signsOf(named.name), named.isPart);
    return artist;
  }

  /** The name of an artist that surely has no other. */
  private onlyName(row: number): string | undefined {
    if (row < 0) return undefined;
    const { artist, alternates } = this.rows[row]!;
    return alternates?.length || this.furtherNames.size > 0 ? undefined : artist;
  }

  /** Notes the title of an album by an artist: its signatures, and its hashes in `titles`. */
  private addTitle(artist: number, album: number, plain: PlainStrings, titles?: number[]): void {
    const { title } = this.rows[album]!;
    const first = this.firstName[artist]!;
    const end = this.lastName(artist);
    if (readWhole(title, plain)) {
      const reading = plain.title.reading(0);
      let isOnly = true;
      for (let id = first; id < end; id += 1) isOnly &&= !plain.title.mayHaveName(0, this.names.looseHash(id));
      if (isOnly) {
        for (let id = first; id < end; id += 1) this.signatures.add(id, reading, reading.size);
        if (end > first) titles?.push(reading.hash, album);
        return;
      }
    }
    const forms = titleForms(title);
    for (const { id, name } of this.artistAt(artist).named) {
      for (const form of titleReadings(forms, name)) {
        titles?.push(hashText(form.key), album);
        this.signatures.add(id, form, sizeOf(form));
      }
    }
  }

  private lastName(artist: number): number {
    return this.firstName[artist + 1] ?? this.names.size;
  }

  private namedAt(id: number): NamedArtist {
    const artist = this.artistOfName[id]!;
    return this.artistAt(artist).named[id - this.firstName[artist]!]!;
  }

  private artistAt(id: number): LibraryArtist {
    return (this.made[id] ??= this.makeArtist(id));
  }

  private makeArtist(id: number): LibraryArtist {
    const row = this.rowOf[id]!;
    const { names, parts } = row < 0 ? { names: [], parts: this.rows[-1 - row]!.trackArtists!.map((name) => new ArtistSpelling(name)) } : this.spellings(this.rows[row]!);
    const named: NamedArtist[] = [];
    const artist: LibraryArtist = { id, names, named };
    const first = this.firstName[id]!;
    for (const name of names) named.push({ artist, name, isPart: false, id: first + named.length });
    for (const name of parts) named.push({ artist, name, isPart: true, id: first + named.length });
    return artist;
  }

  private spellings({ artist, alternates = [] }: LibraryRow): { names: ArtistSpelling[]; parts: ArtistSpelling[] } {
    const tied = this.furtherNames.size > 0 ? (this.furtherNames.get(nameKey(artist)) ?? []) : [];
    const names = [artist, ...alternates, ...tied].map((name) => new ArtistSpelling(indexable(name))).filter(({ normal }) => normal !== '');
    const parts = names.flatMap((name) => name.parts).map((name) => new ArtistSpelling(name));
    return { names: distinct(names), parts: distinct(parts) };
  }
}

/** Reads a title that has but one form; false for any other. */
function readWhole(title: string, plain: PlainStrings): boolean {
  if (!plain.readTitle(title)) return false;
  if (plain.title.isWhole) return true;
  const normal = normalizeTitle(title);
  return plain.readTitle(withoutEditions(normal)) && plain.title.isWhole;
}

/** The rows of each artist, one after the other, and where each one's begin. */
function byArtist(artistOf: Int32Array, artists: number): { albums: Int32Array; first: Int32Array } {
  const first = new Int32Array(artists + 1);
  for (const artist of artistOf) if (artist !== nobody) first[artist + 1]! += 1;
  for (let artist = 0; artist < artists; artist += 1) first[artist + 1]! += first[artist]!;
  const albums = new Int32Array(first[artists]!);
  const next = first.slice();
  for (let album = 0; album < artistOf.length; album += 1) {
    const artist = artistOf[album]!;
    if (artist !== nobody) albums[next[artist]!++] = album;
  }
  return { albums, first };
}

/** Whether a joined name says nobody's name twice. */
function areDistinct(name: PlainName): boolean {
  for (let at = 1; at < name.parts; at += 1) {
    for (let before = 0; before < at; before += 1) if (name.part(at).looseHash === name.part(before).looseHash) return false;
  }
  return true;
}

/** Of several spellings with one normal form the first. */
function distinct(names: readonly ArtistSpelling[]): ArtistSpelling[] {
  return [...new Map([...names].reverse().map((name) => [name.normal, name])).values()].reverse();
}

const nameKey = (name: string): string => new ArtistSpelling(name).loose;

function namesByArtist(alternates: readonly (readonly [string, string])[]): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const [artist, name] of alternates) {
    const key = nameKey(artist);
    const list = names.get(key);
    if (list) list.push(name);
    else names.set(key, [name]);
  }
  return names;
}

/** Orders rows by artist, then title. */
export function compareRows(a: LibraryRow, b: LibraryRow): number {
  return compareCodePoints(a.artist, b.artist) || compareCodePoints(a.title, b.title);
}
