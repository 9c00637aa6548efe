/** A run removes only what it made itself. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runBin, runWords, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let database: TestDatabase;

beforeAll(async () => (inputs = await makeInputs()), 120_000);
beforeEach(async () => (database = await testDatabase()));
afterEach(() => database.drop());

const run = (cwd: string, ...words: string[]) =>
  runBin(
    'wxyc-pipeline',
    [
      '--library-db',
      inputs.libraryDb,
      '--database-url',
      database.url,
      '--state-file',
      'run.json',
      ...words,
    ],
    { cwd },
  );

/** A folder where the run would put its CSV files, with the operator's dump in it. */
function folderWithDump(): { cwd: string; dump: string } {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'run_csv'));
  const dump = join(cwd, 'run_csv', 'releases.xml.gz');
  copyFileSync(inputs.xml, dump);
  return { cwd, dump };
}

test('a folder with the name that a run gives its CSV folder is not taken for its own', async () => {
  const { cwd, dump } = folderWithDump();
  const { code, stderr } = await run(cwd, '--xml', dump);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/run_csv was not made by a run.*--keep-csv.*--state-file/s),
  });
  expect(existsSync(dump)).toBe(true);
  expect(readdirSync(cwd)).toEqual(['run_csv']);
});

test('a refused run leaves that folder alone, and so does doctor', async () => {
  const { cwd, dump } = folderWithDump();
  await database.query('CREATE VIEW public.release AS SELECT 1 AS id');
  expect((await run(cwd, '--xml', inputs.xml)).code).not.toBe(0);
  const { stdout } = await runBin(
    'wxyc-pipeline',
    ['doctor', ...runWords(inputs, database.url), '--state-file', 'run.json'],
    { cwd },
  );
  expect(stdout).toMatch(/FAIL.*run_csv was not made by a run/);
  expect(existsSync(dump)).toBe(true);
});

test('what somebody put among the CSV files of a run stays, and what the run made goes', async () => {
  const cwd = temporaryFolder();
  const folder = join(cwd, 'run_csv');
  const running = run(cwd, '--xml', inputs.xml);
  for (let tries = 0; tries < 20_000 && !existsSync(join(folder, 'library_artists.txt')); tries++)
    await setTimeout(2);
  writeFileSync(join(folder, 'notes.txt'), 'mine');
  const { code, stderr } = await running;
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('notes.txt') });
  expect(readdirSync(folder)).toEqual(['notes.txt']);
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('mine');
});

test('an empty folder with that name is used, and stays', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'run_csv'));
  expect((await run(cwd, '--xml', inputs.xml)).code).toBe(0);
  expect(readdirSync(join(cwd, 'run_csv'))).toEqual([]);
});

test('without such a folder the run leaves none', async () => {
  const cwd = temporaryFolder();
  expect((await run(cwd, '--xml', inputs.xml)).code).toBe(0);
  expect(readdirSync(cwd)).toEqual(['run.json']);
});
