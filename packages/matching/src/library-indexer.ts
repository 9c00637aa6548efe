/** Reads the library into the flat arrays of a {@link LibraryIndex}. */

import type { LibraryRow } from './library-row.js';
import {
  compareCodePoints,
  isCompilationArtist,
  normalizeTitle,
  pythonStrip,
  titleForms,
  withoutEditions,
} from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import { ArtistTableBuilder, type ArtistTableData } from './artist-table.js';
import {
  HashLists,
  HashSet,
  hashText,
  sharedInts,
  sharedUnits,
  type HashListsData,
} from './hash-set.js';
import { indexable } from './indexable-name.js';
import { signsOf, type NameSigns } from './name-signs.js';
import type { PlainName } from './plain-name.js';
import { PlainStrings } from './plain-strings.js';
import { titleReadings } from './title-score.js';
import { FormSigns, SignatureTableBuilder, type SignatureTableData } from './title-signature.js';

/** A library's index as plain data. Its arrays are shared by the threads that it is sent to. */
export interface LibraryIndexData {
  readonly names: ArtistTableData;
  readonly signatures: SignatureTableData;
  readonly titles: HashListsData;
  readonly compilationTitles: HashListsData;
  /** Loose titles of the rows that have only one, one after the other, and where each row's title ends. */
  readonly titleUnits: Uint16Array;
  readonly titleEnds: Int32Array;
  /** For each row, its artist; {@link nobody} for a compilation. */
  readonly artistOf: Int32Array;
  /** For each artist, the first row with its names; for the track artists of a row, `-1 - row`. */
  readonly rowOf: Int32Array;
  /** Where each artist's names begin among all names; the last entry is how many names there are. */
  readonly firstName: Int32Array;
  /** For each name, its artist. */
  readonly artistOfName: Int32Array;
  /** Albums of all artists, and where each one's begin. */
  readonly albums: Int32Array;
  readonly firstAlbum: Int32Array;
  /** Places of compilations among the rows. */
  readonly compilations: readonly number[];
  readonly byReleaseId: ReadonlyMap<number, number>;
  readonly byMasterId: ReadonlyMap<number, number>;
}

export const nobody = -1;

/**
 * @param rows Albums; the first of equal ones represents them all.
 * @param alternates By the loose form of the artist's name.
 */
export function indexLibrary(
  rows: readonly LibraryRow[],
  alternates: Alternates,
): LibraryIndexData {
  return new Indexer(rows, alternates).read();
}

class Indexer {
  private readonly names = new ArtistTableBuilder();
  private readonly signatures = new SignatureTableBuilder();
  private readonly titles: number[] = [];
  private readonly titleUnits: number[] = [];
  private readonly rowOf: number[] = [];
  private readonly firstName: number[] = [];
  private readonly artistOfName: number[] = [];
  private readonly plain = new PlainStrings();
  /** Hashes of artists that have alternates. */
  private readonly withAlternates: HashSet;

  constructor(
    private readonly rows: readonly LibraryRow[],
    private readonly alternates: Alternates,
  ) {
    this.withAlternates = new HashSet([...alternates.keys()].map(hashText));
  }

  read(): LibraryIndexData {
    const { rows } = this;
    const artistOf = sharedInts(rows.length).fill(nobody);
    const titleEnds = sharedInts(rows.length);
    const artists = new Map<string, number>();
    const compilations: number[] = [];
    const compilationTitles: number[] = [];
    const byReleaseId = new Map<number, number>();
    const byMasterId = new Map<number, number>();
    for (const [album, row] of rows.entries()) {
      if (row.releaseId) this.keepFirst(byReleaseId, row.releaseId, album);
      if (row.masterId) this.keepFirst(byMasterId, row.masterId, album);
      if (pythonStrip(row.title) === '' || pythonStrip(row.artist) === '') {
        titleEnds[album] = this.titleUnits.length;
        continue;
      }
      const isCompilation = isCompilationArtist(row.artist);
      if (isCompilation) {
        compilations.push(album);
        if (readWhole(row.title, this.plain)) this.keepTitle();
        for (const { key } of titleForms(row.title)) compilationTitles.push(hashText(key), album);
      } else {
        const key = row.alternates?.length
          ? [row.artist, ...row.alternates].join('\0')
          : row.artist;
        let artist = artists.get(key);
        if (artist === undefined) artists.set(key, (artist = this.addArtist(album)));
        artistOf[album] = artist;
        if (this.addTitle(artist, album, this.titles)) this.keepTitle();
      }
      // A release by one artist of its tracks, with exactly this title, is the album.
      if (row.trackArtists?.length)
        this.addTitle(
          this.addArtist(-1 - album),
          album,
          isCompilation ? compilationTitles : this.titles,
        );
      titleEnds[album] = this.titleUnits.length;
    }
    return {
      names: this.names.finish(),
      signatures: this.signatures.finish(this.names.size),
      titles: HashLists.of(this.titles).data,
      compilationTitles: HashLists.of(compilationTitles).data,
      titleUnits: sharedUnits(this.titleUnits),
      titleEnds,
      artistOf,
      rowOf: sharedInts(this.rowOf),
      firstName: sharedInts([...this.firstName, this.names.size]),
      artistOfName: sharedInts(this.artistOfName),
      ...albumsByArtist(artistOf, this.rowOf.length),
      compilations,
      byReleaseId,
      byMasterId,
    };
  }

  /** If several rows name an id, the one that sorts first: the order of the rows must not matter. */
  private keepFirst(map: Map<number, number>, id: number, album: number): void {
    const known = map.get(id);
    if (known === undefined || compareRows(this.rows[album]!, this.rows[known]!) < 0)
      map.set(id, album);
  }

