/** The database goes back to an earlier state behind the state file's back: a failover, a restored backup, another run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, openClient } from '@wxyc/postgres';
import { runBin, succeeded, temporaryFolder, testDatabase } from '@wxyc/testing';
import { contentOf, csvRunInputs, killAt, makeInputs, type CsvRunInputs } from './inputs.ts';

let inputs: CsvRunInputs;
let csv: string;
let expected: Record<string, string[]>;
const database = () => testDatabase({ owner: 'plain' });
const stateIn = (folder: string): string => join(folder, '.pipeline_state.json');
const csvRun = (url: string): string[] => inputs.run(url);

beforeAll(async () => {
  inputs = await csvRunInputs();
  ({ csv, expected } = inputs);
}, 120_000);

// Back to before there was a build, before dedup, before prune.
test.each([1, 4, 6])(
  'restored to where step %i began: steps that the state file calls done are repeated where their result is missing',
  async (step) => {
    const target = await database();
    const cwd = temporaryFolder();
    await killAt(csvRun(target.url), cwd, new RegExp(`step ${step} of 9`));
    const backup = await target.backUp();
    await killAt([...csvRun(target.url), '--resume'], cwd, /step 8 of 9/);
    expect(JSON.parse(readFileSync(stateIn(cwd), 'utf8'))).toMatchObject({
      steps: { prune: { status: 'completed' } },
    });
    await backup.restore();
    const resumed = await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd });
    succeeded(resumed);
    expect(resumed.stderr).toContain('the database does not hold what the state file says is done');
    expect(await contentOf(target.url)).toEqual(expected);
    expect(
      await target.query(
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'release' AND column_name = 'master_id'",
      ),
    ).toEqual([]);
    await target.drop();
  },
  90_000,
);

test('restored to before the publication: it is published again', async () => {
  const target = await database();
  const cwd = temporaryFolder();
  await killAt(csvRun(target.url), cwd, /step 9 of 9/);
  const backup = await target.backUp();
  succeeded(await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd }));
  await backup.restore();
  succeeded(await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd }));
  expect(await contentOf(target.url)).toEqual(expected);
  await target.drop();
}, 90_000);

test('a build that another run has begun meanwhile is not taken for this one', async () => {
  const target = await database();
  const [one, two] = [temporaryFolder(), temporaryFolder()];
  const other = await makeInputs(400, 20);
  await killAt(csvRun(target.url), one, /step 6 of 9/);
  await killAt(
    ['--csv-dir', csv, '--library-db', other.libraryDb, '--database-url', target.url],
    two,
    /step 7 of 9/,
  );
  succeeded(await runBin('wxyc-pipeline', [...csvRun(target.url), '--resume'], { cwd: one }));
  expect(await contentOf(target.url)).toEqual(expected);
  await target.drop();
}, 90_000);

test('the target of a copy is restored: it is copied again', async () => {
  const [source, target] = [await database(), await database()];
  const cwd = temporaryFolder();
  const words = [...csvRun(source.url), '--target-db-url', target.url];
  const empty = await target.backUp();
  succeeded(await runBin('wxyc-pipeline', words, { cwd }));
  await empty.restore();
  succeeded(await runBin('wxyc-pipeline', [...words, '--resume'], { cwd }));
  expect(await contentOf(target.url)).toEqual(expected);
  await Promise.all([source.drop(), target.drop()]);
}, 90_000);

test('commits are on disk before they are recorded, whatever the role is set to', async () => {
  const target = await database();
  await target.query('ALTER ROLE CURRENT_USER SET synchronous_commit = off');
  const client = await openClient(target.url);
  const pool = await connect(target.url);
  expect((await client.query('SHOW synchronous_commit')).rows).toEqual([
    { synchronous_commit: 'on' },
  ]);
  expect([...(await pool.unsafe('SHOW synchronous_commit'))]).toEqual([
    { synchronous_commit: 'on' },
  ]);
  await Promise.all([client.end(), pool.end()]);
  await target.drop();
}, 60_000);
