/** Reads numbers straight from the bytes of a batch. */
import type { RowTable } from '@wxyc/csv';

const largestInteger = 2_147_483_647;

/** The content of field `field` begins here: after the opening quote of a quoted one. */
export function contentStart(table: RowTable, field: number): number {
  return table.fieldStarts[field]! + (table.fieldKinds[field] ? 1 : 0);
}

/** The content of field `field` ends here. Not for escaped fields (kind 2): those need unescaping. */
export function contentEnd(table: RowTable, field: number): number {
  return table.fieldEnds[field]! - (table.fieldKinds[field] ? 1 : 0);
}

/** A non-negative integer of PostgreSQL's range in ASCII digits; -1 for anything else, -2 for an empty field. */
export function integerAt(bytes: Uint8Array, table: RowTable, field: number): number {
  let p = contentStart(table, field);
  const end = contentEnd(table, field);
  if (p >= end) return -2;
  if (end - p > 12) return -1;
  let value = 0;
  for (; p < end; p++) {
    const digit = bytes[p]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= largestInteger ? value : -1;
}

/** The year of a date: its first four characters if those are ASCII digits and 1 or more, else 0. */
export function yearAt(bytes: Uint8Array, table: RowTable, field: number): number {
  const start = contentStart(table, field);
  if (contentEnd(table, field) - start < 4) return 0;
  let year = 0;
  for (let p = start; p < start + 4; p++) {
    const digit = bytes[p]! - 0x30;
    if (digit < 0 || digit > 9) return 0;
    year = year * 10 + digit;
  }
  return year;
}
