/** Values of a library as they were meant, and what had to be done for it. */

import type Database from 'better-sqlite3';
import { repairText, type RepairedText } from './text-repair.js';

type Column = 'artist' | 'title';

/** SQLite columns hold any type: a band called 311 may be stored as a number. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

export class LibraryRepairs {
  readonly #database: Database.Database;
  readonly #found = new Map<NonNullable<RepairedText['fault']>, { mended: boolean; count: number; first: string }>();
  /** The text columns as bytes, row by row in the same order: read only if a value is no UTF-8. */
  #bytes: [Buffer | null, Buffer | null][] | undefined;

  constructor(database: Database.Database) {
    this.#database = database;
  }

  /** The value of a row (counted from 1) as text. */
  take(row: number, column: Column, value: unknown): string {
    const text = textOf(value);
    const damaged = text.includes('\uFFFD');
    const { text: meant, fault, mended } = repairText(text, damaged ? this.#bytesOf(row, column, value) : undefined);
    if (fault === undefined) return meant;
    const entry = this.#found.get(fault);
    if (entry) entry.count++;
    else this.#found.set(fault, { mended, count: 1, first: `row ${row}, column ${column}: ${JSON.stringify(text)}${mended ? `, read as ${JSON.stringify(meant)}` : ''}` });
    return meant;
  }

  /** One sentence for each kind of fault. */
  remarks(file: string): string[] {
    return [...this.#found].map(([fault, { mended, count, first }]) => {
      const values = count === 1 ? '1 value' : `${count} values`;
      return `${file}: ${values} ${mended ? 'mended' : 'cannot be mended, and albums may be missed for it'} (${fault}); ${count === 1 ? '' : 'the first is in '}${first}`;
    });
  }

  #bytesOf(row: number, column: Column, value: unknown): Buffer | undefined {
    if (Buffer.isBuffer(value)) return value;
    if (this.#database.pragma('encoding', { simple: true }) !== 'UTF-8') return undefined;
    this.#bytes ??= this.#database.prepare('SELECT CAST(artist AS BLOB), CAST(title AS BLOB) FROM library').raw().all() as [Buffer | null, Buffer | null][];
    return this.#bytes[row - 1]?.[column === 'artist' ? 0 : 1] ?? undefined;
  }
}
