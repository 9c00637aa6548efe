// The yardstick for CSV steps: every CSV file of a directory read and written again by papaparse, streaming.
//
//   papaparse-copy.mjs <input directory> <output directory>
import { createReadStream, createWriteStream, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import Papa from 'papaparse';

const [input, output] = process.argv.slice(2);
mkdirSync(output, { recursive: true });
for (const name of readdirSync(input).filter((entry) => entry.endsWith('.csv'))) {
  let rows = [];
  const text = (some) => (some.length > 0 ? `${Papa.unparse(some)}\r\n` : '');
  const writer = new Transform({
    writableObjectMode: true,
    transform(row, _encoding, done) {
      rows.push(row);
      if (rows.length < 1000) return done();
      const some = rows;
      rows = [];
      done(null, text(some));
    },
    flush(done) {
      done(null, text(rows));
    },
  });
  const read = createReadStream(join(input, name), { highWaterMark: 1024 * 1024 });
  await pipeline(
    read,
    Papa.parse(Papa.NODE_STREAM_INPUT, { newline: '\r\n', delimiter: ',' }),
    writer,
    createWriteStream(join(output, name)),
  );
}
