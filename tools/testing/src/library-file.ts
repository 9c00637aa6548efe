/** A library as a SQLite file. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { temporaryFolder } from './folders.js';

/**
 * Makes a file with the table `library` and returns its path.
 *
 * @param rows Values in the order of the columns; what a row lacks at its end is NULL.
 * @example
 * const libraryDb = libraryFile([['Stereolab', 'Dots and Loops']]);
 */
export function libraryFile(
  rows: readonly (readonly (string | number | null | undefined)[])[],
  columns: readonly string[] = ['artist', 'title'],
  file = join(temporaryFolder(), 'library.db'),
): string {
  const Database = createRequire(import.meta.url)('better-sqlite3') as typeof Sqlite;
  const database = new Database(file);
  database.exec(`CREATE TABLE library (${columns.join(', ')})`);
  const insert = database.prepare(
    `INSERT INTO library VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const row of rows) insert.run(columns.map((_, at) => row[at] ?? null));
  database.close();
  return file;
}
