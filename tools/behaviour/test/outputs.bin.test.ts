/**
 * Outputs never harm inputs: every flag of every bin that names a file or folder to write, given something that must not be
 * replaced. Exit 2, one sentence that names it, and every file as it was.
 */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Program } from '@wxyc/cli';
import { decisionColumns } from '@wxyc/matching';
import { runBin, temporaryFolder } from '@wxyc/testing';
import { bins, makeInputs, type Inputs } from './commands.js';
import { flagsOf } from './declared-flags.js';

/** Outputs are checked before any database is asked. */
const nowhere = 'postgresql://127.0.0.1:1/none';

/** What a command reads, in a folder of the test's own. */
type InputName =
  | 'library.db'
  | 'artists.txt'
  | 'releases.xml.gz'
  | 'mappings.json'
  | 'names.csv'
  | 'csv/release.csv'
  | 'decisions.csv'
  | 'owned.txt'
  | 'aliases.csv';

interface Output {
  bin: string;
  flag: string;
  /** The command line in the test's folder; `place` is the flag's value. */
  argv(place: string): string[];
  /** The inputs on its command line. */
  reads: InputName[];
  /** For a folder: the name of a file written in it. */
  within?: string;
  /** The required ending of the name. */
  ending?: string;
}

const evidence = [
  '--alternates',
  'names.csv',
  '--keep-ids',
  'owned.txt',
  '--aliases',
  'aliases.csv',
];
const evidenceReads: InputName[] = ['names.csv', 'owned.txt', 'aliases.csv'];
const pipeline = [
  '--xml',
  'releases.xml.gz',
  '--library-db',
  'library.db',
  '--library-artists',
  'artists.txt',
  '--mappings-file',
  'mappings.json',
  ...evidence,
  '--database-url',
  nowhere,
];
const pipelineReads: InputName[] = [
  'releases.xml.gz',
  'library.db',
  'artists.txt',
  'mappings.json',
  ...evidenceReads,
];
const ownState = ['--state-file', 'run.json'];
const verifyReads: InputName[] = ['library.db', 'mappings.json', ...evidenceReads];
const verify = ['library.db', nowhere, '--mappings-file', 'mappings.json', ...evidence];
const convert = [
  'releases.xml.gz',
  '--library-db',
  'library.db',
  '--mappings-file',
  'mappings.json',
  ...evidence,
  '--matched-only',
  '--output',
  'out',
];
const convertReads: InputName[] = [
  'releases.xml.gz',
  'library.db',
  'mappings.json',
  ...evidenceReads,
];
const filter = [
  'artists.txt',
  'csv',
  'out',
  '--library-db',
  'library.db',
  '--mappings-file',
  'mappings.json',
  ...evidence,
  '--matched-only',
];
const filterReads: InputName[] = [
  'artists.txt',
  'csv/release.csv',
  'library.db',
  'mappings.json',
  ...evidenceReads,
];

