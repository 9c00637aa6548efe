/** What the frame makes of a command line: help, refusals, exit codes, streams, signals. */
import { fileURLToPath } from 'node:url';
import { stepContext, UsageError } from '@wxyc/step';
import { runCommand, type RunOptions } from '@wxyc/testing';
import type { Program } from '../dist/command.js';
import { wholeNumber } from '../dist/options.js';
import { parse } from '../dist/parse.js';
import { closest } from '../dist/suggest.js';
import { summaryTable, textTable } from '../dist/summary.js';

const bin = fileURLToPath(new URL('fixtures/program.mjs', import.meta.url));
const run = (words: string[], options: RunOptions = {}) =>
  runCommand(process.execPath, [bin, ...words], options);

let program: Program;
beforeAll(async () => {
  const fixture = new URL('fixtures/tally.mjs', import.meta.url).href;
  ({ program } = (await import(fixture)) as { program: Program });
});
async function call(words: string[]): Promise<void> {
  const { command, args } = await parse(program, words);
  await command!.run(args!, { ...stepContext(), runId: 'r', color: false });
}

test('help fits a screen: groups, defaults and examples, no line beyond 80 columns', async () => {
  const { code, stdout, stderr } = await run(['--help']);
  expect(code).toBe(0);
  expect(stderr).toBe('');
  const lines = stdout.split('\n');
  expect(lines.length).toBeLessThan(45);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(stdout).toContain('wxyc-tally <input> [database_url]');
  expect(stdout).toMatch(
    /Library:[^]*--score-cutoff +Title score to keep \(in doubt from 0\.80\) \[default: 0\.9\]/,
  );
  expect(stdout).toMatch(/Examples:[^]*things\.txt embedded:\.\/cache/);
  expect(stdout.indexOf('Arguments:')).toBeLessThan(stdout.indexOf('Database:'));
  expect(stdout.indexOf('Library:')).toBeLessThan(stdout.indexOf('Output:'));
});

test('version is that of the package', async () => {
  const { code, stdout } = await run(['--version']);
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/)]);
});

test('completion: a script for the shell, and the options of the unnamed command', async () => {
  expect((await run(['completion'])).stdout).toContain('wxyc-tally');
  expect((await run(['--get-yargs-completions', 'wxyc-tally', 'x', '--li'])).stdout).toContain(
    '--library-db',
  );
});

test.each([
  [[], '1 argument is needed, none given.'],
  [['x', '--limt', '3'], 'Unknown option --limt. Did you mean --limit?'],
  [['x', '--ilmit', '3'], 'Unknown option --ilmit. Did you mean --limit?'],
  [['x', '--librarydb=3'], 'Unknown option --librarydb. Did you mean --library-db?'],
  [['wrk', 'wait'], 'Unknown command "wrk". Did you mean "work"?'],
  [['x', 'y', 'z'], 'Unexpected argument "z".'],
  [['x', '--limit', 'abc'], '--limit takes a whole number, 1 or more.'],
  [['x', '--limit', 'NaN'], '--limit takes a whole number, 1 or more.'],
  [['x', '--limit', '1.5'], '--limit takes a whole number, 1 or more.'],
  [['x', '--limit', '2', '--limit', '3'], '--limit is given 2 times; give it once.'],
  [['x', '--schema', 'a', '--schema', 'b'], '--schema is given 2 times; give it once.'],
  [
    ['x', '--matched-only=maybe'],
    '--matched-only takes no value: give --matched-only or --no-matched-only.',
  ],
  [['x', '--no-library-db'], '--library-db takes a value and cannot be negated.'],
  [['x', '--library-db'], '--library-db needs a value.'],
  [['x', '--progress'], '--progress needs a value.'],
  [['x', '--library-db', ''], '--library-db is empty; give a value or leave it out.'],
  [['x', '--library-db', 'l', '--score-cutoff', ''], '--score-cutoff is empty; give a value'],
  [['x', '--library-db', 'l', '--score-cutoff= '], '--score-cutoff is empty; give a value'],
  [['x', '--score-cutoff', '2'], '--score-cutoff takes a number from 0 to 1'],
  [['x', '--alternates', 'names.csv'], '--alternates needs --library-db.'],
  [['x', '--score-cutoff', '0.9'], '--score-cutoff needs --library-db.'],
  [['x', '--export', 'foo'], '--export takes one of "release", "artist", not "foo".'],
  [['x', 'postgresql://a/b', '--database-url', 'postgresql://c/d'], 'The database is given twice'],
  [['x', '--', 'y', 'z'], 'Unexpected argument "z".'],
  [['x', '--', '--limit'], '"--limit" after -- looks like a flag: give it as ./--limit.'],
])('%j is refused with a sentence', async (words, sentence) => {
  const refused = await call(words).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect((refused as UsageError).message).toContain(sentence);
});

test('a whole number within bounds', () => {
  const days = wholeNumber('--days', 0, 36_500);
  expect([days(0), days(36_500)]).toEqual([0, 36_500]);
  for (const value of [-1, 36_501, 0.5])
    expect(() => days(value)).toThrow('--days takes a whole number from 0 to 36500.');
});

test('words behind -- are arguments', async () => {
  for (const words of [
    ['--', 'x', 'y'],
    ['x', '--', 'y'],
    ['x', 'y', '--'],
  ])
    expect((await parse(program, words)).args).toMatchObject({ input: 'x', database_url: 'y' });
  expect((await parse(program, ['--', '-'])).args).toMatchObject({ input: '-' });
});

