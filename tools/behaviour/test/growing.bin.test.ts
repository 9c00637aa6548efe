/** Inputs that are still being copied: refused, even if what is there so far ends well. */
import { appendFileSync, cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let cwd: string;
beforeAll(async () => {
  inputs = await makeInputs();
}, 60_000);
beforeEach(() => {
  cwd = temporaryFolder();
  cpSync(inputs.csv, join(cwd, 'csv'), { recursive: true });
  cpSync(inputs.artists, join(cwd, 'artists.txt'));
});

/** Copies the file's first half, and goes on line by line until told to stop. */
function copySlowly(from: Buffer, to: string): () => void {
  const half = from.indexOf('\n', from.length / 2) + 1;
  writeFileSync(to, from.subarray(0, half));
  let at = half;
  const timer = setInterval(() => {
    const next = from.indexOf('\n', at) + 1 || from.length;
    appendFileSync(to, from.subarray(at, next));
    at = next === from.length ? half : next;
  }, 10);
  return () => clearInterval(timer);
}

test.each([
  ['wxyc-filter', 'csv/release_artist.csv', ['artists.txt', 'csv', 'out']],
  ['wxyc-filter', 'csv/release.csv', ['artists.txt', 'csv', 'out']],
  ['wxyc-filter', 'artists.txt', ['artists.txt', 'csv', 'out']],
  ['wxyc-fix-newlines', 'csv/release.csv', ['csv/release.csv', 'out.csv']],
  ['wxyc-convert', 'releases.xml', ['releases.xml', '--output', 'out']],
  ['wxyc-pipeline', 'csv/release.csv', ['--csv-dir', 'csv', '--database-url', 'embedded:cache']],
])(
  '%s: %s',
  async (bin, file, words) => {
    const path = join(cwd, file);
    const stop = copySlowly(
      file === 'releases.xml' ? gunzipSync(readFileSync(inputs.xml)) : readFileSync(path),
      path,
    );
    const { code, stderr } = await runBin(bin, words, { cwd }).finally(stop);
    expect({ code, stderr }).toEqual({
      code: 4,
      stderr: expect.stringMatching(
        /ERROR .*(?:release_artist\.csv|release\.csv|artists\.txt|releases\.xml).* it was written to while being read: wait until its copy is complete\n/,
      ),
    });
  },
  30_000,
);
