/**
 * The main credits of release_artist.csv that say more than a row of release_artist can, for the companion release_credit: a name
 * variation, an artist with aliases, and each credit of a name that a release credits more than once.
 */
import type { CsvReader, IdSet } from '@wxyc/csv';
import { indexedEnd } from '@wxyc/dataset';
import { CopyText } from './copy-text.js';
import { integerAt } from './fields.js';
import type { CsvLayout } from './csv-layout.js';
import { chunkBytes } from './root-rows.js';

interface Credit {
  name: string;
  variation: string;
  artistId: number;
}

/**
 * Yields COPY text. Rows that cannot be read are left to the load of release_artist, which counts them.
 *
 * @param known Artists with aliases, by their ids on Discogs.
 */
export async function* creditRows(
  reader: CsvReader,
  layout: CsvLayout,
  loaded: IdSet,
  known: IdSet,
  onBatch: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const place = (name: string): number => layout.columns.get(name) ?? -1;
  const releaseColumn = place('release_id');
  const nameColumn = place('artist_name');
  const extraColumn = place('extra');
  const variationColumn = layout.find('anv');
  const idColumn = layout.find('artist_id');
  const text = new CopyText(chunkBytes + 65_536);
  let release = -1;
  let run: Credit[] = [];
  const endRun = (): void => {
    if (run.length > 0 && loaded.has(release)) writeRun(text, release, run, known);
    run = [];
  };
  for await (const batch of reader.batches()) {
    const { bytes, table } = batch;
    for (let row = 0; row < batch.rows; row++) {
      const first = table.rowFields[row]!;
      if (table.rowFields[row + 1]! - first !== layout.header.length) continue;
      const id = integerAt(bytes, table, first + releaseColumn);
      if (id < 0) continue;
      if (id !== release) {
        endRun();
        release = id;
        if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 65_536);
      }
      const extra = integerAt(bytes, table, first + extraColumn);
      if (extra > 0 || extra === -1 || batch.isEmpty(row, nameColumn)) continue;
      run.push({
        name: batch.text(row, nameColumn),
        variation: variationColumn < 0 ? '' : batch.text(row, variationColumn),
        artistId: idColumn < 0 ? -1 : integerAt(bytes, table, first + idColumn),
      });
    }
    onBatch(reader.bytesRead);
  }
  endRun();
  if (text.position > 0) yield text.take(text.position, 0);
}

function writeRun(text: CopyText, release: number, run: readonly Credit[], known: IdSet): void {
  const saysMore = ({ name, variation, artistId }: Credit): boolean =>
    (variation !== '' && variation !== name) || (artistId > 0 && known.has(artistId));
  const names = new Set<string>();
  const told = new Set<string>();
  for (const credit of run) {
    if (names.has(credit.name) || saysMore(credit)) told.add(credit.name);
    names.add(credit.name);
  }
  if (told.size === 0) return;
  for (const { name, variation, artistId } of run) {
    // A name has a row for each of its credits, or none at all.
    if (!told.has(name)) continue;
    const nameBytes = Buffer.from(name);
    // Cut as in release_artist.
    const nameEnd = indexedEnd(nameBytes, 0, nameBytes.length);
    const variationBytes = Buffer.from(variation);
    text.reserve(nameBytes.length + variationBytes.length);
    text.integer(release);
    text.tab();
    text.text(nameBytes, 0, nameEnd);
    text.tab();
    if (variation === '' || variation === name) text.null();
    else text.text(variationBytes, 0, variationBytes.length);
    text.tab();
    if (artistId > 0 && known.has(artistId)) text.integer(artistId);
    else text.null();
    text.endRow();
  }
}
