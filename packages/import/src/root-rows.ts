/** release.csv, artist.csv or master.csv as COPY rows: the first loadable row of each id. */
import type { CsvReader, IdSet } from '@wxyc/csv';
import type { Table } from '@wxyc/dataset';
import { CopyText } from './copy-text.js';
import { drop, type TableCounts } from './counts.js';
import { integerAt } from './fields.js';
import type { CsvLayout } from './csv-layout.js';
import type { Rejects } from './rejects.js';
import { outcomes, RowEncoder } from './row-encoder.js';

export interface RowsOptions {
  table: Table;
  layout: CsvLayout;
  counts: TableCounts;
  rejects: Rejects;
  /** When the releases were imported, for tables that note it. */
  stamp?: string | undefined;
  /** Called after each batch with the bytes read so far. */
  onBatch: (bytesRead: number) => void;
}

export interface RootOptions extends RowsOptions {
  /** Receives the ids that are written. */
  loaded: IdSet;
  /** Receives the ids that came more than once. */
  repeated: IdSet;
  /** The only ids that are wanted. Default: all. */
  wanted?: IdSet | undefined;
}

/** Bytes handed to COPY at a time. */
export const chunkBytes = 256 * 1024;

/** Yields COPY text. Memory: a batch, a chunk and the ids' bits. */
export async function* rootRows(reader: CsvReader, options: RootOptions): AsyncGenerator<Buffer> {
  const { table: into, counts, layout, rejects, loaded, repeated, wanted } = options;
  const text = new CopyText(chunkBytes + 65_536);
  const encoder = new RowEncoder(into, layout, counts, text, options.stamp);
  const idColumn = layout.columns.get('id') ?? -1;
  for await (const batch of reader.batches()) {
    counts.read += batch.rows;
    const { bytes, table } = batch;
    for (let row = 0; row < batch.rows; row++) {
      const first = table.rowFields[row]!;
      const reject = (reason: string): void => {
        drop(counts, 'rejected');
        rejects.add(layout.path, layout.header, batch.firstRow + row, reason, batch.raw(row));
      };
      const fields = table.rowFields[row + 1]! - first;
      if (fields !== layout.header.length) {
        reject(`${fields} fields instead of ${layout.header.length}`);
        continue;
      }
      const id = integerAt(bytes, table, first + idColumn);
      if (id < 0) {
        reject(id === -2 ? 'id is empty' : 'id is not an integer up to 2147483647');
        continue;
      }
      if (wanted && !wanted.has(id)) {
        drop(counts, `no ${into.name} of a kept release`);
        continue;
      }
      text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
      const rowStart = text.position;
      text.integer(id);
      const outcome = encoder.write(batch, row, first, 1);
      if (outcome === outcomes.written && loaded.add(id)) text.endRow();
      else {
        text.position = rowStart;
        if (outcome === outcomes.rejected) reject(encoder.reason);
        else if (outcome === outcomes.dropped) drop(counts, encoder.reason);
        else {
          repeated.add(id);
          drop(counts, 'duplicate id');
        }
      }
      if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 65_536);
    }
    await rejects.flush();
    options.onBatch(reader.bytesRead);
  }
  counts.invalidUtf8 = reader.repairs.invalidUtf8;
  counts.nul = reader.repairs.nul;
  if (text.position > 0) yield text.take(text.position, 0);
}
