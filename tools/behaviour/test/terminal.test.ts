/** What reaches a terminal: no orders from names, and no success where results were lost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decisionColumns } from '@wxyc/matching';
import { libraryFile, root, runBin, runCommand } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
beforeAll(async () => (inputs = await makeInputs()), 120_000);

// The start of a colour or a window title, a bell, an 8-bit CSI, a direction override, an isolate: no letters, so that
// titles with them are still read as the same.
const orders = '\u001b[\u001b]\u0007\u009b\u202e\u2066';
const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('names from a decisions file give no orders to the terminal', async () => {
  const libraryDb = libraryFile([['Stereolab', 'Emperor Tomato Ketchup']]);
  const decisions = join(inputs.folder, 'orders.csv');
  // Each is near enough to be asked about.
  const titles = [
    `Emperor Tomato Catchup${orders}`,
    `Emperor ${orders}Tomato Catchup`,
    `E${orders}mperor Tomato Catchup`,
  ];
  const rows = titles.map((title, at) => [
    at + 1,
    'Stereolab',
    title,
    'REVIEW',
    1,
    'Stereolab',
    'Emperor Tomato Ketchup',
    100,
    87,
    0.87,
    '3 same artist',
  ]);
  writeFileSync(
    decisions,
    [decisionColumns, ...rows].map((row) => `${row.join(',')}\r\n`).join(''),
  );
  const { code, stdout, stderr } = await runBin(
    'wxyc-verify',
    [
      'review',
      libraryDb,
      '--decisions',
      decisions,
      '--mappings-file',
      join(inputs.folder, 'm.json'),
      '--keep-ids',
      join(inputs.folder, 'ids.txt'),
    ],
    { input: 's\n' },
  );
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('\\u001b[');
  expect(stdout + stderr).not.toMatch(forbidden);
  const json = await runBin('wxyc-verify', [
    'review',
    inputs.libraryDb,
    '--decisions',
    `${decisions}${orders}`,
    '--log-format',
    'json',
  ]);
  expect(json.code).toBe(4);
  expect(json.stdout + json.stderr).not.toMatch(forbidden);
});

test('results that cannot be written are a failure, a reader that goes away is not', async () => {
  const bin = join(root, 'packages/enrich/bin/wxyc-enrich.js');
  const call = `"${process.execPath}" "${bin}" --library-db "${inputs.libraryDb}" --output "${join(inputs.folder, 'list.txt')}"`;
  const full = await runCommand('sh', ['-c', `${call} > /dev/full`]);
  expect({ code: full.code, stderr: full.stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('The results could not be written to stdout: the disk is full'),
  });
  const help = await runCommand('sh', ['-c', `"${process.execPath}" "${bin}" --help > /dev/full`]);
  expect(help.code).toBe(1);
  const gone = await runCommand('sh', ['-c', `{ ${call}; echo "exit $?" >&2; } | true`]);
  expect(gone.stderr).toContain('exit 0');
});
