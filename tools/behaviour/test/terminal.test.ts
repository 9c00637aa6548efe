/** What reaches a terminal: no orders from names, and no success where results were lost. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { root, runBin, runCommand } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
beforeAll(async () => (inputs = await makeInputs()), 120_000);

// A colour, a window title, an 8-bit CSI, an override of the direction, an isolate.
const orders = '\u001b[31m\u001b]0;owned\u0007\u009b2J\u202e\u2066';
const forbidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test('never J: names from a decisions file give no orders to the terminal', async () => {
  const libraryDb = join(inputs.folder, 'two.db');
  const database = new Database(libraryDb);
  database.exec("CREATE TABLE library (artist text, title text); INSERT INTO library VALUES ('Stereolab', 'Dots and Loops')");
  database.close();
  const decisions = join(inputs.folder, 'orders.csv');
  writeFileSync(decisions, `release_id,artist,title,decision,matched_artist,matched_title,artist_score,title_score,score,rule\r\n1,Stereolab,Dots and ${orders},REVIEW,,,100,72.7,0.7,3\r\n`);
  const { code, stdout, stderr } = await runBin('wxyc-verify', ['review', libraryDb, '--decisions', decisions, '--mappings-file', join(inputs.folder, 'm.json')], { input: 'p\n' });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('\\u001b[31m');
  expect(stdout + stderr).not.toMatch(forbidden);
  const json = await runBin('wxyc-verify', ['review', inputs.libraryDb, '--decisions', `${decisions}${orders}`, '--log-format', 'json']);
  expect(json.code).toBe(4);
  expect(json.stdout + json.stderr).not.toMatch(forbidden);
});

test('never L: results that cannot be written are a failure, a reader that goes away is none', async () => {
  const bin = join(root, 'packages/enrich/bin/wxyc-enrich.js');
  const call = `"${process.execPath}" "${bin}" --library-db "${inputs.libraryDb}" --output "${join(inputs.folder, 'list.txt')}"`;
  const full = await runCommand('sh', ['-c', `${call} > /dev/full`]);
  expect({ code: full.code, stderr: full.stderr }).toEqual({ code: 1, stderr: expect.stringContaining('The results could not be written to stdout: the disk is full') });
  const help = await runCommand('sh', ['-c', `"${process.execPath}" "${bin}" --help > /dev/full`]);
  expect(help.code).toBe(1);
  const gone = await runCommand('sh', ['-c', `{ ${call}; echo "exit $?" >&2; } | true`]);
  expect(gone.stderr).toContain('exit 0');
});
