// A batch of whole CSV rows: the bytes as read, and fields handed out as bytes, text or integers on demand.
import { fieldKinds, type RowTable } from './row-table.js';

/**
 * Some thousand rows. Rows and columns count from 0. A batch is valid until the next one is asked for: its memory is
 * reused. Fields that a short row lacks read as empty.
 */
export class CsvBatch {
  /** The bytes of the batch. {@link rowStart} and {@link rowEnd} are offsets into it. */
  readonly bytes: Buffer;
  readonly rows: number;
  /** Number of the first row of this batch in the file; the row below the header is 1. */
  readonly firstRow: number;
  readonly #table: RowTable;

  constructor(bytes: Buffer, table: RowTable, firstRow: number) {
    this.bytes = bytes;
    this.rows = table.rows;
    this.firstRow = firstRow;
    this.#table = table;
  }

  /** Offsets of all rows and fields, for callers that cannot afford a call per field. Valid as long as the batch. */
  get table(): RowTable {
    return this.#table;
  }

  /** How many fields the row has; compare it with the header's length. */
  fieldCount(row: number): number {
    return this.#table.rowFields[row + 1]! - this.#table.rowFields[row]!;
  }

  rowStart(row: number): number {
    return this.#table.rowStarts[row]!;
  }

  /** Offset after the row's line end (which the last row of a file may lack). */
  rowEnd(row: number): number {
    return this.#table.rowEnds[row]!;
  }

  /** The row as it is in the file, line end included. */
  raw(row: number): Buffer {
    return this.bytes.subarray(this.rowStart(row), this.rowEnd(row));
  }

  /** Whether any field of the row is in quotes. */
  hasQuotes(row: number): boolean {
    const { rowFields, fieldKinds: kinds } = this.#table;
    const end = rowFields[row + 1]!;
    for (let field = rowFields[row]!; field < end; field++)
      if (kinds[field] !== fieldKinds.plain) return true;
    return false;
  }

  isEmpty(row: number, column: number): boolean {
    const field = this.#field(row, column);
    if (field < 0) return true;
    const length = this.#table.fieldEnds[field]! - this.#table.fieldStarts[field]!;
    return length === 0 || (length === 2 && this.#table.fieldKinds[field] === fieldKinds.quoted);
  }

  /** The field's content as text; invalid UTF-8 reads as U+FFFD. */
  text(row: number, column: number): string {
    const field = this.#field(row, column);
    if (field < 0) return '';
    const start = this.#table.fieldStarts[field]!;
    const end = this.#table.fieldEnds[field]!;
    const kind = this.#table.fieldKinds[field];
    if (kind === fieldKinds.plain) return this.bytes.toString('utf8', start, end);
    if (kind === fieldKinds.quoted) return this.bytes.toString('utf8', start + 1, end - 1);
    return unescape(this.bytes.toString('utf8', start, end));
  }

  /** The field's content as bytes, a view into {@link bytes} unless it holds doubled quotes. */
  field(row: number, column: number): Buffer {
    const field = this.#field(row, column);
    if (field < 0) return this.bytes.subarray(0, 0);
    const start = this.#table.fieldStarts[field]!;
    const end = this.#table.fieldEnds[field]!;
    const kind = this.#table.fieldKinds[field];
    if (kind === fieldKinds.plain) return this.bytes.subarray(start, end);
    if (kind === fieldKinds.quoted) return this.bytes.subarray(start + 1, end - 1);
    return Buffer.from(unescape(this.bytes.toString('latin1', start, end)), 'latin1');
  }

  /** The field as a non-negative integer of at most 15 ASCII digits, -1 for anything else. */
  integer(row: number, column: number): number {
    const field = this.#field(row, column);
    if (field < 0) return -1;
    let start = this.#table.fieldStarts[field]!;
    let end = this.#table.fieldEnds[field]!;
    if (this.#table.fieldKinds[field] === fieldKinds.quoted) {
      start++;
      end--;
    }
    if (start >= end || end - start > 15) return -1;
    let value = 0;
    for (let p = start; p < end; p++) {
      const digit = this.bytes[p]! - 0x30;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    return value;
  }

  #field(row: number, column: number): number {
    const field = this.#table.rowFields[row]! + column;
    return field < this.#table.rowFields[row + 1]! ? field : -1;
  }
}

/** The content of a field in quotes; text after the closing quote belongs to it, as Python's csv module reads it. */
function unescape(written: string): string {
  let content = '';
  let position = 1;
  for (;;) {
    const close = written.indexOf('"', position);
    if (close < 0) return content + written.slice(position);
    content += written.slice(position, close);
    if (written[close + 1] !== '"') return content + written.slice(close + 1);
    content += '"';
    position = close + 2;
  }
}
