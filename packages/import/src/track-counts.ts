/** release_track.csv as rows of `release_id, number of titled rows`, one for each run of a release; dedup adds them up. */
import type { CsvReader, IdSet } from '@wxyc/csv';
import { CopyText } from './copy-text.js';
import { integerAt } from './fields.js';
import type { CsvLayout } from './csv-layout.js';
import { chunkBytes } from './root-rows.js';

/** Yields COPY text. Rows that cannot be read are left to the load of the tracks, which counts them. */
export async function* trackCountRows(
  reader: CsvReader,
  layout: CsvLayout,
  loaded: IdSet,
  onBatch: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const releaseColumn = layout.columns.get('release_id') ?? -1;
  const titleColumn = layout.columns.get('title') ?? -1;
  const text = new CopyText(chunkBytes + 4096);
  let release = -1;
  let count = 0;
  const endRun = (): void => {
    if (count === 0 || !loaded.has(release)) return;
    text.integer(release);
    text.tab();
    text.integer(count);
    text.endRow();
  };
  for await (const batch of reader.batches()) {
    const { bytes, table } = batch;
    for (let row = 0; row < batch.rows; row++) {
      const id = integerAt(bytes, table, table.rowFields[row]! + releaseColumn);
      if (id < 0) continue;
      if (id !== release) {
        endRun();
        release = id;
        count = 0;
        if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 4096);
      }
      if (!batch.isEmpty(row, titleColumn)) count++;
    }
    onBatch(reader.bytesRead);
  }
  endRun();
  if (text.position > 0) yield text.take(text.position, 0);
}
