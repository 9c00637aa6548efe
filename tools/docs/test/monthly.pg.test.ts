/**
 * The monthly recipe of docs/running.md, run as it stands there from an empty environment: it may fail or be killed at any
 * point, says so, and the next call ends with the cache of an undisturbed run.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { startApi, startDumpSite, type DumpSite } from '@wxyc/fault-server';
import { writeDump, writeLibrary } from '@wxyc/sample';
import {
  root,
  runBin,
  runWords,
  temporaryFolder,
  testDatabase,
  type TestDatabase,
} from '@wxyc/testing';
import { blocks } from './markdown.ts';

jest.setTimeout(120_000);

const documented = (name: string): string =>
  blocks('docs/running.md').find(({ note }) => note === `file: ${name}`)!.code;
const stamp = spawnSync('date', ['+%Y%m'], { encoding: 'utf8' }).stdout.trim();
const month = `${stamp.slice(0, 4)}-${stamp.slice(4)}`;
const dumpName = `discogs_${stamp}01_releases.xml.gz`;
const sample = { releases: 1200, albums: 100 };
const given = temporaryFolder();
let site: DumpSite;
let database: TestDatabase;
/** What an undisturbed run of `wxyc-pipeline` publishes. */
let expected: unknown[];

beforeAll(async () => {
  writeLibrary(join(given, 'library.db'), null, sample);
  await writeDump(join(given, 'releases.xml.gz'), sample);
  const others = Object.fromEntries(
    ['artists', 'labels', 'masters'].map((kind) => [
      `discogs_${stamp}01_${kind}.xml.gz`,
      gzipSync(
        `<${kind}>\n<${kind.slice(0, -1)}><id>1</id><name>Nobody</name></${kind.slice(0, -1)}>\n</${kind}>\n`,
      ),
    ]),
  );
  site = await startDumpSite({
    files: { ...others, [dumpName]: readFileSync(join(given, 'releases.xml.gz')) },
    faultsOf: 'releases',
  });
  database = await testDatabase({ extensions: false, owner: 'plain' });
  const inputs = { xml: join(given, 'releases.xml.gz'), libraryDb: join(given, 'library.db') };
  const run = runBin('wxyc-pipeline', runWords(inputs, database.url), { cwd: temporaryFolder() });
  expect(await run).toMatchObject({ code: 0 });
  expected = await rows();
  expect(expected.length).toBeGreaterThan(50);
  await database.drop();
});
afterAll(() => site.close());
beforeEach(async () => {
  database = await testDatabase({ extensions: false, owner: 'plain' });
  for (const name of ['faults', 'always', 'rate', 'unfinished'] as const) delete site.options[name];
  site.requests.length = 0;
});
afterEach(() => database.drop());

/** The documented text, with every word that depends on the reader's machine replaced. */
function adapted(name: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, documented(name));
}

/** The folder as the page describes it. */
function folder(): string {
  const made = temporaryFolder();
  cpSync(join(given, 'library.db'), join(made, 'library.db'));
  const settings = {
    '/opt/discogs-cache/': root,
    '/usr/local/bin': dirname(process.execPath),
    'postgresql://me@host/discogs': `'${database.url}'`,
  };
  writeFileSync(join(made, 'settings'), adapted('settings', settings));
  writeFileSync(
    join(made, 'rebuild.sh'),
    adapted('rebuild.sh', { '--month "$month"': `--month "$month" --base-url '${site.url}'` }),
  );
  chmodSync(join(made, 'rebuild.sh'), 0o755);
  return made;
}

interface Call {
  code: number | null;
  /** What cron would mail. */
  said: string;
}

