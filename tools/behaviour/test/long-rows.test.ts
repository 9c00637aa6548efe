/** A quote that is never closed, or a row without an end, is found after 64 MB, not after the file's gigabytes. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, temporaryFolder } from '@wxyc/testing';

test.each([
  ['an unclosed quote of 2 GB', '1,"'],
  ['a row of 2 GB', '1,'],
])('never L: %s is bounded', async (_, beginning) => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'csv'));
  const file = join(cwd, 'csv', 'release.csv');
  writeFileSync(file, `id,title\r\n${beginning}`);
  writeFileSync(join(cwd, 'csv', 'release_artist.csv'), 'release_id,artist_name,extra\r\n1,Stereolab,0\r\n');
  writeFileSync(join(cwd, 'artists.txt'), 'Stereolab\n');
  // The rest is a hole: it takes no room.
  truncateSync(file, 2 ** 31);
  for (const [bin, words] of [['wxyc-fix-newlines', ['csv/release.csv', 'out.csv']], ['wxyc-filter', ['artists.txt', 'csv', 'filtered']]] as const) {
    const { code, stderr } = await runBin(bin, [...words], { cwd });
    expect({ bin, code, stderr }).toEqual({ bin, code: 4, stderr: expect.stringMatching(/release\.csv: row 1 \(not counting the header\) is longer than 64 MB/) });
  }
}, 120_000);
