/** A whole run by a role with a password: it is in nothing that the run prints, writes or shows to other users of the machine. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  runBin,
  type RunResult,
  runWords,
  startBin,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

/** As it is, and as it stands in a URL. */
const password = "Xq7/;a'SEKRET@z";
const marks = /Xq7|SEKRET/;

let inputs: Inputs;
let database: TestDatabase;
let target: TestDatabase;
let url: string;
let targetUrl: string;

const marked = (given: string): string => {
  const parsed = new URL(given);
  parsed.password = encodeURIComponent(password);
  return parsed.href;
};

beforeAll(async () => {
  inputs = await makeInputs();
  [database, target] = await Promise.all([testDatabase(), testDatabase()]);
  const role = await database.role();
  await database.query(`ALTER ROLE ${role.name} PASSWORD '${password.replace("'", "''")}'`);
  for (const { name, query } of [database, target]) {
    await query(`ALTER DATABASE ${name} OWNER TO ${role.name}`);
    await query(`ALTER SCHEMA public OWNER TO ${role.name}`);
  }
  url = marked(role.url);
  targetUrl = url.replace(database.name, target.name);
}, 60_000);
afterAll(async () => {
  await database.drop();
  await target.drop();
});

const filesIn = (directory: string): string[] =>
  (readdirSync(directory, { recursive: true }) as string[])
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());

function clean(result: RunResult, cwd: string): void {
  expect(`${result.stdout}${result.stderr}`).not.toMatch(marks);
  for (const file of filesIn(cwd))
    expect({ file, holds: marks.test(readFileSync(file, 'latin1')) }).toEqual({
      file,
      holds: false,
    });
}

/** Command lines of a process and all its descendants, as `ps` shows them. */
function commandLines(pid: number): string[] {
  const lines: string[] = [];
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      if (Number(name) === pid) lines.push(readFileSync(`/proc/${name}/cmdline`, 'utf8'));
      else if (parent === pid) lines.push(...commandLines(Number(name)));
    } catch {
      // It has ended.
    }
  }
  return lines;
}

test('trap 27: a run with everything it can write', async () => {
  const cwd = temporaryFolder();
  const words = [
    ...runWords(inputs, url),
    '--target-db-url',
    targetUrl,
    '--keep-csv',
    'csv',
    '--decisions',
    'decisions.csv',
    '--report',
    'run.html',
  ];
  const run = startBin(
    'wxyc-pipeline',
    [...words, '--log-level', 'trace', '--log-format', 'json'],
    { cwd },
  );
  const seen = new Set<string>();
  let ended = false;
  void run.finished.finally(() => (ended = true));
  while (!ended) {
    // Before our first line runs, the arguments are as the caller gave them.
    if (run.stderr() !== '' && run.child.pid)
      for (const line of commandLines(run.child.pid)) seen.add(line);
    await new Promise((settle) => setTimeout(settle, 50));
  }
  const result = await run.finished;
  expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  clean(result, cwd);
  expect(seen.size).toBeGreaterThan(0);
  if (process.platform === 'linux') for (const line of seen) expect(line).not.toMatch(marks);
  // What the server shows of its sessions, and what the run left in the database.
  expect(
    JSON.stringify(
      await database.query("SELECT obj_description('public.release'::regclass) AS comment"),
    ),
  ).not.toMatch(marks);
}, 120_000);

test('trap 27: a password as a parameter of the URL, with characters that end other texts', async () => {
  const cwd = temporaryFolder();
  const parsed = new URL(url);
  const asParameter = (name: string): string =>
    `postgresql://${parsed.host}/${name}?user=${parsed.username}&password=${password}`;
  const words = [
    '--csv-dir',
    inputs.csv,
    '--library-db',
    inputs.libraryDb,
    '--database-url',
    asParameter(database.name),
    '--target-db-url',
    asParameter(target.name),
    '--allow-shrink',
  ];
  const dry = await runBin('wxyc-pipeline', [...words, '--dry-run'], { cwd });
  expect(dry.code).toBe(0);
  clean(dry, cwd);
  for (const report of ['run.json', 'run.html']) {
    const result = await runBin(
      'wxyc-pipeline',
      [...words, '--report', report, '--log-level', 'trace', '--log-format', 'json'],
      { cwd },
    );
    expect({ code: result.code, stderr: result.code === 0 ? '' : result.stderr }).toEqual({
      code: 0,
      stderr: '',
    });
    clean(result, cwd);
  }
  expect(JSON.parse(readFileSync(join(cwd, '.pipeline_state.json'), 'utf8'))).toMatchObject({
    database_url: expect.stringContaining('password=***'),
  });
  expect(JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8'))).toMatchObject({
    database: expect.stringContaining('password=***'),
  });
}, 180_000);

test('every single command, done by hand', async () => {
  const cwd = temporaryFolder();
  const schema = ['--schema', 'by_hand'];
  const calls: [string, string[]][] = [
    ['wxyc-schema', ['create', url, ...schema]],
    ['wxyc-import', [inputs.csv, url, ...schema, '--rejects', join(cwd, 'rejects.csv')]],
    ['wxyc-dedup', [url, ...schema]],
    ['wxyc-verify', [inputs.libraryDb, url, ...schema, '--decisions', 'decisions.csv']],
    ['wxyc-verify', [inputs.libraryDb, url, ...schema, '--prune']],
    ['wxyc-index', [url, ...schema]],
    ['wxyc-vacuum', [url, ...schema]],
    ['wxyc-verify', ['explain', '1', inputs.libraryDb, url, ...schema]],
    ['wxyc-schema', ['publish', url, ...schema, '--allow-shrink']],
    ['wxyc-schema', ['check', url]],
  ];
  for (const [bin, words] of calls) {
    const result = await runBin(bin, [...words, '--log-level', 'trace', '--log-format', 'json'], {
      cwd,
    });
    expect({
      bin,
      words: words[0]!.length < 20 ? words[0] : '',
      code: result.code,
      last: result.code ? result.stderr.split('\n').at(-2) : '',
    }).toMatchObject({
      code: bin === 'wxyc-verify' && words[0] === 'explain' ? expect.any(Number) : 0,
    });
    clean(result, cwd);
  }
}, 120_000);

test('a run that the server refuses midway, and its state file', async () => {
  const cwd = temporaryFolder();
  const other = await testDatabase();
  // The target belongs to somebody else: the copy fails, at the very end.
  const result = await runBin(
    'wxyc-pipeline',
    [
      '--csv-dir',
      inputs.csv,
      '--library-db',
      inputs.libraryDb,
      '--database-url',
      url,
      '--target-db-url',
      url.replace(database.name, other.name),
      '--allow-shrink',
      '--report',
      'run.json',
      '--log-level',
      'debug',
    ],
    { cwd },
  );
  expect(result.code).toBe(1);
  clean(result, cwd);
  await other.drop();
}, 120_000);
