/** library.db: the station's albums, table `library` of a SQLite file with at least `artist` and `title`. */

import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { BadInputError } from '@wxyc/step';
import { pythonStrip } from '@wxyc/text';
import { LibraryRepairs, textOf } from './library-repairs.js';
import { repairText } from './text-repair.js';
import { openSqlite, sqliteFailure } from './sqlite-file.js';

/** One album as the library spells it. */
export interface LibraryRow {
  artist: string;
  title: string;
  /** Further names of the artist (`alternate_artist_name`). */
  alternates?: readonly string[] | undefined;
  /** Artists of a compilation's tracks (`compilation_track_artist`). */
  trackArtists?: readonly string[] | undefined;
  /** The release on Discogs, if the library names it. */
  releaseId?: number | undefined;
  /** The master release on Discogs, if the library names it. */
  masterId?: number | undefined;
}

/** Albums as two lists side by side: they go to a thread in a fifth of the time that rows take. */
export interface LibraryColumns {
  artists: string[];
  titles: string[];
  /** What few rows have, by the row's place. */
  further: [number, Omit<LibraryRow, 'artist' | 'title'>][];
}

export function libraryColumns(rows: readonly LibraryRow[]): LibraryColumns {
  const columns: LibraryColumns = { artists: [], titles: [], further: [] };
  for (const [at, { artist, title, ...further }] of rows.entries()) {
    columns.artists.push(artist);
    columns.titles.push(title);
    if (Object.values(further).some((value) => value !== undefined)) columns.further.push([at, further]);
  }
  return columns;
}

export function libraryRows({ artists, titles, further }: LibraryColumns): LibraryRow[] {
  const rows: LibraryRow[] = artists.map((artist, at) => ({ artist, title: titles[at]! }));
  for (const [at, more] of further) Object.assign(rows[at]!, more);
  return rows;
}

/** The usable rows of a library, and what was wrong with others. */
export interface LibrarySurvey {
  rows: LibraryRow[];
  /** Rows that lack an artist or a title. */
  skipped: number;
  /** Sentences about values that were written in the wrong encoding or with HTML entities, the first of them by row and column. */
  remarks: string[];
}

const required = ['artist', 'title'] as const;
/** Columns that are read where a library has them. */
const optional = ['alternate_artist_name', 'compilation_track_artist', 'release_id', 'master_id'] as const;

/**
 * Reads the albums of a library file, in the file's order, values as they are spelled. Rows without an artist or
 * without a title are left out.
 *
 * @throws BadInputError if the file is missing, is not SQLite, lacks the table or a column, or has no usable row.
 * @example
 * const rows = readLibrary('library.db'); // [{ artist: 'Stereolab', title: 'Dots and Loops' }, ..]
 */
export function readLibrary(file: string): LibraryRow[] {
  return surveyLibrary(file).rows;
}

/** {@link readLibrary} with the number of rows that were left out. */
export function surveyLibrary(file: string): LibrarySurvey {
  const database = openSqlite(file);
  try {
    const columns = checkLayout(database, file);
    const further = optional.filter((name) => columns.has(name));
    const survey: LibrarySurvey = { rows: [], skipped: 0, remarks: [] };
    const repairs = new LibraryRepairs(database);
    let number = 0;
    // Not an iterator, during which nothing else can be asked.
    for (const row of database.prepare(`SELECT ${['artist', 'title', ...further].join(', ')} FROM library`).raw().all() as unknown[][]) {
      number++;
      const artist = repairs.take(number, 'artist', row[0]);
      const title = repairs.take(number, 'title', row[1]);
      if (pythonStrip(artist) === '' || pythonStrip(title) === '') survey.skipped += 1;
      else survey.rows.push({ artist, title, ...furtherValues(further, row.slice(2)) });
    }
    if (survey.rows.length === 0) {
      throw new BadInputError(
        `${file}: table library has no row with both an artist and a title (${survey.skipped} without); is this the whole library?`,
      );
    }
    survey.remarks = repairs.remarks(file);
    return survey;
  } catch (error) {
    throw sqliteFailure(error, file);
  } finally {
    database.close();
  }
}

/**
 * A fingerprint of a library's albums: equal for files that hold the same rows, whatever their order, layout or date.
 */
export function libraryFingerprint(source: string | readonly LibraryRow[]): string {
  const rows = typeof source === 'string' ? readLibrary(source) : source;
  const hash = createHash('sha256');
  for (const line of rows.map(rowText).sort()) hash.update(line);
  return hash.digest('hex');
}

/** All of a row as one text. */
export function rowText({ artist, title, alternates = [], trackArtists = [], releaseId = 0, masterId = 0 }: LibraryRow): string {
  return JSON.stringify([artist, title, alternates, trackArtists, releaseId, masterId]);
}

/** @returns The columns of the table library, in lower case. */
function checkLayout(database: Database.Database, file: string): ReadonlySet<string> {
  const names = database
    .prepare("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
    .pluck()
    .all() as string[];
  if (!names.some((name) => name.toLowerCase() === 'library')) {
    throw new BadInputError(
      `${file}: no table called library; found ${names.length > 0 ? names.join(', ') : 'no table at all'}`,
    );
  }
  // Unlike table_info, table_xinfo lists generated columns, too.
  const columns = database.prepare("SELECT name FROM pragma_table_xinfo('library')").pluck().all() as string[];
  const present = new Set(columns.map((name) => name.toLowerCase()));
  const missing = required.filter((name) => !present.has(name));
  if (missing.length > 0) {
    throw new BadInputError(
      `${file}: table library has no column ${missing.join(' and ')}; found ${columns.join(', ')}`,
    );
  }
  return present;
}

type Further = (typeof optional)[number];

function furtherValues(columns: readonly Further[], values: readonly unknown[]): Omit<LibraryRow, 'artist' | 'title'> {
  const further: { -readonly [K in keyof LibraryRow]?: LibraryRow[K] } = {};
  for (const [at, column] of columns.entries()) {
    const text = pythonStrip(repairText(textOf(values[at])).text);
    // What an export from MySQL leaves where there is nothing.
    if (text === '' || text === 'NULL' || text === '\\N') continue;
    if (column === 'alternate_artist_name') further.alternates = [text];
    else if (column === 'compilation_track_artist') further.trackArtists = text.split(/\s*[;\n]\s*/).filter((name) => name !== '');
    else if (/^[1-9]\d{0,9}$/.test(text)) further[column === 'release_id' ? 'releaseId' : 'masterId'] = Number(text);
  }
  return further;
}
