/** release_label.csv and release_format.csv as rows of `release_id, label, catno, format`, by which dedup recognises the pressing that is owned. */
import { openCsv, type IdSet } from '@wxyc/csv';
import { chunkBytes } from './root-rows.js';

/** The paths of those files that the directory has; either may be missing. */
export interface EditionFiles {
  labels: string | undefined;
  formats: string | undefined;
}

/** Yields COPY text: a row for each label of a loaded release, and one for each format. */
export async function* editionRows(
  { labels, formats }: EditionFiles,
  loaded: IdSet,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if (labels !== undefined)
    yield* rowsOf(
      labels,
      loaded,
      signal,
      [['label_name', 'label', 'name'], ['catno']],
      ([label, catno]) => `${label}\t${catno}\t\\N`,
    );
  if (formats !== undefined)
    yield* rowsOf(
      formats,
      loaded,
      signal,
      [['name'], ['descriptions'], ['text_string']],
      ([name, descriptions, text]) => `\\N\t\\N\t${name}; ${descriptions}; ${text}`,
    );
}

async function* rowsOf(
  path: string,
  loaded: IdSet,
  signal: AbortSignal,
  columns: string[][],
  encode: (values: string[]) => string,
): AsyncGenerator<Buffer> {
  const reader = await openCsv(path, { signal });
  const idColumn = reader.find('release_id');
  const places = columns.map((names) => reader.find(...names));
  let text = '';
  for await (const batch of reader.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const id = idColumn < 0 ? NaN : Number(batch.text(row, idColumn));
      if (!Number.isSafeInteger(id) || id <= 0 || !loaded.has(id)) continue;
      text += `${id}\t${encode(places.map((at) => (at < 0 ? '' : escaped(batch.text(row, at)))))}\n`;
      if (text.length > chunkBytes) {
        yield Buffer.from(text);
        text = '';
      }
    }
  }
  if (text !== '') yield Buffer.from(text);
}

/** As COPY wants it; NUL is dropped by the reader. */
const escaped = (value: string): string =>
  value.replace(
    /[\\\t\n\r]/g,
    (character) => ({ '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' })[character]!,
  );
