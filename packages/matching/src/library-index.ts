/**
 * The library's albums by everything that a release may have in common with one: artist, title, ids.
 *
 * Nearly all releases have nothing in common with nearly all albums. So only a few numbers are held for each album: hashes and
 * signatures of its names and titles. The forms to compare are made when a release first comes near.
 */

import type { LibraryRow } from './library-row.js';
import { normalizeTitle, titleForms, type TitleForm } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import { ArtistTable } from './artist-table.js';
import { HashLists, hashText } from './hash-set.js';
import {
  artistSpellings,
  indexLibrary,
  alternatesByArtist,
  nobody,
  type Alternates,
} from './library-indexer.js';
import { bagSumOf } from './name-signs.js';
import type { PlainTitle } from './plain-title.js';
import { RecentMap } from './recent-map.js';
import { titleReadings } from './title-score.js';
import { SignatureTable } from './title-signature.js';

export { compareRows, type LibraryIndexData } from './library-indexer.js';

/** An artist as the library names it, shared by all rows with the same names. */
export interface LibraryArtist {
  /** Its place among all artists. */
  id: number;
  /** The name itself and its alternates. */
  names: readonly ArtistSpelling[];
  /** All names, then the artists of a joint album (`A / B`); one of those by itself counts only with an equal title. */
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
}

export class LibraryIndex {
  /** All names, for comparison at a glance. */
  readonly names: ArtistTable;
  /** Signatures of the titles of every {@link NamedArtist}'s albums, read as titles by an artist of that name. */
  readonly signatures: SignatureTable;
  /** Albums of artists by the hashes of their loose titles. */
  readonly titles: HashLists;
  /** The same for compilations. */
  readonly compilationTitles: HashLists;
  private readonly alternates: Alternates;
  /** Forms of the artists and albums that releases came near to. */
  private made: RecentMap<number, LibraryArtist>;
  private forms: RecentMap<number, readonly TitleForm[]>;

  /**
   * @param rows Albums; the first of equal ones represents them all.
   * @param alternates Other names of artists; they count for all albums by an artist of the same name.
   * @param data The index, if another thread has already made it from the same rows and names.
   */
  constructor(
    readonly rows: readonly LibraryRow[],
    alternates: readonly (readonly [artist: string, name: string])[] = [],
    readonly data = indexLibrary(rows, alternatesByArtist(alternates)),
  ) {
    this.alternates = alternatesByArtist(alternates);
    this.made = new RecentMap(Infinity);
    this.forms = new RecentMap(Infinity);
    this.names = new ArtistTable(data.names);
    this.signatures = new SignatureTable(data.signatures);
    this.titles = new HashLists(data.titles);
    this.compilationTitles = new HashLists(data.compilationTitles);
  }

  /** How many artists and albums at least keep their forms once these are made; all by default. Few are enough if few releases come near. */
  remember(count: number): void {
    this.made = new RecentMap(count);
    this.forms = new RecentMap(count);
  }

  /** Places of compilations among the rows. */
  get compilations(): readonly number[] {
    return this.data.compilations;
  }

  get byReleaseId(): ReadonlyMap<number, number> {
    return this.data.byReleaseId;
  }

  get byMasterId(): ReadonlyMap<number, number> {
    return this.data.byMasterId;
  }

  /** The artist of an album; null for a compilation. */
  artist(album: number): LibraryArtist | null {
    const artist = this.data.artistOf[album]!;
    return artist === nobody ? null : this.artistAt(artist);
  }

  /** Whether a title that can be read in only one way is an album's, found without making the album's forms; false if it would take those. */
  isTitled(album: number, title: PlainTitle): boolean {
    const { titleUnits, titleEnds } = this.data;
    const start = album > 0 ? titleEnds[album - 1]! : 0;
    const end = titleEnds[album]!;
    return end > start && title.size === 1 && title.isLoose(titleUnits, start, end);
  }

  /** Id of an album's artist; below 0 for a compilation. */
  artistIdOf(album: number): number {
    return this.data.artistOf[album]!;
  }

  /** Id of the artist who bears a name. */
  artistIdOfName(name: number): number {
    return this.data.artistOfName[name]!;
  }

  /** Places of an artist's albums among the library's rows, ascending. */
  albumsOf({ id }: LibraryArtist): ArrayLike<number> {
    const row = this.data.rowOf[id]!;
    return row < 0
      ? [-1 - row]
      : this.data.albums.subarray(this.data.firstAlbum[id]!, this.data.firstAlbum[id + 1]!);
  }

