// A dump as large as a month's, made in pieces by several processes: concatenated gzip files are one gzip file.
//
// As a program, `node month-dump.mjs RELEASES FIRST END FILE` writes one piece.
import { execFile } from 'node:child_process';
import {
  appendFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { availableParallelism } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { constants } from 'node:zlib';
import { writeDump } from '@wxyc/sample';

const here = fileURLToPath(import.meta.url);
const run = promisify(execFile);
const perPiece = 250_000;

/** Writes the dump; pieces that an earlier try finished are used again. */
export async function writeMonthDump(file, releases) {
  const pieces = Array.from({ length: Math.ceil(releases / perPiece) }, (_, at) => at);
  const nameOf = (at) => `${file}.${at}.gz`;
  const queue = [...pieces];
  const worker = async () => {
    for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
      if (existsSync(nameOf(at))) continue;
      const end = Math.min(releases, (at + 1) * perPiece);
      await run(process.execPath, [here, releases, at * perPiece, end, nameOf(at)].map(String));
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  rmSync(file, { force: true });
  appendFileSync(file, '');
  for (const at of pieces)
    await pipeline(createReadStream(nameOf(at)), createWriteStream(file, { flags: 'a' }));
  for (const at of pieces) rmSync(nameOf(at));
}

if (process.argv[1] === here) {
  const [releases, first, end] = process.argv.slice(2, 5).map(Number);
  const file = process.argv[5];
  // It gets its name only when complete; compressed as hard as Discogs' dumps.
  const partial = file.replace(/\.gz$/, '.partial.gz');
  await writeDump(partial, { releases, first, end, level: constants.Z_DEFAULT_COMPRESSION });
  renameSync(partial, file);
}
