/** What is refused before anything is done: message, exit code, nothing written. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeDump, writeLibrary } from '@wxyc/sample';
import { runBin, temporaryFolder } from '@wxyc/testing';

const nowhere = 'postgresql://me:s3cretword@127.0.0.1:1/none';
let folder: string;

beforeAll(async () => {
  folder = temporaryFolder();
  await writeDump(join(folder, 'releases.xml'), { releases: 20 });
  writeLibrary(join(folder, 'library.db'), join(folder, 'artists.txt'), {
    releases: 20,
    albums: 10,
  });
  mkdirSync(join(folder, 'two'));
  await writeDump(join(folder, 'two', 'a.xml'), { releases: 5 });
  await writeDump(join(folder, 'two', 'b.xml.gz'), { releases: 5 });
  mkdirSync(join(folder, 'empty'));
  mkdirSync(join(folder, 'csv'));
  writeFileSync(join(folder, 'csv', 'release.csv'), 'id,title\r\n');
  writeFileSync(join(folder, 'text.txt'), 'not a database\n');
});

const xml = ['--xml', 'releases.xml', '--library-db', 'library.db'];

test.each<[string[], number, string]>([
  [[], 2, 'Give --xml with a releases dump, --month to fetch one, or --csv-dir'],
  [
    ['--xml', 'releases.xml', '--csv-dir', 'csv', '--library-db', 'library.db'],
    2,
    'Give --xml or --csv-dir, not both.',
  ],
  [['--xml', 'releases.xml'], 2, '--xml needs --library-db or --library-artists'],
  [['--csv-dir', 'csv', '--library-artists', 'artists.txt'], 2, '--library-artists needs a dump'],
  [['--csv-dir', 'csv', '--keep-csv', 'x'], 2, '--keep-csv needs a dump'],
  [['--csv-dir', 'csv', '--max-rejects', '3'], 2, '--max-rejects needs a dump'],
  [
    ['--xml', 'releases.xml', '--library-artists', 'artists.txt', '--target-db-url', nowhere],
    2,
    '--target-db-url needs --library-db',
  ],
  [
    ['--xml', 'releases.xml', '--library-artists', 'artists.txt', '--wxyc-db-url', 'mysql://h/d'],
    2,
    '--wxyc-db-url needs --library-db',
  ],
  [[...xml, '--wxyc-db-url', nowhere], 2, 'begins with mysql://'],
  [
    [...xml, '--matched-only', '--target-db-url', nowhere],
    2,
    '--matched-only cannot be used with --target-db-url',
  ],
  [
    ['--xml', 'releases.xml', '--library-artists', 'artists.txt', '--matched-only'],
    2,
    '--matched-only needs --library-db',
  ],
  [
    [...xml, '--database-url', 'embedded:./c', '--target-db-url', 'embedded:x/../c'],
    2,
    '--target-db-url is the same database',
  ],
  [[...xml, '--report', 'run.pdf'], 2, '--report takes a file that ends in .json or .html'],
  [[...xml, '--report', 'nodir/run.json'], 1, 'nodir does not exist'],
  [[...xml, '--state-file', 'empty'], 2, '--state-file takes a file'],
  [[...xml, '--max-rejects', 'many'], 2, '--max-rejects takes a whole number'],
  [[...xml, '--liberry-db', 'x'], 2, 'Did you mean --library-db?'],
  [['--xml', 'none.xml', '--library-db', 'library.db'], 4, 'none.xml does not exist'],
  [['--xml', 'empty', '--library-db', 'library.db'], 4, 'holds no dump'],
  [['--xml', 'two', '--library-db', 'library.db'], 2, 'a.xml'],
  [['--xml', 'text.txt', '--library-db', 'library.db'], 4, 'text.txt'],
  [['--xml', 'releases.xml', '--library-db', 'none.db'], 4, 'none.db'],
  [['--xml', 'releases.xml', '--library-db', 'text.txt'], 4, 'text.txt'],
  [['--csv-dir', 'none'], 4, '--csv-dir none does not exist'],
  [['--csv-dir', 'empty'], 4, 'holds none of the release CSV files'],
  [['--csv-dir', 'text.txt'], 4, 'is not a directory'],
  [xml, 1, '127.0.0.1'],
])(
  '%j ends with %i',
  async (words, exit, sentence) => {
    const state = join(folder, 'state');
    mkdirSync(state, { recursive: true });
    const own = words.includes('--state-file') ? [] : ['--state-file', join(state, 's.json')];
    const url = words.includes('--database-url') ? [] : ['--database-url', nowhere];
    const { code, stdout, stderr } = await runBin('wxyc-pipeline', [...words, ...own, ...url], {
      cwd: folder,
    });
    expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(sentence) });
    expect(stdout).toBe('');
    expect(stderr).not.toContain('    at ');
    expect(stderr).not.toContain('s3cretword');
    expect(readdirSync(state)).toEqual([]);
  },
  30_000,
);

test('two releases dumps in a directory are both named', async () => {
  const { stderr } = await runBin('wxyc-pipeline', ['--xml', 'two', '--library-db', 'library.db'], {
    cwd: folder,
  });
  expect(stderr).toMatch(/a\.xml.*b\.xml\.gz/);
});

test('a dry run prints the plan and leaves nothing', async () => {
  const cwd = temporaryFolder();
  const { code, stdout } = await runBin(
    'wxyc-pipeline',
    [
      '--xml',
      join(folder, 'releases.xml'),
      '--library-db',
      join(folder, 'library.db'),
      '--database-url',
      'embedded:./cache',
      '--dry-run',
    ],
    { cwd },
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /dump +.*releases\.xml[^]*library[^]*10 albums[^]*1\. enrich +collect the names of artists[^]*publish +replace the published cache/,
  );
  expect(stdout).toContain('Nothing was done.');
  expect(readdirSync(cwd)).toEqual([]);
});

test('doctor names what is missing, and leaves nothing', async () => {
  const cwd = temporaryFolder();
  const words = [
    'doctor',
    '--xml',
    join(folder, 'releases.xml'),
    '--library-db',
    join(folder, 'library.db'),
  ];
  const bad = await runBin('wxyc-pipeline', [...words, '--database-url', nowhere], { cwd });
  expect(bad.code).toBe(5);
  expect(bad.stdout).toMatch(/^ok +library +.*10 albums/m);
  expect(bad.stdout).toMatch(/^FAIL +database/m);
  expect(bad.stdout + bad.stderr).not.toContain('s3cretword');
  const good = await runBin('wxyc-pipeline', [...words, '--database-url', 'embedded:./cache'], {
    cwd,
  });
  expect({ code: good.code, stdout: good.stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^ok +database +.*will be created/m),
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('doctor names a place that could not hold the database, and leaves nothing', async () => {
  const cwd = temporaryFolder();
  const { code, stdout } = await runBin(
    'wxyc-pipeline',
    [
      'doctor',
      ...['--xml', join(folder, 'releases.xml'), '--library-db', join(folder, 'library.db')],
      ...['--database-url', `embedded:${join(folder, 'text.txt', 'cache')}`],
    ],
    { cwd },
  );
  expect({ code, stdout }).toEqual({
    code: 5,
    stdout: expect.stringMatching(
      /^FAIL +database +\S+cache cannot be created: \S+text.txt is a file/m,
    ),
  });
  expect(readdirSync(cwd)).toEqual([]);
});

test('doctor asks a site that does not answer three times, not for minutes', async () => {
  const { code, stdout, stderr } = await runBin(
    'wxyc-pipeline',
    [
      'doctor',
      ...['--month', 'latest', '--download-dir', 'dumps', '--base-url', 'http://127.0.0.1:2/'],
      ...['--library-db', join(folder, 'library.db'), '--database-url', 'embedded:./cache'],
    ],
    { cwd: temporaryFolder() },
  );
  expect(code).toBe(5);
  expect(stdout.match(/^FAIL .*/gm)).toEqual([expect.stringMatching(/^FAIL +month +http/)]);
  expect(stderr.match(/trying again/g)).toHaveLength(2);
});

test.each(['--keep-csv', '--download-dir'])('%s is refused where a file is', async (flag) => {
  const cwd = temporaryFolder();
  const library = join(folder, 'library.db');
  const input =
    flag === '--keep-csv'
      ? ['--xml', join(folder, 'releases.xml')]
      : ['--month', 'latest', '--base-url', 'http://127.0.0.1:1/'];
  const { code, stderr } = await runBin(
    'wxyc-pipeline',
    [...input, flag, library, '--library-db', library, '--database-url', nowhere],
    { cwd },
  );
  expect(code).toBe(2);
  expect(stderr).toContain(`${flag} takes a directory, and ${library} is a file`);
  expect(readdirSync(cwd)).toEqual([]);
});
