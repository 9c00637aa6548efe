// Compressed CSV files: gzip is read as it is; for other kinds the way out is named.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { findCsv, openCsv } from '@wxyc/csv';
import { temporaryFolder } from '@wxyc/testing';

const text = `id,title\r\n${Array.from({ length: 50_000 }, (_, id) => `${id},"a ""title"" ${id}"`).join('\r\n')}\r\n`;

async function titles(path: string): Promise<string[]> {
  const csv = await openCsv(path);
  const title = csv.column('title');
  const found: string[] = [];
  for await (const batch of csv.batches())
    for (let row = 0; row < batch.rows; row++) found.push(batch.text(row, title));
  expect(csv.bytesRead).toBe(csv.size);
  return found;
}

test('gzip is recognised by content and read', async () => {
  const folder = temporaryFolder();
  const [plain, zipped, padded] = ['a.csv', 'b.csv.gz', 'c.csv'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  writeFileSync(plain, text);
  writeFileSync(zipped, gzipSync(text));
  writeFileSync(padded, Buffer.concat([gzipSync(text), Buffer.alloc(700)]));
  const wanted = await titles(plain);
  expect(wanted).toHaveLength(50_000);
  expect(await titles(zipped)).toEqual(wanted);
  expect(await titles(padded)).toEqual(wanted);
});

test.each([
  [
    'cut off',
    (bytes: Buffer) => bytes.subarray(0, bytes.length - 50),
    /x\.csv is damaged gzip \(unexpected end of file\)/,
  ],
  [
    'damaged',
    (bytes: Buffer) => Buffer.from(bytes).fill(0x55, 1000, 2000),
    /x\.csv is damaged gzip/,
  ],
  ['of something else', () => gzipSync('<html>'), /x\.csv is an HTML page/],
])('gzip that is %s is bad input', async (_, change, message) => {
  const path = join(temporaryFolder(), 'x.csv');
  writeFileSync(path, change(gzipSync(text)));
  await expect(titles(path)).rejects.toMatchObject({
    exitCode: 4,
    message: expect.stringMatching(message),
  });
});

test('a file is found plain, else gzipped, else named with the command that mends it', () => {
  const folder = temporaryFolder();
  expect(findCsv(folder, 'release')).toBeUndefined();
  writeFileSync(join(folder, 'release.csv.bz2'), '');
  expect(() => findCsv(folder, 'release')).toThrow(
    /release\.csv\.bz2 is compressed in an unsupported format; run bunzip2 .*release\.csv\.bz2 first/,
  );
  writeFileSync(join(folder, 'release.csv.gz'), '');
  expect(findCsv(folder, 'release')).toBe(join(folder, 'release.csv.gz'));
  writeFileSync(join(folder, 'release.csv'), '');
  expect(findCsv(folder, 'release')).toBe(join(folder, 'release.csv'));
});