  /** Adds an artist with its names; `row` is as in {@link LibraryIndexData.rowOf}. */
  private addArtist(row: number): number {
    const artist = this.rowOf.length;
    const { plain } = this;
    this.rowOf.push(row);
    this.firstName.push(this.names.size);
    const add = (signs: NameSigns, isPart: boolean): void => {
      this.artistOfName.push(artist);
      this.names.add(signs, isPart);
    };
    if (this.readOnlyName(row)) {
      add(plain.name.whole, false);
      for (let at = 0; at < plain.name.parts; at += 1) add(plain.name.part(at), true);
    } else {
      const { names, parts } = artistSpellings(this.rows, row, this.alternates);
      for (const spelling of names) add(signsOf(spelling), false);
      for (const spelling of parts) add(signsOf(spelling), true);
    }
    return artist;
  }

  /** Reads the name of an artist that certainly has no other; false if it may have one, or is not plain. */
  private readOnlyName(row: number): boolean {
    if (row < 0) return false;
    const { name } = this.plain;
    const { artist, alternates } = this.rows[row]!;
    return (
      !alternates?.length &&
      this.plain.readName(artist) &&
      !this.withAlternates.has(name.whole.looseHash) &&
      areDistinct(name)
    );
  }

  /** Keeps the title that was read last as the row's only loose title. */
  private keepTitle(): void {
    for (const unit of this.plain.title.loose) this.titleUnits.push(unit);
  }

  /** Notes the title of an album by an artist: its signatures, and its hashes in `titles`. Returns whether it has only one form, and that was just read. */
  private addTitle(artist: number, album: number, titles: number[]): boolean {
    const { plain } = this;
    const { title } = this.rows[album]!;
    const first = this.firstName[artist]!;
    const end = this.firstName[artist + 1] ?? this.names.size;
    if (readWhole(title, plain)) {
      const reading = plain.title.reading(0);
      let isOnly = true;
      for (let id = first; id < end; id += 1)
        isOnly &&= !plain.title.mayHaveName(0, this.names.looseHash(id));
      if (isOnly) {
        for (let id = first; id < end; id += 1) this.signatures.add(id, album, reading);
        if (end > first) titles.push(reading.hash, album);
        return true;
      }
    }
    const forms = titleForms(title);
    const { names, parts } = artistSpellings(this.rows, this.rowOf[artist]!, this.alternates);
    for (const [at, name] of [...names, ...parts].entries()) {
      for (const form of titleReadings(forms, name, at < names.length)) {
        titles.push(hashText(form.key), album);
        this.signatures.add(first + at, album, new FormSigns(form));
      }
    }
    return false;
  }
}

/** Whether a joined name has no name twice. */
function areDistinct(name: PlainName): boolean {
  for (let at = 1; at < name.parts; at += 1) {
    for (let before = 0; before < at; before += 1)
      if (name.part(at).looseHash === name.part(before).looseHash) return false;
  }
  return true;
}

/** Reads a title that has only one form; false for any other. */
function readWhole(title: string, plain: PlainStrings): boolean {
  if (plain.readTitle(title) && plain.title.isWhole) return true;
  const normal = normalizeTitle(title);
  return !normal.includes(' = ') && plain.readTitle(withoutEditions(normal)) && plain.title.isWhole;
}

/** The rows of each artist, one after the other, and where each one's begin. */
function albumsByArtist(
  artistOf: Int32Array,
  artists: number,
): Pick<LibraryIndexData, 'albums' | 'firstAlbum'> {
  const firstAlbum = sharedInts(artists + 1);
  for (const artist of artistOf) if (artist !== nobody) firstAlbum[artist + 1]! += 1;
  for (let artist = 0; artist < artists; artist += 1)
    firstAlbum[artist + 1]! += firstAlbum[artist]!;
  const albums = sharedInts(firstAlbum[artists]!);
  const next = firstAlbum.slice();
  for (let album = 0; album < artistOf.length; album += 1) {
    const artist = artistOf[album]!;
    if (artist !== nobody) albums[next[artist]!++] = album;
  }
  return { albums, firstAlbum };
}

/** The first of the spellings with the same normal form. */
function distinct(names: readonly ArtistSpelling[]): ArtistSpelling[] {
  return [...new Map([...names].reverse().map((name) => [name.normal, name])).values()].reverse();
}

/** Other names of artists, by the loose form of the artist's name. */
export type Alternates = ReadonlyMap<string, readonly string[]>;

/** All names of an artist, including those of the artists of a joint album; `row` is as in {@link LibraryIndexData.rowOf}. */
export function artistSpellings(
  rows: readonly LibraryRow[],
  row: number,
  alternates: Alternates,
): { names: ArtistSpelling[]; parts: ArtistSpelling[] } {
  if (row < 0)
    return {
      names: [],
      parts: rows[-1 - row]!.trackArtists!.map((name) => new ArtistSpelling(name)),
    };
  const { artist, alternates: ofRow = [] } = rows[row]!;
  const ofArtist = alternates.size > 0 ? (alternates.get(nameKey(artist)) ?? []) : [];
  const names = [artist, ...ofRow, ...ofArtist]
    .map((name) => new ArtistSpelling(indexable(name)))
    .filter(({ normal }) => normal !== '');
  const parts = names.flatMap((name) => name.parts).map((name) => new ArtistSpelling(name));
  return { names: distinct(names), parts: distinct(parts) };
}

const nameKey = (name: string): string => new ArtistSpelling(name).loose;

export function alternatesByArtist(
  alternates: readonly (readonly [artist: string, name: string])[],
): Alternates {
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