/** Every flag and argument that names an output. */
const outputs: Output[] = [
  {
    bin: 'wxyc-enrich',
    flag: 'output',
    argv: (place) => [
      '--library-db',
      'library.db',
      '--library-artists',
      'artists.txt',
      '--alternates',
      'names.csv',
      '--output',
      place,
    ],
    reads: ['library.db', 'artists.txt', 'names.csv'],
  },
  {
    bin: 'wxyc-enrich',
    flag: 'alternates-output',
    argv: (place) => [
      '--library-db',
      'library.db',
      '--library-artists',
      'artists.txt',
      '--alternates',
      'names.csv',
      '--output',
      'out.txt',
      '--alternates-output',
      place,
    ],
    reads: ['library.db', 'artists.txt'],
  },
  {
    bin: 'wxyc-convert',
    flag: 'output',
    argv: (place) => ['releases.xml.gz', '--library-artists', 'artists.txt', '--output', place],
    reads: ['releases.xml.gz', 'artists.txt'],
    within: 'release_track.csv',
  },
  {
    bin: 'wxyc-convert',
    flag: 'decisions',
    argv: (place) => [...convert, '--decisions', place],
    reads: convertReads,
  },
  {
    bin: 'wxyc-convert',
    flag: 'coverage',
    argv: (place) => [...convert, '--coverage', place],
    reads: convertReads,
  },
  {
    bin: 'wxyc-fix-newlines',
    flag: '<output>',
    argv: (place) => ['csv/release.csv', place],
    reads: ['csv/release.csv'],
  },
  {
    bin: 'wxyc-fix-newlines',
    flag: '<output>',
    argv: (place) => ['csv', place],
    reads: ['csv/release.csv'],
    within: 'release.csv',
  },
  {
    bin: 'wxyc-filter',
    flag: '<output_dir>',
    argv: (place) => ['artists.txt', 'csv', place],
    reads: ['artists.txt', 'csv/release.csv'],
    within: 'release.csv',
  },
  {
    bin: 'wxyc-filter',
    flag: 'decisions',
    argv: (place) => [...filter, '--decisions', place],
    reads: filterReads,
  },
  {
    bin: 'wxyc-filter',
    flag: 'coverage',
    argv: (place) => [...filter, '--coverage', place],
    reads: filterReads,
  },
  {
    bin: 'wxyc-import',
    flag: 'rejects',
    argv: (place) => ['csv', nowhere, '--rejects', place],
    reads: ['csv/release.csv'],
  },
  {
    bin: 'wxyc-verify',
    flag: 'decisions',
    argv: (place) => [...verify, '--decisions', place],
    reads: verifyReads,
  },
  {
    bin: 'wxyc-verify',
    flag: 'decisions',
    argv: (place) => [...verify, '--prune', '--decisions', place],
    reads: verifyReads,
  },
  {
    bin: 'wxyc-verify',
    flag: 'decisions',
    argv: (place) => [...verify, '--copy-to', `${nowhere}2`, '--decisions', place],
    reads: verifyReads,
  },
  {
    bin: 'wxyc-verify',
    flag: 'coverage',
    argv: (place) => [...verify, '--coverage', place],
    reads: verifyReads,
  },
  {
    bin: 'wxyc-verify review',
    flag: 'keep-ids',
    argv: (place) => [
      'review',
      'library.db',
      '--decisions',
      'decisions.csv',
      '--mappings-file',
      'mappings.json',
      '--keep-ids',
      place,
    ],
    reads: ['library.db', 'decisions.csv', 'mappings.json'],
  },
  {
    bin: 'wxyc-verify review',
    flag: 'mappings-file',
    argv: (place) => [
      'review',
      'library.db',
      '--decisions',
      'decisions.csv',
      '--mappings-file',
      place,
    ],
    reads: ['library.db', 'decisions.csv'],
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'state-file',
    argv: (place) => [...pipeline, '--state-file', place],
    reads: pipelineReads,
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'decisions',
    argv: (place) => [...pipeline, ...ownState, '--decisions', place],
    reads: pipelineReads,
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'coverage',
    argv: (place) => [...pipeline, ...ownState, '--coverage', place],
    reads: pipelineReads,
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'report',
    argv: (place) => [...pipeline, ...ownState, '--report', place],
    reads: pipelineReads,
    ending: '.json',
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'report',
    argv: (place) => [...pipeline, ...ownState, '--report', place],
    reads: pipelineReads,
    ending: '.html',
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'keep-csv',
    argv: (place) => [...pipeline, ...ownState, '--keep-csv', place],
    reads: pipelineReads,
    within: 'release.csv',
  },
  {
    bin: 'wxyc-pipeline',
    flag: 'keep-csv',
    argv: (place) => [...pipeline, ...ownState, '--keep-csv', place],
    reads: pipelineReads,
    within: 'library_artists.txt',
  },
];

/** Flags that hold a word or name an input. Every other flag has to be among the outputs above. */
const notWritten = new Set(
  'library-db library library-columns library-encoding library-artists mappings-file score-cutoff wxyc-db-url alternates export limit jobs max-rejects max-shrink database-url schema profile copy-to target-db-url xml csv-dir xml2db decisions base-url month kind retries for rate again-after keep-ids aliases labels prefer-country artist title track max-results url album port'.split(
    ' ',
  ),
);

