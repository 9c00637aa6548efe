// Multiplies release CSVs: the same rows again under new release and master ids.
import { createWriteStream, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { openCsv } from '@wxyc/csv';

/** Far beyond the ids of the sample. */
const shift = 4_000_000;
const files = [
  'release',
  'release_artist',
  'release_label',
  'release_track',
  'release_track_artist',
  'release_image',
];

/** Returns `to`, which holds the files of `from` that import reads, `times` over. */
export async function grownCsv(from, to, times) {
  if (existsSync(`${to}.ready`)) return to;
  mkdirSync(to, { recursive: true });
  const there = readdirSync(from);
  for (const name of files)
    if (there.includes(`${name}.csv`))
      await pipeline(
        Readable.from(copies(join(from, `${name}.csv`), times)),
        createWriteStream(join(to, `${name}.csv`)),
      );
  writeFileSync(`${to}.ready`, '');
  return to;
}

async function* copies(path, times) {
  for (let copy = 0; copy < times; copy++) {
    const csv = await openCsv(path);
    if (copy === 0) yield csv.rawHeader;
    const master = csv.find('master_id');
    for await (const batch of csv.batches()) {
      const rows = [];
      for (let row = 0; row < batch.rows; row++)
        rows.push(shifted(batch, row, master, copy * shift));
      yield Buffer.from(rows.join(''));
    }
  }
}

/** The first field is the release's id. */
function shifted(batch, row, master, by) {
  const { table, bytes } = batch;
  const first = table.rowFields[row];
  const id = batch.integer(row, 0) + by;
  const end = batch.rowEnd(row);
  const rest = (from, to) => bytes.toString('utf8', from, to);
  if (master < 0 || batch.integer(row, master) <= 0) return id + rest(table.fieldEnds[first], end);
  const field = first + master;
  return `${id}${rest(table.fieldEnds[first], table.fieldStarts[field])}${batch.integer(row, master) + by}${rest(table.fieldEnds[field], end)}`;
}
