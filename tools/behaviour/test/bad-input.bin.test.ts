/** What every command says to each file that will not do: one sentence that names it, exit code 4, nothing written. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BinHost, runBin, temporaryFolder, type RunResult } from '@wxyc/testing';
import { faults, makeBadFile, makeUnreadable, type Fault } from './bad-files.js';
import { makeInputs, type Inputs } from './commands.js';

const nowhere = ['--database-url', 'postgresql://me@127.0.0.1:1/none'];
let inputs: Inputs;
let cwd: string;

beforeAll(async () => {
  inputs = await makeInputs();
}, 60_000);
beforeEach(() => {
  cwd = temporaryFolder();
});

/** Where a file goes in, its name, and the words around it. Nothing of `out` may exist afterwards under a finished name. */
const places: [what: string, file: string, bin: string, words: (file: string) => string[]][] = [
  ['the dump', 'x.xml.gz', 'wxyc-convert', (file) => [file, '--output', 'out']],
  [
    'the artist list',
    'x.txt',
    'wxyc-convert',
    (file) => [inputs.xml, '--output', 'out', '--library-artists', file],
  ],
  [
    'library.db',
    'x.db',
    'wxyc-convert',
    (file) => [inputs.xml, '--output', 'out', '--library-db', file],
  ],
  [
    'the mappings',
    'x.json',
    'wxyc-convert',
    (file) => [
      inputs.xml,
      '--output',
      'out',
      '--library-db',
      inputs.libraryDb,
      '--matched-only',
      '--mappings-file',
      file,
    ],
  ],
  ['the CSV file', 'x.csv', 'wxyc-fix-newlines', (file) => [file, 'out']],
  ['library.db', 'x.db', 'wxyc-enrich', (file) => ['--library-db', file, '--output', 'out']],
  [
    'the artist list',
    'x.txt',
    'wxyc-enrich',
    (file) => ['--library-db', inputs.libraryDb, '--library-artists', file, '--output', 'out'],
  ],
  [
    'the alternate names',
    'x.tsv',
    'wxyc-enrich',
    (file) => ['--library-db', inputs.libraryDb, '--alternates', file, '--output', 'out'],
  ],
  ['the artist list', 'x.txt', 'wxyc-filter', (file) => [file, inputs.csv, 'out']],
  [
    'library.db',
    'x.db',
    'wxyc-filter',
    (file) => [inputs.artists, inputs.csv, 'out', '--library-db', file],
  ],
  ['library.db', 'x.db', 'wxyc-dedup', (file) => [...nowhere, '--library-db', file]],
  [
    'the mappings',
    'x.json',
    'wxyc-dedup',
    (file) => [...nowhere, '--library-db', inputs.libraryDb, '--mappings-file', file],
  ],
  ['library.db', 'x.db', 'wxyc-verify', (file) => [file, ...nowhere]],
  [
    'the mappings',
    'x.json',
    'wxyc-verify',
    (file) => [inputs.libraryDb, '--mappings-file', file, ...nowhere],
  ],
  [
    'the dump',
    'x.xml.gz',
    'wxyc-pipeline',
    (file) => ['--xml', file, '--library-db', inputs.libraryDb, ...nowhere],
  ],
  [
    'library.db',
    'x.db',
    'wxyc-pipeline',
    (file) => ['--xml', inputs.xml, '--library-db', file, ...nowhere],
  ],
  [
    'the artist list',
    'x.txt',
    'wxyc-pipeline',
    (file) => ['--xml', inputs.xml, '--library-artists', file, ...nowhere],
  ],
  [
    'the mappings',
    'x.json',
    'wxyc-pipeline',
    (file) => [
      '--xml',
      inputs.xml,
      '--library-db',
      inputs.libraryDb,
      '--mappings-file',
      file,
      ...nowhere,
    ],
  ],
];

/** The sentence of a failure: the one line of level ERROR, without clock and step. */
function sentence({ stderr }: RunResult): string {
  const lines = stderr.trim().split('\n');
  const errors = lines.filter((line) => / ERROR /.test(line));
  expect(errors).toHaveLength(1);
  expect(lines.at(-1)).toBe(errors[0]);
  return errors[0]!.replace(/^\S+ ERROR \S+ /, '');
}

function refused(result: RunResult, file: string): void {
  expect({ code: result.code, stderr: result.stderr }).toEqual({
    code: 4,
    stderr: expect.not.stringMatching(/\n {4}at /),
  });
  const said = sentence(result);
  expect(said).toContain(file);
  // One sentence, in characters that can be printed.
  expect(said).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
  expect(said.length).toBeLessThan(400);
  expect(result.stdout).toBe('');
}

describe.each(places)('%s (%s) of %s', (_, file, bin, words) => {
  // A library without tables and a dump directory without dumps are tested elsewhere; here, all are simply wrong.
  test.each(faults)('is %s', async (fault: Fault) => {
    makeBadFile(join(cwd, file), fault);
    refused(await runBin(bin, words(file), { cwd }), file);
    expect(existsSync(join(cwd, 'out'))).toBe(false);
    expect(existsSync(join(cwd, '.pipeline_state.json'))).toBe(false);
  });
});

describe('CSV files', () => {
  const copy = (): string => {
    const csv = join(cwd, 'csv');
    mkdirSync(csv);
    for (const name of [
      'release',
      'release_artist',
      'release_label',
      'release_track',
      'release_track_artist',
    ]) {
      writeFileSync(join(csv, `${name}.csv`), readFileSync(join(inputs.csv, `${name}.csv`)));
    }
    return csv;
  };

  test.each(faults.filter((fault) => fault !== 'missing'))(
    'release_artist.csv of wxyc-filter is %s',
    async (fault) => {
      makeBadFile(join(copy(), 'release_artist.csv'), fault);
      refused(
        await runBin('wxyc-filter', [inputs.artists, 'csv', 'out'], { cwd }),
        'release_artist.csv',
      );
    },
  );

  test.each([
    ['missing', 'csv'],
    ['empty', 'csv'],
    ['a file', 'csv'],
  ])('the directory of wxyc-filter is %s', async (fault, name) => {
    if (fault === 'empty') mkdirSync(join(cwd, name));
    if (fault === 'a file') writeFileSync(join(cwd, name), 'x');
    refused(await runBin('wxyc-filter', [inputs.artists, name, 'out'], { cwd }), name);
  });
});

describe('files that may not be read', () => {
  /** Root may read everything, so its bins run as an ordinary user. */
  const anybody = new BinHost(process.getuid?.() === 0 ? { user: 65534 } : {});
  afterAll(() => anybody.end());

  test.each(places)('%s (%s) of %s', async (_, file, bin, words) => {
    makeUnreadable(join(cwd, file));
    chmodSync(cwd, 0o777);
    refused(await anybody.run(bin, words(file), { cwd }), file);
    rmSync(join(cwd, file));
  });
});