  /** All artists that albums are filed under, one after the other. */
  *artists(): Generator<LibraryArtist> {
    for (const [artist, row] of this.data.rowOf.entries())
      if (row >= 0) yield this.makeArtist(artist);
  }

  /** The forms of an album's title. */
  titleForms(album: number): readonly TitleForm[] {
    let forms = this.forms.get(album);
    if (!forms) this.forms.set(album, (forms = titleForms(this.rows[album]!.title)));
    return forms;
  }

  /** Ids of names that may be this one in normal or loose form, or as the same words in another order; {@link nameAt} makes sure. */
  idsNamed({ loose, bag }: ArtistSpelling): number[] {
    const looseHash = hashText(loose);
    const ids: number[] = [];
    const { byLoose, byBag } = this.names;
    const loosely = byLoose.find(looseHash);
    if (loosely >= 0)
      for (let at = 1; at <= byLoose.values[loosely]!; at += 1)
        ids.push(byLoose.values[loosely + at]!);
    const bagged = bag === '' ? -1 : byBag.find(bagSumOf(bag));
    if (bagged < 0) return ids;
    for (let at = 1; at <= byBag.values[bagged]!; at += 1) {
      const id = byBag.values[bagged + at]!;
      if (this.names.looseHash(id) !== looseHash) ids.push(id);
    }
    return ids;
  }

  /** The name with this id, if it is the given one in loose form or by its words. */
  nameAt(id: number, { loose, bag }: ArtistSpelling): NamedArtist | undefined {
    const named = this.namedAt(id);
    return named.name.loose === loose || (bag !== '' && named.name.bag === bag) ? named : undefined;
  }

  /** Artists that bear the name in normal or loose form, or as the same words in another order. */
  artistsNamed(name: ArtistSpelling): NamedArtist[] {
    return this.idsNamed(name).flatMap((id) => this.nameAt(id, name) ?? []);
  }

  /** Whether a name with this loose form is the library's. */
  hasLoose(loose: string): boolean {
    return this.names.byLoose
      .get(hashText(loose))
      .some((id) => this.namedAt(id).name.loose === loose);
  }

  /** Albums of artists that may have this loose title; {@link mostOf} makes sure. */
  albumsTitled(key: string): ArrayLike<number> {
    return this.titles.get(hashText(key));
  }

  /** The same for compilations. */
  compilationsTitled(key: string): ArrayLike<number> {
    return this.compilationTitles.get(hashText(key));
  }

  normalTitle(album: number): string {
    return normalizeTitle(this.rows[album]!.title);
  }

  /** Ids of the album artist's own names, without the parts of a joint name. */
  ownNames(album: number): { first: number; end: number } {
    const artist = this.data.artistOf[album]!;
    const first = this.data.firstName[artist]!;
    let end = first;
    const last = this.data.firstName[artist + 1]!;
    while (end < last && !this.names.isPart(end)) end += 1;
    return { first, end };
  }

  /** What this loose title can score for an album at most, 0..1: `Untitled` may stand for the artist's name. undefined if the album has a different title. */
  mostOf(album: number, key: string): number | undefined {
    const forms = this.titleForms(album);
    if (forms[0]?.key === key) return forms[0].atMost;
    const named = this.artist(album)?.named ?? [];
    const readings =
      named.length === 0
        ? forms
        : named.flatMap(({ name, isPart }) => titleReadings(forms, name, !isPart));
    let most: number | undefined;
    for (const reading of readings)
      if (reading.key === key) most = Math.max(most ?? 0, reading.atMost);
    return most;
  }

  private namedAt(id: number): NamedArtist {
    const artist = this.data.artistOfName[id]!;
    return this.artistAt(artist).named[id - this.data.firstName[artist]!]!;
  }

  private artistAt(id: number): LibraryArtist {
    let artist = this.made.get(id);
    if (!artist) this.made.set(id, (artist = this.makeArtist(id)));
    return artist;
  }

  private makeArtist(id: number): LibraryArtist {
    const { names, parts } = artistSpellings(this.rows, this.data.rowOf[id]!, this.alternates);
    const named: NamedArtist[] = [];
    const artist: LibraryArtist = { id, names, named };
    const first = this.data.firstName[id]!;
    for (const name of names) named.push({ artist, name, isPart: false, id: first + named.length });
    for (const name of parts) named.push({ artist, name, isPart: true, id: first + named.length });
    return artist;
  }
}