/** Calls the script as cron does, with even less in the environment, from another folder. */
function call(cwd: string): { ended: Promise<Call>; kill(): void } {
  const child = spawn(join(cwd, 'rebuild.sh'), [], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<Call>((resolve, reject) =>
    child.on('error', reject).on('close', (code) => resolve({ code, said })),
  );
  // All of its processes at once, as in a power cut.
  return { ended, kill: () => process.kill(-child.pid!, 'SIGKILL') };
}

const well: Call = { code: 0, said: '' };
const logOf = (cwd: string): string =>
  existsSync(join(cwd, 'runs', `${month}.log`))
    ? readFileSync(join(cwd, 'runs', `${month}.log`), 'utf8')
    : '';
const rows = (): Promise<unknown[]> =>
  database.query(
    'SELECT id, title, (SELECT count(*)::int FROM release_track t WHERE t.release_id = r.id) AS tracks FROM release r ORDER BY id',
  );
const isPublished = async (): Promise<boolean> =>
  (await database.query("SELECT to_regclass('public.release') IS NOT NULL AS there"))[0]![
    'there'
  ] as boolean;
const downloads = (): (string | undefined)[] =>
  site.requests.filter(({ query }) => query.endsWith(dumpName)).map(({ range }) => range);

async function isBuilt(): Promise<void> {
  expect(await rows()).toEqual(expected);
}

test('once, again, and once more over an existing dump', async () => {
  const cwd = folder();
  expect(await call(cwd).ended).toEqual(well);
  await isBuilt();
  expect(readdirSync(join(cwd, 'runs')).sort()).toEqual(
    ['done', 'html', 'json', 'log'].map((kind) => `${month}.${kind}`),
  );
  expect(downloads()).toEqual([undefined]);

  const before = logOf(cwd);
  expect(await call(cwd).ended).toEqual(well);
  expect(logOf(cwd)).toBe(before);

  for (const name of readdirSync(join(cwd, 'runs'))) rmSync(join(cwd, 'runs', name));
  expect(await call(cwd).ended).toEqual(well);
  await isBuilt();
  expect(logOf(cwd)).toContain('already complete, and verified');
  expect(downloads()).toEqual([undefined]);
});

test('killed in the middle of the download, the next call fetches the rest', async () => {
  const cwd = folder();
  site.options.rate = statSync(join(given, 'releases.xml.gz')).size / 4;
  const { ended, kill } = call(cwd);
  const partial = join(cwd, 'dumps', `${dumpName}.partial`);
  while (!existsSync(partial) || statSync(partial).size < 100_000) await sleep(5);
  kill();
  await ended;
  delete site.options.rate;
  const kept = statSync(partial).size;
  expect(await call(cwd).ended).toEqual(well);
  expect(downloads()).toEqual([undefined, `bytes=${kept}-`]);
  await isBuilt();
});

test.each(['convert: step 2', 'import: step 4', 'index: step 9', 'published \\d+ releases'])(
  'killed at "%s", the next call ends well',
  async (sign) => {
    const cwd = folder();
    const { ended, kill } = call(cwd);
    while (!new RegExp(sign).test(logOf(cwd))) await sleep(2);
    kill();
    await ended;
    expect(await call(cwd).ended).toEqual(well);
    await isBuilt();
  },
);

interface Failure {
  what: string;
  code: unknown;
  reason: RegExp;
  harm(cwd: string): void;
  mend(cwd: string): void;
}

const failures: Failure[] = [
  {
    what: 'a month that is not out yet',
    code: 4,
    reason: /not complete yet: checksum missing/,
    harm: () => void (site.options.unfinished = [`${stamp}01`]),
    mend: () => void delete site.options.unfinished,
  },
  {
    what: 'a site that refuses',
    code: 1,
    reason: /status 403/,
    harm: () => void (site.options.always = { status: 403 }),
    mend: () => void delete site.options.always,
  },
  {
    what: 'no library',
    code: 4,
    reason: /library\.db/,
    harm: (cwd) => rmSync(join(cwd, 'library.db')),
    mend: (cwd) => cpSync(join(given, 'library.db'), join(cwd, 'library.db')),
  },
  {
    what: 'a server that does not answer',
    code: 1,
    reason: /127\.0\.0\.1:1\b/,
    harm: (cwd) => replaceIn(cwd, database.url, 'postgresql://me@127.0.0.1:1/discogs'),
    mend: (cwd) => replaceIn(cwd, 'postgresql://me@127.0.0.1:1/discogs', database.url),
  },
  {
    what: 'no settings',
    // Shells differ in the code for a file that is not there.
    code: expect.any(Number),
    reason: /settings/,
    harm: (cwd) =>
      cpSync(join(cwd, 'settings'), join(cwd, 'aside')) ?? rmSync(join(cwd, 'settings')),
    mend: (cwd) => cpSync(join(cwd, 'aside'), join(cwd, 'settings')),
  },
  {
    what: 'bins that are not there',
    code: 127,
    reason: /wxyc-pipeline/,
    harm: (cwd) => replaceIn(cwd, 'node_modules/.bin', 'no'),
    mend: (cwd) => replaceIn(cwd, '/no:', '/node_modules/.bin:'),
  },
];

test('one failure after the other: each has its code and its reason, and once all are mended it goes well', async () => {
  const cwd = folder();
  for (const { what, code, reason, harm, mend } of failures) {
    harm(cwd);
    const failed = await call(cwd).ended;
    expect({ what, ...failed }).toEqual({ what, code, said: expect.stringMatching(reason) });
    expect(failed.code).not.toBe(0);
    expect(await isPublished()).toBe(false);
    mend(cwd);
  }
  expect(await call(cwd).ended).toEqual(well);
  await isBuilt();
});

function replaceIn(cwd: string, from: string, to: string): void {
  const file = join(cwd, 'settings');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(from);
  writeFileSync(file, text.replace(from, to));
}

test('a library that changed after a failure restarts the run', async () => {
  const cwd = folder();
  const { ended, kill } = call(cwd);
  while (!logOf(cwd).includes('import: step 4')) await sleep(2);
  kill();
  await ended;
  writeLibrary(join(cwd, 'library.db'), null, { ...sample, albums: 90 });
  expect(await call(cwd).ended).toEqual(well);
  expect(logOf(cwd)).toMatch(/belongs to another run[^]*published \d+ releases/);
});

test('two at once: one builds, the other says who is at work', async () => {
  const cwd = folder();
  const first = call(cwd);
  while (!logOf(cwd).includes('convert: step 2')) await sleep(2);
  const second = await call(cwd).ended;
  expect(second).toEqual({ code: 75, said: expect.stringMatching(/exit code 75[^]*process \d+/) });
  expect(await first.ended).toEqual(well);
  await isBuilt();
});

test('the evening artwork job is silent when all is well, and tells cron why it failed', async () => {
  const line = blocks('docs/running.md')
    .find(({ language }) => language === 'crontab')!
    .code.split('\n')
    .find((text) => text.includes('wxyc-artwork'))!;
  const [, ...words] = /^0 22 \* \* \* +(.*)$/.exec(line)!;
  const cwd = folder();
  const command = words.join('').replace('/srv/discogs', cwd);
  const run = (): { stdout: string; stderr: string } =>
    spawnSync('/bin/sh', ['-c', command], { env: {}, encoding: 'utf8' });
  expect(run()).toMatchObject({ stdout: expect.stringContaining('DISCOGS_TOKEN'), stderr: '' });
  await call(cwd).ended;
  const api = await startApi({ token: 'secret' });
  writeFileSync(
    join(cwd, 'settings'),
    `export DISCOGS_TOKEN=secret DISCOGS_API_URL='${api.url}'\n`,
    { flag: 'a' },
  );
  const child = spawn('/bin/sh', ['-c', command.replace('--for 8h', '--limit 1')], {
    env: {},
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (said += text.toString()));
  await new Promise((resolve) => child.on('close', resolve));
  await api.close();
  expect(said).toBe('');
  expect(readFileSync(join(cwd, 'artwork.log'), 'utf8')).toMatch(/artwork +releases/);
});

test('the units of systemd call the script and each other', () => {
  const service = documented('discogs-rebuild.service');
  expect(service).toMatch(/^ExecStart=\/srv\/discogs\/rebuild\.sh$/m);
  expect(service).toMatch(/^OnFailure=discogs-failed\.service$/m);
  // A timer without Unit= starts the service of its own name.
  expect(documented('discogs-rebuild.timer')).toMatch(/^OnCalendar=\S+ \S+$/m);
  for (const name of ['discogs-rebuild.service', 'discogs-rebuild.timer', 'discogs-failed.service'])
    expect(documented(name)).toContain(`# /etc/systemd/system/${name}`);
});