let inputs: Inputs;
let cases: Case[];

/** The site names the files written there; fetch's own tests show that nothing else is replaced. */
const fetched = ['wxyc-fetch output', 'wxyc-pipeline download-dir'];

interface Case {
  name: string;
  bin: string;
  argv: string[];
  folder: string;
  before: Record<string, string>;
}

/** All files below a folder, links as links. */
function contentOf(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    entries.map((name) => {
      const found = lstatSync(join(folder, name));
      return [
        name,
        found.isFile()
          ? readFileSync(join(folder, name)).toString('base64')
          : found.isSymbolicLink()
            ? 'a link'
            : found.isDirectory()
              ? 'a directory'
              : 'special',
      ];
    }),
  );
}

function makeFolder(): string {
  const folder = temporaryFolder('outputs-');
  cpSync(inputs.folder, folder, { recursive: true });
  writeFileSync(join(folder, 'mappings.json'), '{"keep":{},"prune":{}}');
  writeFileSync(join(folder, 'names.csv'), 'artist,name\r\nStereolab,Stereo Lab\r\n');
  writeFileSync(join(folder, 'owned.txt'), '1\n2\n');
  writeFileSync(join(folder, 'aliases.csv'), 'artist_id,name\r\n1,Stereo Lab\r\n');
  writeFileSync(join(folder, 'decisions.csv'), `${decisionColumns.join(',')}\r\n`);
  return folder;
}

/** Puts something in an output's place; returns the call that names it. */
function makeCase(
  output: Output,
  what: string,
  put: (place: string, folder: string) => void,
): Case {
  const folder = makeFolder();
  const place =
    output.within === undefined ? `there${output.ending ?? ''}` : `place/${output.within}`;
  if (output.within !== undefined) mkdirSync(join(folder, 'place'));
  put(join(folder, place), folder);
  const argv = output.argv(output.within === undefined ? place : 'place');
  return {
    name: `${output.bin} ${argv.join(' ')}: ${what}`,
    bin: output.bin.split(' ')[0]!,
    argv,
    folder,
    before: contentOf(folder),
  };
}

function casesOf(output: Output): Case[] {
  const made: Case[] = [];
  for (const input of output.reads) {
    made.push(
      makeCase(output, `a hard link to ${input}`, (place, folder) =>
        linkSync(join(folder, input), place),
      ),
    );
    made.push(
      makeCase(
        output,
        `${input} has the name that the output has until it is whole`,
        (place, folder) => linkSync(join(folder, input), `${place}.partial`),
      ),
    );
    if (output.within === undefined && output.ending === undefined) {
      const folder = makeFolder();
      const argv = output.argv(input);
      made.push({
        name: `${output.bin} ${argv.join(' ')}`,
        bin: output.bin.split(' ')[0]!,
        argv,
        folder,
        before: contentOf(folder),
      });
    }
  }
  made.push(
    makeCase(output, 'a symbolic link to nothing', (place, folder) =>
      symlinkSync(join(folder, 'nothing'), place),
    ),
  );
  made.push(makeCase(output, 'a pipe', (place) => void execFileSync('mkfifo', [place])));
  made.push(
    makeCase(output, 'a symbolic link where it is written first', (place, folder) =>
      symlinkSync(join(folder, 'precious.txt'), `${place}.partial`),
    ),
  );
  for (const other of ['library.db', 'releases.xml.gz'] as const)
    made.push(
      makeCase(output, `another ${other}`, (place, folder) =>
        copyFileSync(join(folder, other), place),
      ),
    );
  made.push(
    makeCase(output, 'notes of somebody', (place) =>
      writeFileSync(place, 'to do\nask about the dump\n'),
    ),
  );
  return made;
}

beforeAll(async () => {
  inputs = await makeInputs();
  cases = outputs.flatMap(casesOf);
}, 120_000);

