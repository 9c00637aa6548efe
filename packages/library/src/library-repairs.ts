/** Values of a library as they were meant, and what was repaired in them. */

import { repairText, type RepairedText } from './text-repair.js';

type Column = 'artist' | 'title';

/** SQLite columns hold any type: a band called 311 may be stored as a number. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return Buffer.isBuffer(value) ? value.toString('utf8') : String(value);
}

export class LibraryRepairs {
  readonly #bytesOf: (row: number, column: Column) => Buffer | undefined;
  readonly #found = new Map<
    NonNullable<RepairedText['fault']>,
    { repaired: boolean; count: number; first: string }
  >();

  /** @param bytesOf The bytes of a value in UTF-8, if they are available; called only for values that hold a U+FFFD. */
  constructor(bytesOf: (row: number, column: Column) => Buffer | undefined) {
    this.#bytesOf = bytesOf;
  }

  /** The value of a row (counted from 1) as text. */
  take(row: number, column: Column, value: unknown): string {
    const text = textOf(value);
    const damaged = text.includes('\uFFFD');
    const {
      text: meant,
      fault,
      repaired,
    } = repairText(
      text,
      damaged ? (Buffer.isBuffer(value) ? value : this.#bytesOf(row, column)) : undefined,
    );
    if (fault === undefined) return meant;
    const entry = this.#found.get(fault);
    if (entry) entry.count++;
    else
      this.#found.set(fault, {
        repaired,
        count: 1,
        first: `row ${row}, column ${column}: ${JSON.stringify(text)}${repaired ? `, read as ${JSON.stringify(meant)}` : ''}`,
      });
    return meant;
  }

  /** One sentence for each kind of fault. */
  remarks(file: string): string[] {
    return [...this.#found].map(([fault, { repaired, count, first }]) => {
      const values = count === 1 ? '1 value' : `${count} values`;
      return `${file}: ${values} ${repaired ? 'repaired' : 'cannot be repaired, so albums may be missed'} (${fault}); ${count === 1 ? '' : 'the first is in '}${first}`;
    });
  }
}
