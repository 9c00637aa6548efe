/** A small library.db for the tests of this package. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { temporaryFolder } from '@wxyc/testing';

/** @param alternates Alternate names by row. */
export function libraryFile(
  rows: [artist: string | null, title: string | null][],
  alternates: (string | null)[] = [],
): string {
  const file = join(temporaryFolder(), 'library.db');
  const database = new Database(file);
  database.exec(
    'CREATE TABLE library (id INTEGER PRIMARY KEY, artist TEXT, title TEXT, alternate_artist_name TEXT)',
  );
  const insert = database.prepare(
    'INSERT INTO library (artist, title, alternate_artist_name) VALUES (?, ?, ?)',
  );
  for (const [at, row] of rows.entries()) insert.run(...row, alternates[at] ?? null);
  database.close();
  return file;
}
