/** An album of the library, whatever file it comes from. */

import { createHash } from 'node:crypto';

/** One album as the library spells it. */
export interface LibraryRow {
  artist: string;
  title: string;
  /** Other names of the artist (`alternate_artist_name`). */
  alternates?: readonly string[] | undefined;
  /** Artists of a compilation's tracks (`compilation_track_artist`). */
  trackArtists?: readonly string[] | undefined;
  /** The release on Discogs, if the library names it. */
  releaseId?: number | undefined;
  /** The master release on Discogs, if the library names it. */
  masterId?: number | undefined;
  /** The label on the sleeve; several are joined by commas, as Discogs exports them. */
  label?: string | undefined;
  /** As the library writes it: `LP`, `vinyl - 7"`, `2xCD, Album`. */
  format?: string | undefined;
  /** The label's catalogue number. */
  catno?: string | undefined;
  /** The year on the sleeve. */
  year?: number | undefined;
}

/** Columns other than artist and title that decisions depend on; the pressing's label, format, number and year are not among them. */
export type Deciding = Pick<LibraryRow, 'alternates' | 'trackArtists' | 'releaseId' | 'masterId'>;

/** Albums as parallel lists of what decisions depend on: they are sent to a thread in a fifth of the time that rows take. */
export interface LibraryColumns {
  artists: string[];
  titles: string[];
  /** Columns that few rows have, by the row's place. */
  further: [number, Deciding][];
}

/** Packs rows into columns. */
export function libraryColumns(rows: readonly LibraryRow[]): LibraryColumns {
  const columns: LibraryColumns = { artists: [], titles: [], further: [] };
  for (const [
    at,
    { artist, title, alternates, trackArtists, releaseId, masterId },
  ] of rows.entries()) {
    columns.artists.push(artist);
    columns.titles.push(title);
    if (alternates || trackArtists || releaseId || masterId)
      columns.further.push([at, { alternates, trackArtists, releaseId, masterId }]);
  }
  return columns;
}

/** Makes rows of columns again. */
export function libraryRows({ artists, titles, further }: LibraryColumns): LibraryRow[] {
  const rows: LibraryRow[] = artists.map((artist, at) => ({ artist, title: titles[at]! }));
  for (const [at, more] of further) Object.assign(rows[at]!, more);
  return rows;
}

/** All of a row that decisions depend on, as one text. */
export function rowText({
  artist,
  title,
  alternates = [],
  trackArtists = [],
  releaseId = 0,
  masterId = 0,
}: LibraryRow): string {
  return JSON.stringify([artist, title, alternates, trackArtists, releaseId, masterId]);
}

/** A fingerprint of albums: equal for the same rows in any order. */
export function rowsFingerprint(rows: readonly LibraryRow[]): string {
  const hash = createHash('sha256');
  for (const line of rows.map(wholeText).sort()) hash.update(line);
  return hash.digest('hex');
}

/** Rows that say nothing about the pressing give the fingerprint that they gave before there were such columns. */
function wholeText(row: LibraryRow): string {
  const { label = '', format = '', catno = '', year = 0 } = row;
  return label || format || catno || year
    ? rowText(row) + JSON.stringify([label, format, catno, year])
    : rowText(row);
}
