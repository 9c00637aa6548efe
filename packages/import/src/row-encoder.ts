/** The fields of a CSV row as a table's columns, in COPY text. The list of tables says how each is read. */
import type { CsvBatch } from '@wxyc/csv';
import {
  indexedEnd,
  longestIndexedBytes,
  rootIdColumn,
  type Column,
  type Reader,
  type Table,
} from '@wxyc/dataset';
import type { CopyText } from './copy-text.js';
import type { TableCounts } from './counts.js';
import { contentEnd, contentStart, integerAt, yearAt } from './fields.js';
import type { CsvLayout } from './csv-layout.js';

/** What became of a row. */
export const outcomes = { written: 0, dropped: 1, rejected: 2 } as const;

interface Part {
  name: string;
  read: Reader;
  /** The column's place in the file; -1 if it has none. */
  place: number;
  /** The reason that is given when a row has no value; undefined if NULL will do. */
  missing: string | undefined;
}

/** The columns of a table that an import fills, in the order in which COPY names them: the root's id first. */
export function importedColumns(table: Table): readonly Column[] {
  return [...table.columns, ...(table.transient ?? [])].filter(({ csv }) => csv !== undefined);
}

export class RowEncoder {
  /** Why the last row was dropped or rejected. */
  reason = '';
  /** Where the last row's key ends in the text; it begins after the root's id. */
  keyEnd = 0;
  /** Whether the last row is a main credit, or has nothing to do with credits. */
  isMain = true;
  readonly #parts: readonly Part[];
  readonly #keyParts: number;
  readonly #tellsApart: boolean;
  readonly #text: CopyText;
  readonly #counts: TableCounts;
  readonly #stamp: Buffer;

  /** @param stamp When the releases were imported, as PostgreSQL reads it; for tables that note it. */
  constructor(
    table: Table,
    { columns }: Pick<CsvLayout, 'columns'>,
    counts: TableCounts,
    text: CopyText,
    stamp = '',
  ) {
    const rootColumn = rootIdColumn(table);
    this.#parts = importedColumns(table)
      .filter(({ name }) => name !== rootColumn)
      .map(({ name, notNull, default: standard, csv }) => ({
        name,
        read: csv!.read,
        place: columns.get(name) ?? -1,
        missing: notNull && standard === undefined ? `no ${name.replaceAll('_', ' ')}` : undefined,
      }));
    this.#keyParts = (table.distinct?.length ?? Infinity) - 1;
    this.#tellsApart = table.others === 'apart';
    this.#counts = counts;
    this.#text = text;
    this.#stamp = Buffer.from(stamp);
  }

  /**
   * Appends all fields after the root's id, which is already in the text. The hot path: everything is read at its offset, and
   * nothing is allocated. If a row is dropped or rejected, the caller has to take back what was written of it.
   *
   * @param first Place of the row's first field in the batch's table.
   * @param ordinal The row's place among those of its root.
   */
  write(batch: CsvBatch, row: number, first: number, ordinal: number): number {
    const { bytes, table } = batch;
    const { fieldKinds, fieldStarts, fieldEnds } = table;
    const text = this.#text;
    const parts = this.#parts;
    this.isMain = true;
    for (let index = 0; index < parts.length; index++) {
      if (index === this.#keyParts) this.keyEnd = text.position;
      const { read, place, missing, name } = parts[index]!;
      text.tab();
      if (place < 0) {
        this.#withoutField(read, ordinal);
        continue;
      }
      const field = first + place;
      const written = fieldKinds[field]!;
      const start = fieldStarts[field]! + (written === 0 ? 0 : 1);
      const end = fieldEnds[field]! - (written === 0 ? 0 : 1);
      if (end <= start && missing !== undefined) {
        this.reason = missing;
        return outcomes.dropped;
      }
      switch (read) {
        case 'text':
          if (written === 2) writeText(batch, row, place, text);
          else if (end > start) text.text(bytes, start, end);
          else text.null();
          break;
        case 'name':
          if (written === 2 || end - start > longestIndexedBytes) this.#name(batch, row, place);
          else text.text(bytes, start, end);
          break;
        case 'year': {
          const year = yearAt(bytes, table, field);
          if (year > 0) text.integer(year);
          else text.null();
          break;
        }
        case 'list':
          this.#list(batch, row, place);
          break;
        case 'flag':
          text.boolean(batch.text(row, place) !== 'false');
          break;
        case 'id':
        case 'reference':
        case 'integer':
        case 'amount':
        case 'extra':
        case 'ordinal':
        case 'stamp': {
          const value = integerAt(bytes, table, field);
          if (value === -1 && (read === 'integer' || read === 'id' || read === 'extra')) {
            this.reason = `${name} is not an integer up to 2147483647`;
            return outcomes.rejected;
          }
          if (read === 'extra') {
            this.isMain = value <= 0;
            text.integer(this.isMain ? 0 : 1);
          } else if (value > 0 || (value === 0 && read !== 'id' && read !== 'reference'))
            text.integer(value);
          else text.null();
        }
      }
    }
    if (parts.length <= this.#keyParts || (this.#tellsApart && !this.isMain))
      this.keyEnd = text.position;
    return outcomes.written;
  }

  /** A column that is not in the file. */
  #withoutField(read: Reader, ordinal: number): void {
    if (read === 'ordinal') this.#text.integer(ordinal);
    else if (read === 'stamp') this.#text.text(this.#stamp, 0, this.#stamp.length);
    else if (read === 'extra') this.#text.integer(0);
    else if (read === 'flag') this.#text.boolean(true);
    else this.#text.null();
  }

  #name(batch: CsvBatch, row: number, place: number): void {
    const { bytes, table } = batch;
    const field = table.rowFields[row]! + place;
    const plain = table.fieldKinds[field] !== 2;
    const source = plain ? bytes : batch.field(row, place);
    const start = plain ? contentStart(table, field) : 0;
    const end = plain ? contentEnd(table, field) : source.length;
    const fitting = indexedEnd(source, start, end);
    if (fitting < end) this.#counts.cut++;
    this.#text.text(source, start, fitting);
  }

  /** `LP; Album` as an array, which PostgreSQL reads as `{"LP","Album"}`. */
  #list(batch: CsvBatch, row: number, place: number): void {
    const value = batch.text(row, place);
    if (value === '') return this.#text.null();
    const array = Buffer.from(
      `{${value
        .split('; ')
        .map((item) => `"${item.replace(/["\\]/g, '\\$&')}"`)
        .join(',')}}`,
    );
    // Longer than what was reserved for the row, and more of the row may follow.
    this.#text.reserve(array.length + batch.table.rowEnds[row]! - batch.table.rowStarts[row]!);
    this.#text.text(array, 0, array.length);
  }
}

/** A text column; NULL if empty or not in the file. */
export function writeText(batch: CsvBatch, row: number, column: number, text: CopyText): void {
  if (column < 0) return text.null();
  const { bytes, table } = batch;
  const field = table.rowFields[row]! + column;
  if (table.fieldKinds[field] === 2) {
    const unescaped = batch.field(row, column);
    return unescaped.length ? text.text(unescaped, 0, unescaped.length) : text.null();
  }
  const start = contentStart(table, field);
  const end = contentEnd(table, field);
  return end > start ? text.text(bytes, start, end) : text.null();
}