test.each([
  ['limt', ['limit', 'list'], 'limit'],
  ['lmiit', ['limit'], 'limit'],
  ['lim', ['limit', 'library'], 'limit'],
  ['lib', ['library', 'library-db'], undefined],
  ['li', ['limit'], undefined],
  ['abc', ['axy'], undefined],
  ['limix', ['limit', 'limiy'], 'limit'],
  ['abcdefghijklmnop', ['abcdefghijklwxyz'], undefined],
  ['abcdefghijklmnop', ['abcdefghijklmxyz'], 'abcdefghijklmxyz'],
  ['x', [], undefined],
])('%s among %j means %s', (word, words, meant) => {
  expect(closest(word, words)).toBe(meant);
});

test('a refusal is one line on stderr, and exit 2', async () => {
  expect(await run(['x', '--limt', '3'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr: 'wxyc-tally: Unknown option --limt. Did you mean --limit? See wxyc-tally --help.\n',
  });
});

test('flags may be negated; array options may be repeated', async () => {
  const { code, stderr } = await run([
    'x',
    '--no-matched-only',
    '--export',
    'release',
    '--export',
    'artist',
  ]);
  expect(code).toBe(0);
  expect(stderr).toContain('matchedOnly=false');
  expect(stderr).toContain('export=["release","artist"]');
});

test('the database: positional, flag, environment, default', async () => {
  const url = async (words: string[], env: Record<string, string> = {}) =>
    /url=([^,]*)/.exec((await run(['x', ...words], { env })).stderr)?.[1];
  expect(await url(['postgresql://a/b'])).toBe('postgresql://a/b');
  expect(await url(['--database-url', 'embedded:./c'], { DATABASE_URL: 'postgresql://e/f' })).toBe(
    'embedded:./c',
  );
  expect(await url([], { DATABASE_URL: 'postgresql://e/f' })).toBe('postgresql://e/f');
  expect(await url([], { DATABASE_URL: '' })).toBe('postgresql://localhost:5432/discogs');
});

test('results go to stdout as a table, logs to stderr', async () => {
  const { stdout, stderr } = await run(['x']);
  expect(stdout).toMatch(
    /^step +of +read +written +dropped +time\n.*\ntally +rows +1,200 +1,000 +200 +0\.5s\n {2}200 dropped: not in the library\n$/,
  );
  // One line: that it is done, with its counts, is for programs that read JSON.
  expect(stderr).toMatch(/^\d\d:\d\d:\d\d tally: counting x .*\n$/);
});

test('--log-format json: every line of stderr is an object with run, step and counts', async () => {
  const { stderr } = await run(['x', '--limit', '7', '--log-format', 'json']);
  const lines = stderr
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as Record<string, unknown>);
  const run7 = expect.stringMatching(/^\d{8}-\d{6}-[0-9a-f]{4}$/) as unknown;
  expect(lines).toMatchObject([
    { level: 'info', step: 'tally', run: run7, limit: 7, msg: 'counting x' },
    { level: 'info', step: 'tally', run: run7, read: 1200, written: 1000, msg: 'done' },
  ]);
});

test.each([
  ['bad', 4, 'The file is not a dump'],
  ['missing', 4, '/nowhere/file.csv does not exist.'],
  ['fault', 1, 'x is not a function'],
  ['stray', 1, 'stray fault'],
])(
  'work that fails (%s) ends with %i and one line; the stack is shown at debug only',
  async (kind, exit, sentence) => {
    const quiet = await run(['work', kind]);
    expect(quiet.code).toBe(exit);
    expect(quiet.stderr).toContain(sentence);
    expect(quiet.stderr).not.toContain('    at ');
    // A stack helps only with faults of the program.
    expect(quiet.stderr.includes('--log-level debug shows where')).toBe(exit === 1);
    const debug = await run(['work', kind, '--log-level', 'debug']);
    expect(debug.code).toBe(exit);
    expect(debug.stderr).toContain('    at ');
  },
);

test('a failure is reported at every log level, and only on stderr', async () => {
  const { code, stdout, stderr } = await run(['work', 'bad', '--log-level', 'silent']);
  expect([code, stdout]).toEqual([4, '']);
  expect(stderr).toContain('The file is not a dump');
});

test('a reader that goes away does not fail the work', async () => {
  const { stdout } = await runCommand('bash', [
    '-c',
    `set -o pipefail; "${process.execPath}" "${bin}" work flood | head -1; echo "\${PIPESTATUS[0]}"`,
  ]);
  expect(stdout).toBe('line 0\n0\n');
});

test('colours: NO_COLOR wins over FORCE_COLOR', async () => {
  expect((await run(['x'], { env: { FORCE_COLOR: '1' } })).stderr).toContain('\x1b[');
  expect((await run(['x'], { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stderr).not.toContain(
    '\x1b[',
  );
});

test('tables: columns as wide as their widest cell, two blanks between, numbers to the right', () => {
  expect(
    textTable(
      ['table', 'rows'],
      [
        ['release', '12'],
        ['東京', '1,234'],
      ],
      [1],
    ),
  ).toBe('table     rows\n-------  -----\nrelease     12\n東京     1,234\n');
  expect(summaryTable([])).toBe('');
  const step = {
    step: 'a',
    unit: 'rows',
    read: 3,
    written: 2,
    dropped: { x: 1, y: 0 },
    seconds: 1,
  };
  expect(summaryTable([step, { ...step, step: 'b', dropped: {}, note: 'a note' }])).toBe(
    `step  of    read  written  dropped  time
----  ----  ----  -------  -------  ----
a     rows     3        2        1  1.0s
  1 dropped: x
b     rows     3        2        0  1.0s
  a note
total 2.0s
`,
  );
});
