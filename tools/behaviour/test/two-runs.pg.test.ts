/** Two runs at once on one database, one embedded directory, one output directory: the second is refused, the first unharmed. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  during,
  runBin,
  startBin,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let database: TestDatabase;

beforeAll(async () => {
  inputs = await makeInputs(300);
  database = await testDatabase();
}, 120_000);
afterAll(() => database.drop());

const oneSentence = (stderr: string): void => {
  expect(stderr.split('\n').filter((line) => / ERROR /.test(line))).toHaveLength(1);
  expect(stderr).not.toMatch(/\n {4}at /);
};

test('trap 19: one database', async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const words = [
    '--csv-dir',
    inputs.csv,
    '--library-db',
    inputs.libraryDb,
    '--database-url',
    database.url,
  ];
  const run = startBin('wxyc-pipeline', words, { cwd: first });
  await during(run, /step 2 of/, async () => {
    for (const [bin, args] of [
      ['wxyc-pipeline', words],
      ['wxyc-schema', ['create', database.url, '--schema', 'discogs_next']],
      ['wxyc-import', [inputs.csv, database.url, '--schema', 'discogs_next']],
      ['wxyc-dedup', [database.url, '--schema', 'discogs_next']],
      ['wxyc-index', [database.url, '--schema', 'discogs_next']],
      ['wxyc-vacuum', [database.url, '--schema', 'discogs_next']],
      ['wxyc-verify', [inputs.libraryDb, database.url, '--schema', 'discogs_next', '--prune']],
      ['wxyc-schema', ['publish', database.url]],
    ] as const) {
      const refused = await runBin(bin, [...args], { cwd: second });
      expect({ bin, code: refused.code, stderr: refused.stderr }).toEqual({
        bin,
        code: 75,
        stderr: expect.stringContaining('wait until it has ended'),
      });
      oneSentence(refused.stderr);
    }
  });
  const { code, stderr } = await run.finished;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(existsSync(join(second, '.pipeline_state.json'))).toBe(false);
  expect((await runBin('wxyc-schema', ['check', database.url])).code).toBe(0);
}, 120_000);

test('one embedded directory', async () => {
  const cwd = temporaryFolder();
  const words = [
    '--csv-dir',
    inputs.csv,
    '--library-db',
    inputs.libraryDb,
    '--database-url',
    `embedded:${join(cwd, 'cache')}`,
  ];
  const run = startBin('wxyc-pipeline', [...words, '--state-file', join(cwd, 'first.json')], {
    cwd,
  });
  const refused = await during(run, /step 1 of/, () =>
    runBin('wxyc-pipeline', [...words, '--state-file', join(cwd, 'second.json')], { cwd }),
  );
  expect({ code: refused.code, stderr: refused.stderr }).toEqual({
    code: 75,
    stderr: expect.stringContaining(join(cwd, 'cache')),
  });
  oneSentence(refused.stderr);
  const { code, stderr } = await run.finished;
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(readdirSync(cwd).sort()).toEqual(['cache', 'first.json']);
}, 120_000);

test.each([
  ['wxyc-convert', () => [inputs.xml, '--output', 'out']],
  ['wxyc-fix-newlines', () => [inputs.csv, 'out']],
  ['wxyc-filter', () => [inputs.artists, inputs.csv, 'out']],
])(
  'one output directory of %s',
  async (bin, words) => {
    const cwd = temporaryFolder();
    const runs = await Promise.all([1, 2, 3].map(() => runBin(bin, words(), { cwd })));
    // At the same instant: exactly one takes the lock, or they come one after the other.
    const codes = runs.map(({ code }) => code);
    expect(codes).toContain(0);
    for (const { code, stderr } of runs.filter((run) => run.code !== 0)) {
      expect({ code, stderr }).toEqual({
        code: 75,
        stderr: expect.stringContaining('is being written by another run'),
      });
      oneSentence(stderr);
    }
    expect(readdirSync(join(cwd, 'out')).filter((name) => /partial|lock/.test(name))).toEqual([]);
    expect((await runBin('wxyc-fix-newlines', ['out', 'again'], { cwd })).code).toBe(0);
  },
  120_000,
);

test('one state file', async () => {
  const cwd = temporaryFolder();
  const other = await testDatabase();
  const words = ['--csv-dir', inputs.csv, '--state-file', 'state.json', '--database-url'];
  const run = startBin('wxyc-pipeline', [...words, other.url], { cwd });
  const refused = await during(run, /step 1 of/, () =>
    runBin('wxyc-pipeline', [...words, database.url], { cwd }),
  );
  expect(refused.code).toBe(75);
  oneSentence(refused.stderr);
  expect((await run.finished).code).toBe(0);
  await other.drop();
}, 120_000);
