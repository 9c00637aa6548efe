/** Steps that somebody runs by hand on a build whose publication was refused, before the run is resumed. */
import { runBin, succeeded, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { contentOf, csvRunInputs } from './inputs.ts';

let inputs: Awaited<ReturnType<typeof csvRunInputs>>;
let csv: string;
let expected: Record<string, string[]>;
let database: TestDatabase;

beforeAll(async () => {
  inputs = await csvRunInputs();
  ({ csv, expected } = inputs);
}, 120_000);

beforeEach(async () => {
  database = await testDatabase({ owner: 'plain' });
});
afterEach(() => database.drop());

const hand = async (bin: string, ...words: string[]): Promise<void> =>
  succeeded(await runBin(bin, words));

/** A run whose publication is refused, since the published cache has become larger meanwhile. Returns how to call it again. */
async function refusedRun(...further: string[]): Promise<(...more: string[]) => Promise<string>> {
  const cwd = temporaryFolder();
  const words = ['--csv-dir', csv, '--library-db', inputs.libraryDb, ...further];
  const call = (...more: string[]) =>
    runBin('wxyc-pipeline', [...words, '--database-url', database.url, ...more], { cwd });
  succeeded(await call());
  await database.query(
    "INSERT INTO release (id, title) SELECT id, 'Of an earlier dump' FROM generate_series(1000001, 1002000) id; INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM generate_series(1000001, 1002000) id",
  );
  const refused = await call();
  expect(refused.stderr).toContain('--max-shrink');
  expect(refused.code).not.toBe(0);
  return async (...more) => {
    const resumed = await call('--resume', ...more);
    succeeded(resumed);
    return resumed.stderr;
  };
}

test('an import by hand undoes the steps that build on it: the resume repeats them', async () => {
  const resume = await refusedRun();
  await hand('wxyc-import', csv, database.url, '--schema', 'discogs_next');
  await hand('wxyc-index', database.url, '--schema', 'discogs_next');
  await resume('--allow-shrink');
  expect(await contentOf(database.url)).toEqual(expected);
}, 120_000);

test('a build that was published by hand is not built again: the resume only copies', async () => {
  const target = await testDatabase({ owner: 'plain' });
  const resume = await refusedRun('--target-db-url', target.url);
  await target.query('TRUNCATE release CASCADE');
  await hand('wxyc-schema', 'publish', database.url, '--max-shrink', '100');
  const said = await resume();
  expect(said).toContain('replace the published cache: already done');
  expect(said).not.toMatch(/repeating these steps|done in .*: import/);
  expect(await contentOf(target.url)).toEqual(expected);
  await target.drop();
}, 120_000);
