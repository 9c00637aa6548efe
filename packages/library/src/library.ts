/** library.db: the station's albums, table `library` of a SQLite file with at least `artist` and `title`. */

import { createHash } from 'node:crypto';
import type Database from 'better-sqlite3';
import { BadInputError } from '@wxyc/step';
import { pythonStrip } from '@wxyc/text';
import { LibraryRepairs } from './library-repairs.js';
import { openSqlite, sqliteFailure } from './sqlite-file.js';

/** One album as the library spells it. */
export interface LibraryRow {
  artist: string;
  title: string;
}

/** Albums as two lists side by side: they go to a thread in a fifth of the time that rows take. */
export interface LibraryColumns {
  artists: string[];
  titles: string[];
}

export function libraryColumns(rows: readonly LibraryRow[]): LibraryColumns {
  return { artists: rows.map(({ artist }) => artist), titles: rows.map(({ title }) => title) };
}

export function libraryRows({ artists, titles }: LibraryColumns): LibraryRow[] {
  return artists.map((artist, at) => ({ artist, title: titles[at]! }));
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
    checkLayout(database, file);
    const survey: LibrarySurvey = { rows: [], skipped: 0, remarks: [] };
    const repairs = new LibraryRepairs(database);
    let number = 0;
    // Not an iterator, during which nothing else can be asked.
    for (const row of database.prepare('SELECT artist, title FROM library').raw().all() as unknown[][]) {
      number++;
      const artist = repairs.take(number, 'artist', row[0]);
      const title = repairs.take(number, 'title', row[1]);
      if (pythonStrip(artist) === '' || pythonStrip(title) === '') survey.skipped += 1;
      else survey.rows.push({ artist, title });
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
  for (const line of rows.map((row) => `${row.artist}\0${row.title}\n`).sort()) hash.update(line);
  return hash.digest('hex');
}

function checkLayout(database: Database.Database, file: string): void {
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
}
