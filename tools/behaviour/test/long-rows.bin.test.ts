/** A quote that is never closed, or a row without an end, is found after 64 MB, not after the file's gigabytes. */
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readRecords } from '@wxyc/csv';
import { runBin, temporaryFolder } from '@wxyc/testing';

test.each([
  ['an unclosed quote of 2 GB', '1,"'],
  ['a row of 2 GB', '1,'],
])(
  '%s is bounded',
  async (_, beginning) => {
    const cwd = temporaryFolder();
    mkdirSync(join(cwd, 'csv'));
    const file = join(cwd, 'csv', 'release.csv');
    writeFileSync(file, `id,title\r\n${beginning}`);
    writeFileSync(
      join(cwd, 'csv', 'release_artist.csv'),
      'release_id,artist_name,extra\r\n1,Stereolab,0\r\n',
    );
    writeFileSync(join(cwd, 'artists.txt'), 'Stereolab\n');
    // The rest is a hole: it takes no room.
    truncateSync(file, 2 ** 31);
    for (const [bin, words] of [
      ['wxyc-fix-newlines', ['csv/release.csv', 'out.csv']],
      ['wxyc-filter', ['artists.txt', 'csv', 'filtered']],
    ] as const) {
      const { code, stderr } = await runBin(bin, [...words], { cwd });
      expect({ bin, code, stderr }).toEqual({
        bin,
        code: 4,
        stderr: expect.stringMatching(
          /release\.csv: row 1 \(not counting the header\) is longer than 64 MB/,
        ),
      });
    }
  },
  120_000,
);

test('a quote that is never closed in a file for the plain reader is found after 8 MB', async () => {
  const cwd = temporaryFolder();
  const file = join(cwd, 'names.csv');
  writeFileSync(file, 'artist,alternate\r\nStereolab,Stereo Lab\r\nStereolab,"');
  truncateSync(file, 2 ** 31);
  const read = async (): Promise<void> => {
    for await (const row of readRecords(file)) expect(row['artist']).toBe('Stereolab');
  };
  await expect(read()).rejects.toThrow(
    /names\.csv: row 2 \(not counting the header\) is longer than 8 MB/,
  );
}, 60_000);

test('a plain file of many rows is as long as it likes', async () => {
  const file = join(temporaryFolder(), 'names.csv');
  const rows = 30_000;
  writeFileSync(
    file,
    `artist,alternate\r\n${`Stereolab,"${'Stereo, Lab '.repeat(25)}"\r\n`.repeat(rows)}`,
  );
  let count = 0;
  for await (const { artist } of readRecords(file)) if (artist === 'Stereolab') count++;
  expect(count).toBe(rows);
}, 60_000);
