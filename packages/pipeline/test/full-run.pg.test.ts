/** Whole runs through the built bin, in every mode: the same rows, the same report, nothing left behind. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkContract } from '@wxyc/cache';
import {
  runBin,
  runWords,
  succeeded,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { contentOf, makeInputs, statusesOf, type Inputs } from './inputs.ts';

let inputs: Inputs;
let reference: TestDatabase;
let expected: Record<string, string[]>;
let report: {
  decisions: object;
  steps: { step: string; read: number; written: number; dropped: Record<string, number> }[];
  library: { artists: number; found: number };
  tables: { name: string; rows: number }[];
};
const database = () => testDatabase({ owner: 'plain' });

beforeAll(async () => {
  inputs = await makeInputs();
  reference = await database();
  const cwd = temporaryFolder();
  const words = [...runWords(inputs, reference.url), '--report', 'run.json'];
  const result = await runBin('wxyc-pipeline', words, { cwd });
  succeeded(result);
  expected = await contentOf(reference.url);
  report = JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as typeof report;
  // Only the state and the report are left: temporary CSV files and locks are gone.
  expect(readdirSync(cwd).sort()).toEqual(['.pipeline_state.json', 'run.json']);
  expect(Object.values(statusesOf(join(cwd, '.pipeline_state.json')))).toEqual(
    Array(12).fill('completed'),
  );
  expect(result.stdout).toMatch(
    /^step +of +read[^]*\nconvert +releases +700 [^]*\npublish[^]*\ntotal [^]*\nDecisions: \d+ KEEP, \d+ REVIEW, \d+ PRUNE\n[^]*\nrelease +\d+/,
  );
}, 120_000);

test('no album that the library owns is missing', () => {
  const ids = new Set(expected['release']!.map((line) => Number(/^\((\d+)/.exec(line)![1])));
  const kept = new Set(
    inputs.owned.filter(({ id }) => ids.has(id)).map(({ masterId, id }) => masterId ?? -id),
  );
  const missing = inputs.owned.filter(({ masterId, id }) => !kept.has(masterId ?? -id));
  expect(inputs.owned.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});

test('the published cache keeps the contract', async () => {
  expect((await checkContract({ databaseUrl: reference.url })).differences).toEqual([]);
  expect(
    await reference.query("SELECT 1 FROM pg_namespace WHERE nspname = 'discogs_next'"),
  ).toEqual([]);
});

test('the numbers of every step add up', () => {
  for (const { step, read, written, dropped } of report.steps) {
    expect({ step, sum: written + Object.values(dropped).reduce((sum, n) => sum + n, 0) }).toEqual({
      step,
      sum: read,
    });
  }
  expect(report.tables.find(({ name }) => name === 'release')!.rows).toBe(
    expected['release']!.length,
  );
  expect(report.library.found).toBeGreaterThan(0);
});

test('loading everything first ends with the same tables and the same decisions, and so do its CSV files on the same database', async () => {
  const csv = join(temporaryFolder(), 'csv');
  const target = await database();
  const cwd = temporaryFolder();
  const words = ['--no-matched-only', '--keep-csv', csv, '--report', 'run.json'];
  succeeded(await runBin('wxyc-pipeline', [...runWords(inputs, target.url), ...words], { cwd }));
  expect(await contentOf(target.url)).toEqual(expected);
  expect(
    (JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')) as typeof report).decisions,
  ).toEqual(report.decisions);
  expect(readdirSync(csv)).toEqual(
    expect.arrayContaining(['release.csv', 'release_track.csv', 'library_artists.txt']),
  );
  succeeded(
    await runBin(
      'wxyc-pipeline',
      [
        '--csv-dir',
        csv,
        '--library-db',
        inputs.libraryDb,
        '--database-url',
        target.url,
        '--report',
        'run.html',
      ],
      { cwd },
    ),
  );
  expect(await contentOf(target.url)).toEqual(expected);
  const page = readFileSync(join(cwd, 'run.html'), 'utf8');
  expect(page).toContain('<svg');
  expect(page).not.toMatch(/https?:\/\//);
  await target.drop();
}, 180_000);

test('trap 24: with --xml the target of a copy gets the matches, and the source keeps everything', async () => {
  const [source, target] = [await database(), await database()];
  const cwd = temporaryFolder();
  const words = [...runWords(inputs, source.url), '--target-db-url', target.url];
  succeeded(await runBin('wxyc-pipeline', words, { cwd }));
  expect(await contentOf(target.url)).toEqual(expected);
  const [all] = await source.query<{ count: string }>('SELECT count(*) FROM release');
  expect(Number(all!.count)).toBeGreaterThan(expected['release']!.length);
  expect((await checkContract({ databaseUrl: target.url })).differences).toEqual([]);
  expect((await checkContract({ databaseUrl: source.url })).differences).toEqual([]);
  await Promise.all([source.drop(), target.drop()]);
}, 180_000);

test('trap 24: a target that is the source under another spelling is refused, and nothing is touched', async () => {
  const source = await database();
  const other = new URL(source.url);
  other.searchParams.set('application_name', 'x');
  const cwd = temporaryFolder();
  const result = await runBin(
    'wxyc-pipeline',
    [...runWords(inputs, source.url), '--target-db-url', other.href],
    { cwd },
  );
  expect(result.code).toBe(2);
  expect(result.stderr).toContain('--target-db-url is the same database as --database-url');
  expect(
    await source.query("SELECT 1 FROM pg_tables WHERE schemaname IN ('public', 'discogs_next')"),
  ).toEqual([]);
  await source.drop();
}, 60_000);

test('trap 26: without a library nothing is pruned, the run says so, and a library at resume is another run', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  const words = [
    '--xml',
    inputs.xml,
    '--library-artists',
    inputs.artists,
    '--database-url',
    target.url,
  ];
  const result = await runBin('wxyc-pipeline', words, { cwd });
  succeeded(result);
  expect(result.stdout).toContain('Without --library-db nothing was pruned');
  expect(statusesOf(join(cwd, '.pipeline_state.json'))).toMatchObject({
    prune: 'pending',
    match: 'pending',
    publish: 'completed',
  });
  const again = await runBin(
    'wxyc-pipeline',
    [...words, '--library-db', inputs.libraryDb, '--resume'],
    { cwd },
  );
  expect(again.code).toBe(2);
  expect(again.stderr).toContain(
    `--library-db ${inputs.libraryDb} was not given in that run (the library)`,
  );
  await target.drop();
}, 120_000);

test('an embedded database: made, built, served, and the directory free again', async () => {
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'work'));
  succeeded(
    await runBin('wxyc-pipeline', [...runWords(inputs, 'embedded:../cache')], {
      cwd: join(cwd, 'work'),
    }),
  );
  expect(existsSync(join(cwd, 'cache', 'owner.json'))).toBe(false);
  const { startBin } = await import('@wxyc/testing');
  const served = startBin('wxyc-pipeline', ['serve', join(cwd, 'cache')]);
  await served.until(() => served.stdout().includes('\n'));
  expect(await contentOf(served.stdout().trim())).toEqual(expected);
  served.child.kill('SIGINT');
  expect((await served.finished).code).toBe(0);
  expect(existsSync(join(cwd, 'cache', 'owner.json'))).toBe(false);
}, 120_000);
