/** Known traps of running: disks, and what a killed run leaves behind. */
import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, startBin, succeeded, temporaryFolder, testDatabase } from '@wxyc/testing';
import { contentOf, makeInputs, type Inputs } from './inputs.ts';

let inputs: Inputs;
let words: string[];

beforeAll(async () => {
  inputs = await makeInputs(300, 40);
  words = ['--xml', inputs.xml, '--library-db', inputs.libraryDb];
});

test('--log-format json: every line has time, level, run and step', async () => {
  const database = await testDatabase();
  const { stderr } = await runBin(
    'wxyc-pipeline',
    [...words, '--database-url', database.url, '--log-format', 'json'],
    { cwd: temporaryFolder() },
  );
  const lines = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.length).toBeGreaterThan(20);
  for (const line of lines)
    expect(line).toEqual(
      expect.objectContaining({
        time: expect.any(String),
        level: expect.any(String),
        run: lines[0]!['run'],
        step: expect.any(String),
        msg: expect.any(String),
      }),
    );
  for (const name of [
    'enrich',
    'convert',
    'schema',
    'import',
    'match',
    'dedup',
    'import tracks',
    'prune',
    'index',
    'vacuum',
    'publish',
  ]) {
    expect(lines).toContainEqual(
      expect.objectContaining({
        step: name,
        msg: expect.stringMatching(/^done in /),
        seconds: expect.any(Number),
        read: expect.any(Number),
        written: expect.any(Number),
        dropped: expect.any(Object),
      }),
    );
  }
  await database.drop();
}, 60_000);

test('trap 28: a place without room for the CSV files is refused before the long step', async () => {
  const database = await testDatabase();
  const cwd = temporaryFolder();
  // A sparse file: it looks like a dump of 14 TB and takes a few bytes.
  const huge = join(cwd, 'huge.xml');
  writeFileSync(huge, '<releases><release id="1" status="Accepted"></release>');
  truncateSync(huge, 14e12);
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    [
      '--xml',
      huge,
      '--library-db',
      inputs.libraryDb,
      '--no-matched-only',
      '--database-url',
      database.url,
    ],
    { cwd },
  );
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(
      /The CSV files may take 1\.\d TB, but .*_csv has .* free; choose a larger disk with --keep-csv DIR/,
    ),
  });
  await database.drop();
}, 60_000);

test('trap 28: half-written CSV files of a killed run are not taken for whole ones', async () => {
  const database = await testDatabase();
  const cwd = temporaryFolder();
  mkdirSync(join(cwd, 'csv'));
  writeFileSync(join(cwd, 'csv', 'release.csv.partial'), 'id,title\r\n1,half');
  const run = [
    ...words,
    '--database-url',
    database.url,
    '--keep-csv',
    join(cwd, 'csv'),
    '--resume',
  ];
  succeeded(await runBin('wxyc-pipeline', run, { cwd }));
  expect(readdirSync(join(cwd, 'csv')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  await database.drop();
}, 60_000);

test('a failed step is exit 1, is in the state file, and the old cache stands', async () => {
  const database = await testDatabase();
  const cwd = temporaryFolder();
  succeeded(await runBin('wxyc-pipeline', [...words, '--database-url', database.url], { cwd }));
  const before = await contentOf(database.url);
  const run = startBin('wxyc-pipeline', [...words, '--database-url', database.url], { cwd });
  await run.until(/step 2 of/);
  // The build has not begun: this ends the connection that holds the lock, and the steps' next ones.
  await database.query(
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  const { code, stderr } = await run.finished;
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('that holds the run lock was ended'),
  });
  expect(stderr).not.toContain('    at ');
  expect(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8')).toContain('"failed"');
  expect(await contentOf(database.url)).toEqual(before);
  succeeded(
    await runBin('wxyc-pipeline', [...words, '--database-url', database.url, '--resume'], { cwd }),
  );
  expect(await contentOf(database.url)).toEqual(before);
  await database.drop();
}, 120_000);
