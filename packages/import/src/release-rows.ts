/** release.csv as COPY rows: the first loadable row of each id. */
import type { CsvBatch, CsvReader } from '@wxyc/csv';
import { CopyText } from './copy-text.js';
import { drop, type TableCounts } from './counts.js';
import { contentEnd, contentStart, integerAt, yearAt } from './fields.js';
import type { IdSet } from './id-set.js';
import type { CsvLayout } from './layout.js';
import type { Rejects } from './rejects.js';

export interface RowsOptions {
  layout: CsvLayout;
  counts: TableCounts;
  rejects: Rejects;
  /** Called after each batch with the bytes read so far. */
  onBatch: (bytesRead: number) => void;
}

/** Bytes handed to COPY at a time. */
export const chunkBytes = 256 * 1024;

/** Yields COPY text; adds the ids that it writes to `loaded`. Memory: a batch, a chunk and the ids' bits. */
export async function* releaseRows(reader: CsvReader, loaded: IdSet, options: RowsOptions): AsyncGenerator<Buffer> {
  const { counts, layout, rejects } = options;
  const text = new CopyText(chunkBytes + 65_536);
  const place = (name: string): number => layout.columns.get(name) ?? -1;
  const columns = { id: place('id'), title: place('title'), released: place('release_year'), country: place('country'), master: place('master_id') };
  for await (const batch of reader.batches()) {
    counts.read += batch.rows;
    for (let row = 0; row < batch.rows; row++) {
      writeRelease(batch, row, columns, layout, text, loaded, counts, rejects);
      if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 65_536);
    }
    await rejects.flush();
    options.onBatch(reader.bytesRead);
  }
  counts.invalidUtf8 = reader.repairs.invalidUtf8;
  counts.nul = reader.repairs.nul;
  if (text.position > 0) yield text.take(text.position, 0);
}

interface ReleaseColumns {
  id: number;
  title: number;
  released: number;
  country: number;
  master: number;
}

function writeRelease(
  batch: CsvBatch,
  row: number,
  columns: ReleaseColumns,
  layout: CsvLayout,
  text: CopyText,
  loaded: IdSet,
  counts: TableCounts,
  rejects: Rejects,
): void {
  const { bytes, table } = batch;
  const first = table.rowFields[row]!;
  const reject = (reason: string): void => {
    drop(counts, 'rejected');
    rejects.add(layout.path, layout.header, batch.firstRow + row, reason, batch.raw(row));
  };
  const fields = table.rowFields[row + 1]! - first;
  if (fields !== layout.header.length) return reject(`${fields} fields instead of ${layout.header.length}`);
  const id = integerAt(bytes, table, first + columns.id);
  if (id < 0) return reject(id === -2 ? 'id is empty' : 'id is not an integer up to 2147483647');
  const master = integerAt(bytes, table, first + columns.master);
  if (master === -1) return reject('master_id is not an integer up to 2147483647');
  if (batch.isEmpty(row, columns.title)) return drop(counts, 'no title');
  if (!loaded.add(id)) return drop(counts, 'duplicate id');

  text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
  text.integer(id);
  text.tab();
  writeText(batch, row, columns.title, text);
  text.tab();
  const year = yearAt(bytes, table, first + columns.released);
  if (year > 0) text.integer(year);
  else text.null();
  text.tab();
  writeText(batch, row, columns.country, text);
  text.tab();
  if (master > 0) text.integer(master);
  else text.null();
  text.endRow();
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
