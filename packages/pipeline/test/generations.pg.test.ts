/** One month after another on the same database, as an operator has them. */
import { existsSync, linkSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, temporaryFolder, testDatabase, type RunResult, type TestDatabase } from '@wxyc/testing';
import { ending, makeInputs, succeeded, type Inputs } from './inputs.ts';

let inputs: Inputs;
let database: TestDatabase;
const dumpOf = (month: string): string => join(inputs.folder, `discogs_${month.replace('-', '')}01_releases.xml.gz`);

beforeAll(async () => {
  inputs = await makeInputs(150, 20);
  for (const month of ['2026-08', '2026-09']) linkSync(inputs.xml, dumpOf(month));
  database = await testDatabase({ owner: 'plain' });
}, 60_000);
afterAll(() => database.drop());

const run = (month: string, more: string[] = [], cwd = temporaryFolder()): Promise<RunResult> =>
  runBin('wxyc-pipeline', [...more, '--xml', dumpOf(month), '--library-db', inputs.libraryDb, '--database-url', database.url], { cwd });
const origin = (): Promise<unknown[]> => database.query('SELECT month, dump, library IS NOT NULL AS library, library_albums AS albums, profile FROM cache_origin');

test('an older month is refused before the first step, doctor says so, and --allow-older lets it pass', async () => {
  succeeded(await run('2026-09'));
  const september = [{ month: '2026-09', dump: 'discogs_20260901_releases.xml.gz', library: true, albums: 20, profile: 'lean' }];
  expect(await origin()).toEqual(september);
  const cwd = temporaryFolder();
  const refused = await run('2026-08', [], cwd);
  expect(ending(refused)).toEqual({ code: 1, last: expect.stringMatching(/dump is of 2026-08, and the published cache is of 2026-09.*--allow-older.*Nothing was changed/) });
  expect(refused.stderr).not.toContain('step 1');
  expect(existsSync(join(cwd, '.pipeline_state.json'))).toBe(false);
  const doctor = await run('2026-08', ['doctor']);
  expect(doctor).toMatchObject({ code: 5, stdout: expect.stringMatching(/^FAIL +database +The dump is of 2026-08/m) });
  expect(await origin()).toEqual(september);
  succeeded(await run('2026-08', ['--allow-older']));
  expect(await origin()).toMatchObject([{ month: '2026-08' }]);
}, 120_000);
