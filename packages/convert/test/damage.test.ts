// Where a gzip file is damaged: to the byte, wherever in the file it is.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { temporaryFolder } from '@wxyc/testing';
import { DumpSource } from '../dist/dump-source.js';

const piece = 256 * 1024;
const dump = gzipSync(
  Array.from({ length: 120_000 }, (_, n) => `<release id="${n}">${Math.sin(n)}</release>\n`).join(
    '',
  ),
);

/** What zlib makes of the first bytes of a file; undefined if they are damaged. */
function inflated(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return undefined;
  }
}

/** What comes out before the first byte that makes zlib fail. */
function sound(file: Buffer): Buffer {
  let [good, bad] = [0, file.length];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (inflated(file.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return inflated(file.subarray(0, good))!;
}

async function whole(source: DumpSource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source.chunks()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.each([
  ['in the first piece', 1000],
  ['where a piece begins', piece],
  ['in the middle', 2 * piece - 1],
  ['near the end', dump.length - 3000],
  ['in the checksum', dump.length - 8],
])('a byte %s of a file of several pieces', async (_, at) => {
  const damaged = Buffer.from(dump);
  damaged.fill(0xff, at, at + 4);
  const path = join(temporaryFolder(), 'releases.xml.gz');
  writeFileSync(path, damaged);
  const source = await DumpSource.open(path);
  const result = await whole(source);
  const expected = sound(damaged);
  expect(source.damage).toEqual({
    offset: expected.length,
    reason: expect.stringMatching(/^(?:invalid|incorrect)/),
  });
  expect(result.equals(expected)).toBe(true);
});
