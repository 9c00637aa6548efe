/**
 * Columns of a release that are put together from several rows of another file: `artwork_url`, from the first `primary` image with a
 * URI, or else the first image with one; `format`, all formats as `2xVinyl, CD`.
 */
import type { CsvReader } from '@wxyc/csv';
import type { Column, Table } from '@wxyc/dataset';
import { copyIn, quoteIdentifier, type Client } from '@wxyc/postgres';
import { CopyText } from './copy-text.js';
import { integerAt } from './fields.js';
import { chunkBytes } from './root-rows.js';
import { writeText } from './row-encoder.js';

interface Gathering {
  /** CSV columns to be staged as text, by their accepted names; rows without a value in the first are left out. */
  columns: readonly (readonly string[])[];
  /** SQL for the value of a release over the staged rows: `a`, `b`, `ordinal`. */
  value: string;
}

const gatherings: Readonly<Record<string, Gathering>> = {
  release_image: {
    columns: [['uri'], ['type']],
    value: `(array_agg(a ORDER BY b IS DISTINCT FROM 'primary', ordinal))[1]`,
  },
  release_format: {
    columns: [['name'], ['qty']],
    value: `string_agg(CASE WHEN b IS NULL OR b IN ('0', '1') THEN a ELSE b || 'x' || a END, ', ' ORDER BY ordinal)`,
  },
};

/** A temporary table with the values of one column: `release_id`, `value`. */
export interface Gathered {
  column: string;
  table: string;
}

/** The columns of the table that are gathered. */
export function gatheredColumns(table: Table): (Column & { gathered: string })[] {
  return table.columns.filter(
    (column): column is Column & { gathered: string } => column.gathered !== undefined,
  );
}

/**
 * Gathers one column into a temporary table on this connection; undefined if the file has no value. Dumps since 2015 have no
 * image URIs, so there is nothing to load, and the releases are copied directly.
 */
export async function gather(
  client: Client,
  column: { name: string; gathered: string },
  reader: CsvReader,
  onBatch: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Gathered | undefined> {
  const { columns, value } = gatherings[column.gathered]!;
  if (reader.find(...columns[0]!) < 0) {
    await reader.close();
    return undefined;
  }
  const [staged, table] = [`import_rows_of_${column.name}`, `import_${column.name}`];
  await client.query(
    `CREATE TEMP TABLE ${staged} (release_id integer, a text, b text, ordinal bigint) ON COMMIT DROP`,
  );
  const rows = await copyIn(
    client,
    `COPY ${staged} FROM STDIN`,
    stagedRows(reader, columns, onBatch),
    signal,
  );
  if (rows === 0) return undefined;
  await client.query(
    `CREATE TEMP TABLE ${table} ON COMMIT DROP AS SELECT release_id, ${value} AS value FROM ${staged} GROUP BY release_id; DROP TABLE ${staged}; ANALYZE ${table}`,
  );
  return { column: column.name, table };
}

async function* stagedRows(
  reader: CsvReader,
  columns: Gathering['columns'],
  onBatch: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const release = reader.column('release_id');
  const places = columns.map((names) => reader.find(...names));
  const text = new CopyText(chunkBytes + 65_536);
  let ordinal = 0;
  for await (const batch of reader.batches()) {
    const { bytes, table } = batch;
    for (let row = 0; row < batch.rows; row++) {
      if (batch.isEmpty(row, places[0]!)) continue;
      const id = integerAt(bytes, table, table.rowFields[row]! + release);
      if (id < 0) continue;
      text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
      text.integer(id);
      for (const place of places) {
        text.tab();
        writeText(batch, row, place, text);
      }
      text.tab();
      text.integer(ordinal++);
      text.endRow();
      if (text.position >= chunkBytes) yield text.take(text.position, chunkBytes + 65_536);
    }
    onBatch(reader.bytesRead);
  }
  if (text.position > 0) yield text.take(text.position, 0);
}

/** Fills the release table from staged rows and what was gathered. */
export async function insertWithGathered(
  client: Client,
  staged: string,
  release: string,
  columns: readonly string[],
  gathered: readonly Gathered[],
): Promise<number> {
  const list = (prefix: string): string[] =>
    columns.map((name) => `${prefix}${quoteIdentifier(name)}`);
  const joined = gathered
    .map(({ table }, at) => `LEFT JOIN ${table} g${at} ON g${at}.release_id = s.id`)
    .join(' ');
  const inserted = await client.query(
    `INSERT INTO ${release} (${[...list(''), ...gathered.map(({ column }) => quoteIdentifier(column))].join(', ')})
     SELECT ${[...list('s.'), ...gathered.map((_, at) => `g${at}.value`)].join(', ')} FROM ${staged} s ${joined}`,
  );
  return inserted.rowCount ?? 0;
}
