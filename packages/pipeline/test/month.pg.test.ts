/** `--month`: the dump is fetched, read while it arrives, and nothing is built on unverified bytes. */
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { jest } from '@jest/globals';
import { startDumpSite, type DumpSite } from '@wxyc/fault-server';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { runBin, startBin, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';

jest.setTimeout(180_000);

const folder = temporaryFolder();
const library = join(folder, 'library.db');
const sample = { releases: 1200, albums: 100 };
const name = 'discogs_20260901_releases.xml.gz';
let content: Buffer;
let site: DumpSite;
let database: TestDatabase;
const rows = () =>
  database.query(
    'SELECT id, title, (SELECT count(*)::int FROM release_track t WHERE t.release_id = r.id) AS tracks FROM release r ORDER BY id',
  );
let expected: unknown[];

beforeAll(async () => {
  writeLibrary(library, null, sample);
  await writeDump(join(folder, 'releases.xml.gz'), sample);
  content = readFileSync(join(folder, 'releases.xml.gz'));
  const unused = Object.fromEntries(
    ['labels', 'masters'].map((kind) => [`discogs_20260901_${kind}.xml.gz`, Buffer.from('x')]),
  );
  const artists = gzipSync(
    '<artists>\n<artist><id>1</id><name>Nobody</name></artist>\n</artists>\n',
  );
  site = await startDumpSite({
    files: { ...unused, 'discogs_20260901_artists.xml.gz': artists, [name]: content },
    faultsOf: 'releases',
  });
  database = await testDatabase({ extensions: false, owner: 'plain' });
  expect(
    await runBin(
      'wxyc-pipeline',
      [
        '--xml',
        join(folder, 'releases.xml.gz'),
        '--library-db',
        library,
        '--database-url',
        database.url,
      ],
      { cwd: temporaryFolder() },
    ),
  ).toMatchObject({ code: 0 });
  expected = await rows();
});
afterAll(async () => {
  await site.close();
  await database.drop();
});
beforeEach(() => {
  delete site.options.rate;
  delete site.options.always;
  site.requests.length = 0;
});

const words = (...more: string[]): string[] => [
  '--month',
  'latest',
  '--download-dir',
  'dumps',
  '--base-url',
  site.url,
  '--library-db',
  library,
  '--database-url',
  database.url,
  ...more,
];
const empty = (): Promise<unknown> => database.query('DELETE FROM release WHERE id % 2 = 0');
const half = async (): Promise<unknown> => (await rows()).length;

it('fetches and reads at the same time, and ends with the same cache; the dump stays and is not fetched again', async () => {
  await empty();
  site.options.rate = content.length / 3;
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words('--report', 'run.json'), { cwd });
  const partial = join(cwd, 'dumps', `${name}.partial`);
  const csv = join(cwd, '.pipeline_state_csv', 'release_track.csv.partial');
  // Rows are written while the dump is still on its way.
  let together = false;
  while (!together && run.child.exitCode === null) {
    together = existsSync(partial) && statSync(partial).size < content.length && existsSync(csv);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const { code, stdout, stderr } = await run.finished;
  expect({ code, stderr: code === 0 ? '' : stderr, together }).toEqual({
    code: 0,
    stderr: '',
    together: true,
  });
  expect(await rows()).toEqual(expected);
  expect(stdout).toMatch(/^fetch +bytes +[\d,]+ +[\d,]+ +0 /m);
  expect(stdout).toMatch(/2026-09: read while it arrived/);
  expect(readdirSync(join(cwd, 'dumps')).sort()).toEqual([
    'discogs_20260901_CHECKSUM.txt',
    'discogs_20260901_artists.xml.gz',
    name,
  ]);
  expect(JSON.parse(readFileSync(join(cwd, 'run.json'), 'utf8')).inputs.dump).toMatch(
    /^discogs_20260901_releases.xml.gz, sha256 [0-9a-f]{64}$/,
  );

  site.requests.length = 0;
  const again = await runBin('wxyc-pipeline', words().with(1, '2026-09'), { cwd });
  expect(again).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/2026-09: already complete, and verified/),
  });
  expect(site.requests).toEqual([]);
});

