import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { during, root, runBin, runCommand, startBin, temporaryFolder } from '@wxyc/testing';

const dump = join(import.meta.dirname, 'fixtures', 'releases-2020', 'releases.xml.gz');
const broken = (name: string): string => join(import.meta.dirname, 'fixtures', 'broken', name);

/** A dump that takes a while. */
function longDump(folder: string): string {
  const path = join(folder, 'long.xml.gz');
  const record = `<release id="1" status="Accepted"><artists><artist><id>1</id><name>A</name></artist></artists><title>${'T'.repeat(200)}</title><notes><![CDATA[x]]></notes></release>`;
  writeFileSync(path, gzipSync(`<releases>${record.repeat(30_000)}</releases>`, { level: 1 }));
  return path;
}

test('converts and prints the table', async () => {
  const output = temporaryFolder();
  const { code, stdout, stderr } = await runBin('wxyc-convert', [dump, '--output', output]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/convert +releases +24 +24 +0/);
  expect(stderr).toMatch(/converting/);
  expect(readdirSync(output).sort()).toEqual(
    readdirSync(join(import.meta.dirname, 'fixtures', 'releases-2020', 'expected')).sort(),
  );
});

test('filters, limits, and counts what it left out', async () => {
  const output = temporaryFolder();
  writeFileSync(join(output, 'artists.txt'), 'Josh Wink\n');
  const { code, stdout } = await runBin('wxyc-convert', [
    dump,
    '--output',
    join(output, 'csv'),
    '--library-artists',
    join(output, 'artists.txt'),
    '--limit',
    '10',
    '--jobs',
    '1',
  ]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/convert +releases +10 +\d+ +\d+/);
  expect(stdout).toMatch(/dropped: not in the library/);
});

test.each([
  ['no input', [], 2],
  ['no --output', [dump], 2],
  ['an unknown flag', [dump, '--output', 'x', '--fast'], 2],
  ['--matched-only without a library', [dump, '--output', 'x', '--matched-only'], 2],
  ['--decisions without --matched-only', [dump, '--output', 'x', '--decisions', 'd.csv'], 2],
  ['--limit 0', [dump, '--output', 'x', '--limit', '0'], 2],
  ['two dumps of one kind', [dump, broken('sound.xml'), '--output', 'x'], 2],
  ['a missing file', ['nowhere.xml', '--output', 'x'], 4],
  ['a truncated dump', [broken('truncated.xml.gz'), '--output', 'x'], 4],
  ['an HTML page', [broken('html.xml.gz'), '--output', 'x'], 4],
  ['too many rejects', [broken('missing-end.xml'), '--output', 'x', '--max-rejects', '0'], 4],
  [
    'an artist file that matches nothing',
    [dump, '--output', 'x', '--library-artists', 'nobody.txt'],
    4,
  ],
])('%s: the exit code, and one sentence', async (_, args, expected) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, 'nobody.txt'), 'Nobody At All\n');
  const { code, stdout, stderr } = await runBin('wxyc-convert', args, { cwd });
  expect(code).toBe(expected);
  expect(stdout).toBe('');
  expect(stderr).not.toMatch(/\n +at /);
});

test('a second run into the same directory is refused with exit 75', async () => {
  const output = temporaryFolder();
  const csv = join(output, 'csv');
  const first = startBin('wxyc-convert', [longDump(output), '--output', csv, '--jobs', '1']);
  const second = await during(
    first,
    () => existsSync(join(csv, '.wxyc-output.lock')),
    () => runBin('wxyc-convert', [dump, '--output', csv]),
  );
  expect(second.code).toBe(75);
  expect(second.stderr).toMatch(/being written by another run/);
  expect(await first.finished).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('30,000'),
  });
});

test('Ctrl-C ends it with 130, and only the files from before are left', async () => {
  const folder = temporaryFolder();
  const output = join(folder, 'csv');
  mkdirSync(output);
  const earlier = 'id,title\n1,from an earlier run\n';
  writeFileSync(join(output, 'release.csv'), earlier);
  const running = startBin('wxyc-convert', [longDump(folder), '--output', output, '--jobs', '1']);
  await running.until(() => existsSync(join(output, 'release_image.csv.partial')));
  running.child.kill('SIGINT');
  expect(await running.finished).toMatchObject({ code: 130 });
  expect(readdirSync(output)).toEqual(['release.csv']);
  expect(readFileSync(join(output, 'release.csv'), 'utf8')).toBe(earlier);
});

