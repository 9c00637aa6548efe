/** A disk that is full: one sentence that says so, no half file under a finished name, and a resume once there is room. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { contentOf, differencesOf } from '@wxyc/chaos';
import { startEmbedded } from '@wxyc/postgres';
import {
  runBin,
  startBin,
  temporaryFolder,
  testDatabase,
  type RunResult,
  type RunningBin,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';
import { smallDisk, type SmallDisk } from './small-disk.js';

let inputs: Inputs;
let database: TestDatabase;
let reference: readonly string[];
let disk: SmallDisk;
let cwd: string;

beforeAll(async () => {
  inputs = await makeInputs(1500);
  const undisturbed = await testDatabase();
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    ['--xml', inputs.xml, '--library-db', inputs.libraryDb, '--database-url', undisturbed.url],
    { cwd: temporaryFolder() },
  );
  if (code !== 0) throw new Error(stderr);
  reference = await contentOf(undisturbed.url);
  await undisturbed.drop();
}, 120_000);
beforeEach(async () => {
  database = await testDatabase();
  cwd = temporaryFolder();
});
afterEach(async () => {
  disk.unmount();
  await database.drop();
});

const words = (...more: string[]): string[] => [
  '--xml',
  inputs.xml,
  '--library-db',
  inputs.libraryDb,
  ...more,
];

function full({ code, stderr }: RunResult, pattern = /disk is full|no space left|ENOSPC/i): void {
  const errors = stderr.split('\n').filter((line) => / ERROR /.test(line));
  // A state file that cannot be written is mentioned beside the failure that ends the run.
  expect({ code, errors }).toEqual({
    code: 1,
    errors: expect.arrayContaining([expect.stringMatching(pattern)]),
  });
  expect(errors.length).toBeLessThanOrEqual(2);
  expect(stderr).not.toMatch(/\n {4}at /);
}

async function succeeds(run: Promise<RunResult>): Promise<void> {
  const { code, stderr } = await run;
  if (code !== 0) throw new Error(`exit ${code}: ${stderr.slice(-3000)}`);
}

const same = async (url: string): Promise<void> =>
  expect(differencesOf(reference, await contentOf(url))).toEqual([]);

test.each([
  ['wxyc-convert', (out: string) => [inputs.xml, '--output', out]],
  ['wxyc-fix-newlines', (out: string) => [inputs.csv, out]],
  ['wxyc-filter', (out: string) => [inputs.artists, inputs.csv, out]],
])(
  'CSV output of %s',
  async (bin, call) => {
    disk = smallDisk(0.06);
    const out = join(disk.path, 'out');
    full(await runBin(bin, call(out), { cwd }));
    // Whatever has its name is whole; the same call succeeds where there is room, over what was left.
    disk.free(64);
    const half = existsSync(out)
      ? readdirSync(out)
          .filter((name) => name.endsWith('.csv'))
          .map((name) => [name, readFileSync(join(out, name))] as const)
      : [];
    await succeeds(runBin(bin, call(out), { cwd }));
    for (const [name, bytes] of half)
      expect({ name, whole: bytes.equals(readFileSync(join(out, name))) }).toEqual({
        name,
        whole: true,
      });
    expect(readdirSync(out).filter((name) => /partial|lock/.test(name))).toEqual([]);
  },
  60_000,
);

test('the artist list of wxyc-enrich', async () => {
  disk = smallDisk(1);
  disk.fill();
  full(
    await runBin(
      'wxyc-enrich',
      ['--library-db', inputs.libraryDb, '--output', join(disk.path, 'artists.txt')],
      { cwd },
    ),
  );
  expect(readdirSync(disk.path)).toEqual(['filler']);
});

test('the CSV files that a run keeps; it goes on when there is room', async () => {
  // More than half of the estimate, so that the run begins, and less than the files take.
  disk = smallDisk(0.5);
  const call = words(
    '--database-url',
    database.url,
    '--keep-csv',
    join(disk.path, 'csv'),
    '--no-matched-only',
  );
  full(await runBin('wxyc-pipeline', call, { cwd }));
  expect(
    JSON.parse(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8')).steps.convert.status,
  ).toBe('failed');
  disk.free(64);
  await succeeds(runBin('wxyc-pipeline', [...call, '--resume'], { cwd }));
  await same(database.url);
}, 60_000);

test('trap 28: the CSV files that a run does not keep lie beside the state file, not in the temporary directory', async () => {
  disk = smallDisk(0.004);
  await succeeds(
    runBin('wxyc-pipeline', words('--database-url', database.url), {
      cwd,
      env: { TMPDIR: disk.path, TMP: disk.path, TEMP: disk.path },
    }),
  );
  await same(database.url);
  expect(readdirSync(disk.path)).toEqual([]);
}, 60_000);

test('the state file, from the beginning', async () => {
  disk = smallDisk(1);
  disk.fill();
  full(
    await runBin(
      'wxyc-pipeline',
      words('--database-url', database.url, '--state-file', join(disk.path, 'state.json')),
      { cwd },
    ),
    /state.*(?:cannot be written|disk is full)|disk is full|no space/i,
  );
  expect(readdirSync(disk.path)).toEqual(['filler']);
  expect(await database.query("SELECT 1 FROM pg_namespace WHERE nspname = 'discogs_next'")).toEqual(
    [],
  );
});

async function until(run: RunningBin, pattern: RegExp): Promise<void> {
  let over = false;
  void run.finished.then(() => (over = true));
  while (!over && !pattern.test(run.stderr())) await sleep(2);
}

test('the state file, midway: the old one stays readable and the run resumes from it', async () => {
  disk = smallDisk(1);
  const state = join(disk.path, 'state.json');
  const call = words(
    '--database-url',
    database.url,
    '--keep-csv',
    join(cwd, 'csv'),
    '--state-file',
    state,
  );
  const run = startBin('wxyc-pipeline', call, { cwd });
  await until(run, /step 3 of/);
  disk.fill();
  full(await run.finished);
  expect(JSON.parse(readFileSync(state, 'utf8')).steps.convert.status).toBe('completed');
  disk.free();
  await succeeds(runBin('wxyc-pipeline', [...call, '--resume'], { cwd }));
  await same(database.url);
  expect(readdirSync(disk.path)).toEqual(['state.json']);
}, 60_000);

test('the state file, when the cache has just been published: the run says that it is', async () => {
  disk = smallDisk(1);
  const call = words(
    ...['--database-url', database.url, '--keep-csv', join(cwd, 'csv')],
    ...['--state-file', join(disk.path, 'state.json')],
  );
  const run = startBin('wxyc-pipeline', call, { cwd });
  await until(run, /step 11 of/);
  disk.fill();
  const result = await run.finished;
  full(
    result,
    /publish is done, but that could not be recorded: The state file .* cannot be written/,
  );
  expect(result.stdout).toMatch(
    /FAILED at publish [^]*\nThe new cache is published; nothing is left to do\./,
  );
  expect(result.stdout + result.stderr).not.toContain('Nothing was published');
  await same(database.url);
  disk.free();
  const again = await runBin('wxyc-pipeline', [...call, '--resume'], { cwd });
  expect({ code: again.code, done: again.stderr.match(/already done/g)?.length }).toEqual({
    code: 0,
    done: 11,
  });
}, 60_000);

test.each(['--decisions', '--report'])(
  '%s',
  async (flag) => {
    disk = smallDisk(1);
    disk.fill();
    const file = join(disk.path, flag === '--report' ? 'run.json' : 'decisions.csv');
    const call = words('--database-url', database.url, '--keep-csv', join(cwd, 'csv'), flag, file);
    full(await runBin('wxyc-pipeline', call, { cwd }));
    expect(existsSync(file)).toBe(false);
    disk.free();
    await succeeds(runBin('wxyc-pipeline', [...call, '--resume'], { cwd }));
    await same(database.url);
    expect(readFileSync(file).length).toBeGreaterThan(100);
  },
  60_000,
);

test("the embedded server's disk: last month's cache stands, and the run goes on when there is room", async () => {
  disk = smallDisk(120);
  const cluster = join(disk.path, 'cache');
  const call = [
    '--csv-dir',
    inputs.csv,
    '--library-db',
    inputs.libraryDb,
    '--database-url',
    `embedded:${cluster}`,
  ];
  await succeeds(runBin('wxyc-pipeline', call, { cwd }));
  const content = async (): Promise<readonly string[]> => {
    const server = await startEmbedded(cluster);
    try {
      return await contentOf(server.url, 'public');
    } finally {
      await server.stop();
    }
  };
  const before = await content();
  const run = startBin('wxyc-pipeline', call, { cwd });
  await until(run, /step 2 of/);
  disk.fill();
  const { code, stderr } = await run.finished;
  expect({ code, errors: stderr.split('\n').filter((line) => / ERROR /.test(line)) }).toEqual({
    code: 1,
    errors: [
      expect.stringMatching(
        /disk is full|no space left|ended unexpectedly|connection .* was lost/i,
      ),
    ],
  });
  disk.free(400);
  expect(differencesOf(before, await content())).toEqual([]);
  await succeeds(runBin('wxyc-pipeline', [...call, '--resume'], { cwd }));
  expect(differencesOf(before, await content())).toEqual([]);
}, 120_000);

test('no room for an embedded server at all', async () => {
  disk = smallDisk(8);
  const result = await runBin(
    'wxyc-pipeline',
    words('--database-url', `embedded:${join(disk.path, 'cache')}`),
    { cwd },
  );
  full(result);
  disk.free(200);
  await succeeds(
    runBin('wxyc-pipeline', words('--database-url', `embedded:${join(disk.path, 'cache')}`), {
      cwd,
    }),
  );
}, 60_000);
