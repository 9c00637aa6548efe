/** A small library.db for the tests of this package. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { temporaryFolder } from '@wxyc/testing';

export function libraryFile(rows: [artist: string | null, title: string | null][]): string {
  const file = join(temporaryFolder(), 'library.db');
  const database = new Database(file);
  database.exec('CREATE TABLE library (id INTEGER PRIMARY KEY, artist TEXT, title TEXT, format TEXT)');
  for (const row of rows) database.prepare('INSERT INTO library (artist, title) VALUES (?, ?)').run(...row);
  database.close();
  return file;
}