test('a killed run does not block the next one', async () => {
  const folder = temporaryFolder();
  const output = join(folder, 'csv');
  const running = startBin('wxyc-convert', [longDump(folder), '--output', output, '--jobs', '1']);
  await running.until(() => existsSync(join(output, 'release_image.csv.partial')));
  running.child.kill('SIGKILL');
  await running.finished;
  expect(existsSync(join(output, 'release.csv'))).toBe(false);
  expect((await runBin('wxyc-convert', [dump, '--output', output])).code).toBe(0);
  expect(readdirSync(output).filter((name) => !name.endsWith('.csv'))).toEqual([]);
});

test('a mistyped flag is named, not the missing one', async () => {
  const { code, stderr } = await runBin('wxyc-convert', ['dump.xml', '--outptu', 'csv']);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('Unknown option --outptu. Did you mean --output?'),
  });
});

describe('stdin', () => {
  /** `wxyc-convert -` behind a pipe; its exit code, whatever the program before it returned. */
  const behind = (command: string, args: string[]) =>
    runCommand('bash', [
      '-c',
      `${command} | "$0" "$@"; exit "\${PIPESTATUS[-1]}"`,
      process.execPath,
      join(root, 'packages/convert/bin/wxyc-convert.js'),
      '-',
      ...args,
    ]);
  const filesOf = (folder: string): Record<string, string> =>
    Object.fromEntries(
      readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]),
    );

  test.each([
    ['unpacked', `gzip -dc ${dump}`],
    ['gzipped', `cat ${dump}`],
  ])('a dump that comes %s through a pipe gives the same files', async (_, command) => {
    const output = temporaryFolder();
    const { code, stderr } = await behind(command, ['--output', output]);
    expect([code, stderr]).toEqual([0, expect.stringContaining('stdin')]);
    expect(filesOf(output)).toEqual(
      filesOf(join(import.meta.dirname, 'fixtures', 'releases-2020', 'expected')),
    );
  });

  test.each([
    ['nothing', 'true', /stdin is empty/],
    ['no dump', 'echo hello', /stdin begins with "hello/],
    [
      'half a dump',
      `gzip -dc ${dump} | head -c 9000`,
      /stdin is cut off [^]*see what the program that writes it reports/,
    ],
    ['half a gzipped dump', `head -c 9000 ${dump}`, /stdin is damaged at byte \d+/],
  ])('%s is reported', async (_, command, message) => {
    const { code, stderr } = await behind(command, ['--output', temporaryFolder()]);
    expect([code, stderr]).toEqual([4, expect.stringMatching(message)]);
  });

  test('an artists dump cannot come through a pipe if it is read twice', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'library.csv'), 'artist,title\nJosh Wink,Profound Sounds\n');
    const command = `echo '<artists><artist><id>1</id></artist></artists>'`;
    const library = ['--library-db', join(folder, 'library.csv')];
    const { code, stderr } = await behind(command, [
      dump,
      '--output',
      join(folder, 'csv'),
      ...library,
    ]);
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('stdin holds the artists dump, which is read twice'),
    ]);
  });

  test('the program before the pipe ends once enough has been read', async () => {
    const output = temporaryFolder();
    const endless = `(printf '<releases>'; yes '<release id="1"><title>T</title></release>')`;
    const { code } = await behind(endless, ['--limit', '5', '--output', output]);
    expect(code).toBe(0);
    expect(readFileSync(join(output, 'release.csv'), 'utf8').match(/\n1,T/g)).toHaveLength(5);
  });

  test('a named pipe is refused, and the way that works is named', async () => {
    const folder = temporaryFolder();
    await runCommand('mkfifo', [join(folder, 'pipe')]);
    const { code, stderr } = await runBin('wxyc-convert', [
      join(folder, 'pipe'),
      '--output',
      folder,
    ]);
    expect([code, stderr]).toEqual([4, expect.stringContaining('- on the command line for stdin')]);
  });
});