it('a dump that is refused leaves the old cache and a sentence', async () => {
  await empty();
  const before = await half();
  site.options.always = { status: 403 };
  const cwd = temporaryFolder();
  const { code, stderr } = await runBin('wxyc-pipeline', words(), { cwd });
  expect(code).toBe(1);
  expect(stderr).toMatch(/status 403 \(access refused/);
  expect(await half()).toBe(before);
  expect(existsSync(join(cwd, 'dumps', name))).toBe(false);
  expect(existsSync(join(cwd, '.pipeline_state_csv'))).toBe(false);
});

it('killed in the middle of the download and resumed, it goes on with the same month, though a newer one is out', async () => {
  await empty();
  site.options.rate = content.length / 4;
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words(), { cwd });
  const partial = join(cwd, 'dumps', `${name}.partial`);
  while (!existsSync(partial) || statSync(partial).size < content.length / 3)
    await new Promise((resolve) => setTimeout(resolve, 10));
  run.child.kill('SIGKILL');
  await run.finished;
  delete site.options.rate;
  const kept = statSync(partial).size;
  const files = site.options.files;
  site.options.files = {
    ...files,
    ...Object.fromEntries(
      ['releases', 'artists', 'labels', 'masters'].map((kind) => [
        `discogs_20261001_${kind}.xml.gz`,
        Buffer.from('other'),
      ]),
    ),
  };
  site.requests.length = 0;
  const resumed = await runBin('wxyc-pipeline', words('--resume'), { cwd });
  site.options.files = files;
  expect({ code: resumed.code, stderr: resumed.code === 0 ? '' : resumed.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(site.requests).toEqual([
    expect.objectContaining({ query: `?download=data/2026/${name}`, range: `bytes=${kept}-` }),
  ]);
  expect(await rows()).toEqual(expected);
});

it('with kept CSV files a resumed run needs neither the site nor the dump', async () => {
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words('--keep-csv', 'csv'), { cwd });
  while (!/step 4 of/.test(run.stderr()) && run.child.exitCode === null)
    await new Promise((resolve) => setTimeout(resolve, 5));
  run.child.kill('SIGKILL');
  await run.finished;
  writeFileSync(join(cwd, 'dumps', name), 'gone');
  site.requests.length = 0;
  const resumed = await runBin('wxyc-pipeline', words('--keep-csv', 'csv', '--resume'), { cwd });
  expect({ code: resumed.code, stderr: resumed.code === 0 ? '' : resumed.stderr }).toEqual({
    code: 0,
    stderr: '',
  });
  expect(site.requests).toEqual([]);
  expect(await rows()).toEqual(expected);
});

it('an interrupt ends both, and leaves what arrived', async () => {
  site.options.rate = content.length / 10;
  const cwd = temporaryFolder();
  const run = startBin('wxyc-pipeline', words(), { cwd });
  const partial = join(cwd, 'dumps', `${name}.partial`);
  while (!existsSync(partial) || statSync(partial).size === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
  run.child.kill('SIGTERM');
  expect((await run.finished).code).toBe(130);
  expect(readdirSync(join(cwd, 'dumps')).sort()).toEqual([
    'discogs_20260901_CHECKSUM.txt',
    'discogs_20260901_artists.xml.gz',
    `${name}.partial`,
    `${name}.partial.json`,
  ]);
});

it('dry run and doctor say what would be fetched, and fetch nothing', async () => {
  const cwd = temporaryFolder();
  const dry = await runBin('wxyc-pipeline', words('--dry-run'), { cwd });
  expect(dry).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /month +2026-09: discogs_20260901_releases.xml.gz, discogs_20260901_artists.xml.gz to download to dumps, /,
    ),
  });
  const doctor = await runBin('wxyc-pipeline', ['doctor', ...words()], {
    cwd,
    env: { DISCOGS_TOKEN: undefined },
  });
  expect(doctor.stdout).toMatch(
    /ok +month +2026-09: discogs_20260901_releases.xml.gz, discogs_20260901_artists.xml.gz, .* to fetch/,
  );
  expect(doctor.stdout).toMatch(/ok +artwork +DISCOGS_TOKEN is not set/);
  expect(doctor.code).toBe(0);
  const refused = await runBin('wxyc-pipeline', ['doctor', ...words()], {
    cwd,
    env: { DISCOGS_TOKEN: 'sEcReT', DISCOGS_API_URL: 'http://127.0.0.1:1/' },
  });
  expect(refused.stdout).toMatch(/LOOK +artwork/);
  expect(`${refused.stdout}${refused.stderr}`).not.toContain('sEcReT');
  expect(readdirSync(cwd)).toEqual([]);
});

it.each([
  [['--month', 'latest', '--library-db', library], /--month needs --download-dir/],
  [
    ['--month', 'latest', '--xml', 'x.xml', '--download-dir', 'd'],
    /Give --xml or --month, not both/,
  ],
  [['--csv-dir', 'c', '--download-dir', 'd'], /--download-dir needs --month/],
  [
    ['--month', '2026', '--download-dir', 'd', '--library-db', library],
    /--month takes latest or a month/,
  ],
  [['--month', 'latest', '--download-dir', 'd'], /--month needs --library-db or --library-artists/],
])('%j is refused', async (given, message) => {
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    [...given, '--database-url', database.url],
    { cwd: temporaryFolder() },
  );
  expect(code).toBe(2);
  expect(stderr).toMatch(message);
});
