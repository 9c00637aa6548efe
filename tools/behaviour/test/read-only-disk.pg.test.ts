/** Outputs where nothing may be written: refused in one sentence that names the place. Inputs there are fine. */
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  runBin,
  type RunResult,
  runWords,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';
import { smallDisk, type SmallDisk } from './small-disk.js';

let inputs: Inputs;
let disk: SmallDisk;
let database: TestDatabase;
let cwd: string;

beforeAll(async () => {
  inputs = await makeInputs();
  disk = smallDisk(32);
  for (const name of ['csv', 'library.db', 'artists.txt', 'releases.xml.gz'])
    cpSync(join(inputs.folder, name), join(disk.path, name), { recursive: true });
  disk.readOnly();
}, 60_000);
afterAll(() => disk?.unmount());
beforeEach(async () => {
  database = await testDatabase();
  cwd = temporaryFolder();
});
afterEach(() => database.drop());

function refused({ code, stderr }: RunResult): void {
  const errors = stderr.split('\n').filter((line) => / ERROR /.test(line));
  expect({ code, errors }).toEqual({
    code: expect.any(Number),
    errors: [expect.stringContaining(disk.path)],
  });
  expect([1, 2, 4]).toContain(code);
  expect(errors[0]).toMatch(/read-only|not writable|cannot be written/);
  expect(stderr).not.toMatch(/\n {4}at /);
}

const outputs: [what: string, bin: string, words: () => string[]][] = [
  ['--output', 'wxyc-convert', () => [inputs.xml, '--output', join(disk.path, 'out')]],
  ['its output', 'wxyc-fix-newlines', () => [inputs.csv, join(disk.path, 'out')]],
  [
    'its output file',
    'wxyc-fix-newlines',
    () => [join(inputs.csv, 'release.csv'), join(disk.path, 'release.csv')],
  ],
  ['its output', 'wxyc-filter', () => [inputs.artists, inputs.csv, join(disk.path, 'out')]],
  [
    '--output',
    'wxyc-enrich',
    () => ['--library-db', inputs.libraryDb, '--output', join(disk.path, 'artists.txt')],
  ],
  [
    '--decisions',
    'wxyc-convert',
    () => [
      inputs.xml,
      '--output',
      'out',
      '--library-db',
      inputs.libraryDb,
      '--matched-only',
      '--decisions',
      join(disk.path, 'd.csv'),
    ],
  ],
  [
    '--keep-csv',
    'wxyc-pipeline',
    () => [...runWords(inputs, database.url), '--keep-csv', join(disk.path, 'out')],
  ],
  [
    '--state-file',
    'wxyc-pipeline',
    () => [
      '--csv-dir',
      inputs.csv,
      '--database-url',
      database.url,
      '--state-file',
      join(disk.path, 'state.json'),
    ],
  ],
  [
    '--report',
    'wxyc-pipeline',
    () => [
      '--csv-dir',
      inputs.csv,
      '--database-url',
      database.url,
      '--report',
      join(disk.path, 'run.json'),
    ],
  ],
  [
    '--decisions',
    'wxyc-pipeline',
    () => [
      '--csv-dir',
      inputs.csv,
      '--library-db',
      inputs.libraryDb,
      '--database-url',
      database.url,
      '--decisions',
      join(disk.path, 'd.csv'),
    ],
  ],
  [
    'embedded:',
    'wxyc-pipeline',
    () => ['--csv-dir', inputs.csv, '--database-url', `embedded:${join(disk.path, 'cache')}`],
  ],
];

test.each(outputs)('%s of %s', async (_, bin, words) => {
  refused(await runBin(bin, words(), { cwd }));
  // Before the work, not after it: the database holds no build, and nothing half-done is left.
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'discogs_next'")).toEqual(
    [],
  );
  expect(
    existsSync(join(cwd, '.pipeline_state.json')) &&
      JSON.parse(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8')).steps.publish.status,
  ).not.toBe('completed');
});

test('inputs may lie there', async () => {
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    [
      '--csv-dir',
      join(disk.path, 'csv'),
      '--library-db',
      join(disk.path, 'library.db'),
      '--database-url',
      database.url,
    ],
    { cwd },
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const again = await runBin(
    'wxyc-pipeline',
    [
      '--xml',
      join(disk.path, 'releases.xml.gz'),
      '--library-db',
      join(disk.path, 'library.db'),
      '--library-artists',
      join(disk.path, 'artists.txt'),
      '--database-url',
      database.url,
    ],
    { cwd },
  );
  expect({ code: again.code, stderr: again.code === 0 ? '' : again.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(readdirSync(cwd)).toEqual(['.pipeline_state.json']);
}, 60_000);
