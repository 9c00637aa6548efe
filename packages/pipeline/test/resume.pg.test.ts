/** Runs that are killed, stopped, resumed: the same database in the end, or a refusal that names what differs. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runPipeline } from '@wxyc/pipeline';
import { openClient } from '@wxyc/postgres';
import {
  runBin,
  runWords,
  startBin,
  succeeded,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import {
  ending,
  contentOf,
  csvRunInputs,
  killAt,
  makeInputs,
  statusesOf,
  type CsvRunInputs,
} from './inputs.ts';

let inputs: CsvRunInputs;
let csv: string;
let expected: Record<string, string[]>;
const database = () => testDatabase({ owner: 'plain' });

beforeAll(async () => {
  inputs = await csvRunInputs();
  ({ csv, expected } = inputs);
}, 120_000);

const csvRun = (url: string): string[] => inputs.run(url);

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'trap 25: killed in step %i and the state file lost: what the database proves is not repeated, nothing is half or twice',
  async (step) => {
    const target = await database();
    const cwd = temporaryFolder();
    await killAt(csvRun(target.url), cwd, new RegExp(`step ${step} of 9`), step * 7);
    const stateFile = join(cwd, 'other_state.json');
    await runPipeline({
      csvDir: csv,
      libraryDb: inputs.libraryDb,
      databaseUrl: target.url,
      stateFile,
      resume: true,
    });
    expect(await contentOf(target.url)).toEqual(expected);
    expect(
      Object.entries(statusesOf(stateFile))
        .filter(([name]) => !['enrich', 'convert'].includes(name))
        .every(([, status]) => status === 'completed'),
    ).toBe(true);
    await target.drop();
  },
  120_000,
);

test('trap 26: without a state file, a build decided by another library is not continued', async () => {
  const target = await database();
  const other = await makeInputs(400, 25);
  await killAt(
    ['--csv-dir', csv, '--library-db', other.libraryDb, '--database-url', target.url],
    temporaryFolder(),
    /step 6 of 9/,
  );
  const result = await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], {
    cwd: temporaryFolder(),
  });
  succeeded(result);
  expect(result.stderr).toContain('or belongs to another run: starting afresh');
  expect(await contentOf(target.url)).toEqual(expected);
  await target.drop();
}, 60_000);

test('trap 25: what the database proved once is still proven after the next kill', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  await killAt(csvRun(target.url), cwd, /step 5 of 9/);
  rmSync(join(cwd, '.pipeline_state.json'));
  // The decisions are made anew, which takes nothing away from dedup's work.
  await killAt([...csvRun(target.url), '--resume'], cwd, /step 8 of 9/);
  const last = await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd });
  succeeded(last);
  expect(last.stderr).toMatch(/step 7 of 9.*already done/);
  expect(await contentOf(target.url)).toEqual(expected);
  await target.drop();
}, 60_000);

test('a resume does not repeat what is done', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  await killAt(csvRun(target.url), cwd, /step 6 of 9/);
  const { stderr } = await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd });
  expect(stderr).toMatch(/step 2 of 9.*already done/);
  expect(stderr).not.toContain('loaded');
  await target.drop();
}, 60_000);

test('a finished run resumed does nothing and ends well', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  succeeded(await runBin('wxyc-pipeline', csvRun(target.url), { cwd }));
  const again = await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd });
  succeeded(again);
  expect(again.stderr.match(/already done/g)).toHaveLength(9);
  await target.drop();
}, 60_000);

test.each(['SIGTERM', 'SIGINT'] as const)(
  '%s: exit 130, lock and temporary files gone, the state true',
  async (signal) => {
    const target = await database();
    const cwd = temporaryFolder();
    const run = startBin(
      'wxyc-pipeline',
      ['--xml', inputs.xml, '--library-db', inputs.libraryDb, '--database-url', target.url],
      { cwd },
    );
    await run.until(/step 4 of/);
    run.child.kill(signal);
    const result = await run.finished;
    expect(ending(result)).toEqual({
      code: 130,
      last: expect.stringMatching(
        new RegExp(
          `Interrupted by ${signal} during \\w[\\w ]* \\(step \\d+ of 11\\)\\. Nothing was published and the existing cache is unchanged; the same command with --resume continues at this step`,
        ),
      ),
    });
    expect(result.stdout).toMatch(/^convert +releases [^]*\nFAILED at .*: interrupted\n/m);
    expect(readdirSync(cwd)).toEqual(['.pipeline_state.json']);
    expect(statusesOf(join(cwd, '.pipeline_state.json'))).toMatchObject({
      convert: 'completed',
      create_schema: 'completed',
      publish: 'pending',
    });
    expect(
      await target.query(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
      ),
    ).toEqual([]);
    succeeded(
      await runBin('wxyc-pipeline', [...runWords(inputs, target.url), '--resume'], { cwd }),
    );
    expect(await contentOf(target.url)).toEqual(expected);
    await target.drop();
  },
  120_000,
);

describe('a state file that does not fit', () => {
  let target: TestDatabase;
  let state: Record<string, unknown>;
  beforeAll(async () => {
    target = await database();
    const cwd = temporaryFolder();
    await killAt(csvRun(target.url), cwd, /step 4 of 9/);
    state = JSON.parse(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8')) as typeof state;
  }, 60_000);
  afterAll(() => target.drop());

  const resume = async (words: string[], content: unknown = state) => {
    const cwd = temporaryFolder();
    writeFileSync(
      join(cwd, '.pipeline_state.json'),
      typeof content === 'string' ? content : JSON.stringify(content),
    );
    return runBin('wxyc-pipeline', [...words, '--resume'], { cwd });
  };

  test.each<[string, () => string[], () => unknown, number, string]>([
    [
      'another cutoff',
      () => [...csvRun(target.url), '--score-cutoff', '0.8'],
      () => state,
      2,
      '--score-cutoff is 0.8 but was 0.9',
    ],
    [
      'no library any more',
      () => ['--csv-dir', csv, '--database-url', target.url],
      () => state,
      2,
      '--library-db was given in that run but is not now (the library)',
    ],
    [
      'other CSV files',
      () => ['--csv-dir', csv, '--library-db', inputs.libraryDb, '--database-url', target.url],
      () => ({ ...state, inputs: { ...(state['inputs'] as object), 'CSV files': 'abc' } }),
      2,
      'differs from the CSV files of that run',
    ],
    [
      'another database',
      () => csvRun('postgresql://me:s3cretword@127.0.0.1:1/none'),
      () => state,
      1,
      '127.0.0.1',
    ],
    [
      'a database of another name',
      () => csvRun(target.url),
      () => ({ ...state, database_url: 'postgresql://h/other' }),
      2,
      'its database is postgresql://h/other',
    ],
    ['damage', () => csvRun(target.url), () => '{"version": 3, "st', 4, 'is damaged'],
    [
      'a newer version',
      () => csvRun(target.url),
      () => ({ ...state, version: 7 }),
      4,
      'has version 7',
    ],
    [
      'version 2 of another database',
      () => csvRun(target.url),
      () => ({ version: 2, database_url: 'postgresql://h/other', csv_dir: null, steps: {} }),
      2,
      'its database is postgresql://h/other',
    ],
  ])(
    '%s is refused by name',
    async (_name, words, content, exit, sentence) => {
      const { code, stderr } = await resume(words(), content());
      expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(sentence) });
      expect(stderr).not.toContain('s3cretword');
    },
    30_000,
  );

  test('steps of an old state file count only where the build confirms them', async () => {
    const completed = [
      'create_schema',
      'import_csv',
      'create_indexes',
      'dedup',
      'import_tracks',
      'create_track_indexes',
      'prune',
      'vacuum',
    ];
    const old = {
      version: 2,
      database_url: target.url,
      csv_dir: csv,
      steps: Object.fromEntries(completed.map((name) => [name, { status: 'completed' }])),
    };
    const { code, stderr } = await resume(csvRun(target.url), old);
    expect(code).toBe(0);
    expect(stderr).toMatch(/step 2 of 9.*already done/);
    expect(stderr).toMatch(/step 4 of 9: keep one pressing/);
    expect(await contentOf(target.url)).toEqual(expected);
  }, 60_000);
});

test('a resume right after a kill does not wait for the server to notice: the dead connection gives up the lock', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  await killAt(csvRun(target.url), cwd, /step 4 of 9/);
  const { lock } = JSON.parse(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8')) as {
    lock: string;
  };
  // A server that is busy with a query notices only afterwards that nobody is there.
  const dead = await openClient(target.url, { applicationName: `wxyc-pipeline [${lock}]` });
  dead.on('error', () => undefined);
  await dead.query('SELECT pg_advisory_lock(2004453731, 1)');
  succeeded(await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd }));
  expect(await contentOf(target.url)).toEqual(expected);
  await expect(dead.query('SELECT 1')).rejects.toThrow();
  await target.drop();
}, 120_000);
