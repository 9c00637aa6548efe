/** A dump that is read while it arrives gives the same files as one that is already there. */
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { convert, type ArrivingFile } from '@wxyc/convert';
import { writeDump } from '@wxyc/sample';
import { temporaryFolder } from '@wxyc/testing';

const folder = temporaryFolder();
const dump = join(folder, 'releases.xml.gz');
let bytes: Buffer;
let expected: Record<string, string>;
const contentOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory)
      .sort()
      .map((name) => [name, readFileSync(join(directory, name), 'latin1')]),
  );

beforeAll(async () => {
  await writeDump(dump, { releases: 600 });
  bytes = readFileSync(dump);
  await convert({ inputs: [dump], output: join(folder, 'expected') });
  expected = contentOf(join(folder, 'expected'));
});

/** Grows by these pieces, each only when a reader waits for it; then gets its name, or fails. */
function arriving(
  pieces: readonly Buffer[],
  options: { size?: number; failure?: Error } = {},
): ArrivingFile & { waits: number } {
  const name = join(temporaryFolder(), 'discogs_releases.xml.gz');
  const path = `${name}.partial`;
  writeFileSync(path, '');
  let length = 0;
  let next = 0;
  const file = {
    name,
    path,
    size: options.size,
    waits: 0,
    async waitBeyond(position: number) {
      for (; length <= position && next < pieces.length; next++) {
        file.waits += 1;
        await new Promise((resolve) => setTimeout(resolve, 1));
        appendFileSync(path, pieces[next]!);
        length += pieces[next]!.length;
        if (next === pieces.length - 1 && !options.failure) renameSync(path, name);
      }
      if (length <= position && options.failure) throw options.failure;
      return length;
    },
  };
  return file;
}

const cut = (at: readonly number[]): Buffer[] =>
  [0, ...at].map((from, n) => bytes.subarray(from, at[n] ?? bytes.length));

it.each<[string, () => Buffer[]]>([
  ['at once', () => cut([])],
  ['in two halves', () => cut([Math.floor(bytes.length / 2)])],
  ['with the gzip mark cut in the middle', () => cut([1, 2, 3])],
  ['without its last bytes for a while', () => cut([bytes.length - 8, bytes.length - 1])],
  [
    'in many small pieces',
    () => cut(Array.from({ length: 200 }, (_, n) => Math.floor((bytes.length * (n + 1)) / 201))),
  ],
])('arriving %s', async (_, pieces) => {
  const file = arriving(pieces());
  const output = join(temporaryFolder(), 'csv');
  const result = await convert({ inputs: [file], output, exports: ['release'] });
  expect(contentOf(output)).toEqual(expected);
  expect(result.read).toBe(600);
  expect(result.dumps[0]!.input).toBe(file.name);
  expect(file.waits).toBeGreaterThan(0);
});

it('an end that never comes is the reason given, not a cut-off dump; and no file gets its final name', async () => {
  const failure = new Error('the connection is gone for good');
  const output = join(temporaryFolder(), 'csv');
  await expect(
    convert({ inputs: [arriving(cut([1000, 50_000]).slice(0, 2), { failure })], output }),
  ).rejects.toBe(failure);
  expect(existsSync(output) ? readdirSync(output) : []).toEqual([]);
});

it('a file that ends too early is reported under the name that it would have had', async () => {
  const file = arriving(cut([100_000, 101_000]).slice(0, 2));
  await expect(convert({ inputs: [file], output: join(temporaryFolder(), 'csv') })).rejects.toThrow(
    `${file.name} is damaged at byte`,
  );
});
