/** Libraries in SQLite: WXYC's (table `library`) and beets' (table `albums`). */

import type Database from 'better-sqlite3';
import { BadInputError } from '@wxyc/step';
import { pythonStrip } from '@wxyc/text';
import { readBeets } from './beets.js';
import { LibraryRepairs, textOf } from './library-repairs.js';
import { repairText } from './text-repair.js';
import { columnsOf, openSqlite, sqliteFailure } from './sqlite-file.js';
import {
  furtherOf,
  incomplete,
  leaveOut,
  newSurvey,
  recurs,
  type Field,
  type LibrarySurvey,
  type RowValues,
} from './survey.js';
import { SharedTexts } from './text-chunks.js';

const required = ['artist', 'title'] as const;
/** Columns that are read if a library has them, by what they hold. */
const optional: readonly (readonly [Exclude<Field, 'artist' | 'title'>, readonly string[]])[] = [
  ['alternates', ['alternate_artist_name']],
  ['trackArtists', ['compilation_track_artist']],
  ['releaseId', ['release_id', 'discogs_release_id']],
  ['masterId', ['master_id', 'discogs_master_id']],
  ['label', ['label', 'label_name']],
  ['format', ['format', 'format_name']],
  ['catno', ['catno', 'catalog_number']],
  ['year', ['year', 'release_year']],
];

/** Reads the albums of either. @throws BadInputError for any other database. */
export function readSqliteLibrary(file: string): LibrarySurvey {
  const database = openSqlite(file);
  try {
    const tables = tablesOf(database);
    const has = (name: string): boolean => tables.some((table) => table.toLowerCase() === name);
    if (has('library')) return readWxyc(database, file);
    if (has('albums') && columnsOf(database, 'albums').includes('albumartist'))
      return readBeets(database, file, tables);
    throw new BadInputError(
      `${file}: no table called library, nor beets' albums with the column albumartist; found ${tables.length > 0 ? tables.join(', ') : 'no table at all'}`,
    );
  } catch (error) {
    throw sqliteFailure(error, file);
  } finally {
    database.close();
  }
}

function tablesOf(database: Database.Database): string[] {
  return database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    )
    .pluck()
    .all() as string[];
}

function readWxyc(database: Database.Database, file: string): LibrarySurvey {
  const columns = columnsOf(database, 'library');
  const present = new Map(columns.map((name) => [name.toLowerCase(), name]));
  const missing = required.filter((name) => !present.has(name));
  if (missing.length > 0)
    throw new BadInputError(
      `${file}: table library has no column ${missing.join(' and ')}; found ${columns.join(', ')}`,
    );
  const survey = newSurvey('WXYC library (SQLite)', 'rows');
  survey.used = { artist: present.get('artist')!, title: present.get('title')! };
  for (const [field, names] of optional) {
    const found = names.find((name) => present.has(name));
    if (found !== undefined) survey.used[field] = present.get(found)!;
  }
  const used = Object.entries(survey.used) as [Field, string][];
  survey.unused = columns.filter((name) => !used.some(([, column]) => column === name));
  // If the text is stored in another encoding, there are no UTF-8 bytes to look at. This has to be asked before reading the rows.
  const inUtf8 = database.pragma('encoding', { simple: true }) === 'UTF-8';
  const further = used.slice(2);
  const others = further.map(([, name]) => `, "${name}"`).join('');
  const repairs = new LibraryRepairs((row, column) =>
    inUtf8 ? bytesOf(database, others, row, column) : undefined,
  );
  const texts = new SharedTexts();
  for (const row of database
    .prepare(`SELECT "${survey.used.artist}", "${survey.used.title}"${others} FROM library`)
    .raw()
    .iterate() as Iterable<unknown[]>) {
    survey.read += 1;
    const artist = repairs.take(survey.read, 'artist', row[0]);
    const title = repairs.take(survey.read, 'title', row[1]);
    if (pythonStrip(artist) === '' || pythonStrip(title) === '') {
      leaveOut(survey, incomplete);
      continue;
    }
    const values: RowValues = {};
    for (const [at, [field]] of further.entries()) {
      const { text } = repairText(textOf(row[at + 2]));
      values[field] = recurs(field) ? texts.of(text) : text;
    }
    survey.rows.push({ artist: texts.of(artist), title, ...furtherOf(values) });
  }
  survey.remarks = repairs.remarks(file);
  return survey;
}

/**
 * The text columns as bytes, row by row in the same order, for which the same other columns have to be asked for: an index that
 * holds all columns would be read in its own order. Read only if a value is not UTF-8.
 */
const bytesRead = new WeakMap<Database.Database, [Buffer | null, Buffer | null][]>();

function bytesOf(
  database: Database.Database,
  others: string,
  row: number,
  column: 'artist' | 'title',
): Buffer | undefined {
  let all = bytesRead.get(database);
  if (!all) {
    all = [];
    for (const [artist, title] of database
      .prepare(`SELECT CAST(artist AS BLOB), CAST(title AS BLOB)${others} FROM library`)
      .raw()
      .iterate() as Iterable<[Buffer | null, Buffer | null]>)
      all.push([artist, title]);
    bytesRead.set(database, all);
  }
  return all[row - 1]?.[column === 'artist' ? 0 : 1] ?? undefined;
}
