/** CSV files as discogs-xml2db compresses them: every step reads gzip, and names the way out for bzip2. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runBin, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let zipped: string;
let database: TestDatabase;

beforeAll(async () => {
  inputs = await makeInputs();
  zipped = temporaryFolder('zipped-');
  for (const name of readdirSync(inputs.csv))
    writeFileSync(join(zipped, `${name}.gz`), gzipSync(readFileSync(join(inputs.csv, name))));
  database = await testDatabase();
}, 120_000);
afterAll(() => database.drop());

test.each([
  ['wxyc-fix-newlines', (csv: string) => [csv, 'out']],
  ['wxyc-filter', (csv: string) => [inputs.artists, csv, 'out']],
])('%s writes the same from gzipped files', async (bin, words) => {
  const [plain, packed] = [temporaryFolder(), temporaryFolder()];
  const first = await runBin(bin, words(inputs.csv), { cwd: plain });
  const second = await runBin(bin, words(zipped), { cwd: packed });
  expect([first.code, second.code, second.stderr]).toEqual([0, 0, second.stderr]);
  const names = readdirSync(join(plain, 'out'));
  expect(readdirSync(join(packed, 'out'))).toEqual(names);
  for (const name of names)
    expect(
      readFileSync(join(packed, 'out', name)).equals(readFileSync(join(plain, 'out', name))),
    ).toBe(true);
});

test('a build from gzipped files has all rows', async () => {
  const run = await runBin('wxyc-pipeline', ['--csv-dir', zipped, '--database-url', database.url], {
    cwd: temporaryFolder(),
  });
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  const [{ count }] = (await database.query(
    'SELECT count(*)::int AS count FROM release_track',
  )) as [{ count: number }];
  const rows =
    readFileSync(join(inputs.csv, 'release_track.csv'), 'utf8').trimEnd().split('\r\n').length - 1;
  expect(count).toBeGreaterThan(0);
  expect(count).toBeLessThanOrEqual(rows);
  expect(run.stdout).toMatch(/import +rows/);
});

test.each([
  ['wxyc-fix-newlines', () => ['csv', 'out']],
  ['wxyc-filter', () => [inputs.artists, 'csv', 'out']],
  ['wxyc-import', () => ['csv', database.url, '--schema', 'never_made']],
  ['wxyc-pipeline', () => ['--csv-dir', 'csv', '--database-url', database.url]],
])('%s names the way out for bzip2', async (bin, words) => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'csv'));
  for (const name of readdirSync(inputs.csv))
    writeFileSync(
      join(cwd, 'csv', name === 'release.csv' ? 'release.csv.bz2' : name),
      readFileSync(join(inputs.csv, name)),
    );
  const { code, stderr } = await runBin(bin, words(), { cwd });
  expect({ code, stderr }).toEqual({
    code: 4,
    stderr: expect.stringMatching(
      /release\.csv\.bz2 is compressed in an unsupported format; run bunzip2 /,
    ),
  });
});