test('every flag of every bin is known to be read, to be written, or to be a word', async () => {
  for (const bin of bins) {
    const { program } = (await import(`@wxyc/${bin.slice('wxyc-'.length)}/cli`)) as {
      program: Program;
    };
    for (const command of program.commands) {
      for (const [flag, { type }] of Object.entries(flagsOf(command))) {
        if (
          type === 'boolean' ||
          fetched.includes(`${bin} ${flag}`) ||
          outputs.some((output) => output.bin.startsWith(bin) && output.flag === flag)
        )
          continue;
        expect({ bin, flag, known: notWritten.has(flag) }).toEqual({ bin, flag, known: true });
      }
    }
  }
});

test('an output is refused where it would replace an input, a link, a pipe or a file of another kind', async () => {
  for (const { name, bin, argv, folder, before } of cases) {
    const { code, stderr: said } = await runBin(bin, argv, { cwd: folder });
    // Warnings about the library may come first.
    const last = said.trim().split('\n').at(-1);
    expect({ name, code, last }).toEqual({
      name,
      code: 2,
      last: expect.stringMatching(
        /would overwrite an input|exists and is not|is a (?:symbolic link|pipe)|is given as input and as output|same file as/,
      ),
    });
    expect({ name, after: contentOf(folder) }).toEqual({ name, after: before });
  }
}, 300_000);

test('a file of the same kind is replaced, and an empty one', async () => {
  const folder = makeFolder();
  for (const earlier of ['', 'A\nB\n']) {
    writeFileSync(join(folder, 'list.txt'), earlier);
    const { code } = await runBin(
      'wxyc-enrich',
      ['--library-db', 'library.db', '--output', 'list.txt'],
      { cwd: folder },
    );
    expect(code).toBe(0);
    expect(readFileSync(join(folder, 'list.txt'), 'utf8').length).toBeGreaterThan(5);
  }
  for (const round of [1, 2]) {
    const { code, stderr } = await runBin(
      'wxyc-filter',
      [
        'artists.txt',
        'csv',
        'out',
        '--library-db',
        'library.db',
        '--matched-only',
        '--decisions',
        'd.csv',
      ],
      { cwd: folder },
    );
    expect({ round, code, stderr }).toMatchObject({ round, code: 0 });
  }
});

test('an input that is a pipe is refused, not waited for', async () => {
  const folder = makeFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const calls: [string, string[]][] = [
    ['wxyc-convert', ['pipe', '--output', 'out']],
    ['wxyc-fix-newlines', ['pipe', 'out.csv']],
    [
      'wxyc-enrich',
      ['--library-db', 'library.db', '--library-artists', 'pipe', '--output', 'out.txt'],
    ],
    ['wxyc-enrich', ['--library-db', 'library.db', '--alternates', 'pipe', '--output', 'out.txt']],
    ['wxyc-enrich', ['--library-db', 'pipe', '--output', 'out.txt']],
    ['wxyc-filter', ['pipe', 'csv', 'out']],
    ['wxyc-verify', ['library.db', nowhere, '--mappings-file', 'pipe']],
    ['wxyc-verify', ['review', 'library.db', '--decisions', 'pipe', '--mappings-file', 'm.json']],
    ['wxyc-pipeline', ['--xml', 'pipe', '--library-db', 'library.db', '--database-url', nowhere]],
  ];
  for (const [bin, argv] of calls) {
    const { code, stderr } = await runBin(bin, argv, { cwd: folder });
    expect({ argv, code, stderr }).toEqual({
      argv,
      code: 4,
      stderr: expect.stringMatching(/pipe(?: is a pipe|: not a file)/),
    });
  }
  rmSync(join(folder, 'csv/release.csv'));
  execFileSync('mkfifo', [join(folder, 'csv/release.csv')]);
  const { code } = await runBin('wxyc-filter', ['artists.txt', 'csv', 'out'], {
    cwd: folder,
    timeout: 20_000,
  });
  expect(code).toBe(4);
}, 120_000);
