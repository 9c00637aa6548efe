/** `--gentle`: what it says it does, seen from the server, whichever bin is asked. */
import { runBin, runWords, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let database: TestDatabase;
beforeAll(async () => {
  inputs = await makeInputs();
});
beforeEach(async () => {
  database = await testDatabase();
  // Notes the settings of every session that creates, alters or drops something.
  await database.query(`CREATE SCHEMA watch;
    CREATE TABLE watch.noted (name text, session text, work_mem text);
    CREATE FUNCTION watch.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO watch.noted VALUES (split_part(current_setting('application_name'), ' ', 1),
        concat_ws(' ', current_setting('max_parallel_workers_per_gather'), current_setting('max_parallel_maintenance_workers'),
          current_setting('maintenance_work_mem'), current_setting('vacuum_cost_delay')), current_setting('work_mem')); END $$;
    CREATE EVENT TRIGGER noting ON ddl_command_end EXECUTE FUNCTION watch.note();
    CREATE EVENT TRIGGER noting_drops ON sql_drop EXECUTE FUNCTION watch.note()`);
});
afterEach(() => database.drop());

/** Which settings the sessions of each bin had. */
async function noted(): Promise<Record<string, string[]>> {
  const rows = await database.query<{ name: string; sessions: string[] }>(
    "SELECT name, array_agg(DISTINCT session ORDER BY session) AS sessions FROM watch.noted WHERE name LIKE 'wxyc-%' GROUP BY 1 ORDER BY 1",
  );
  return Object.fromEntries(rows.map(({ name, sessions }) => [name, sessions]));
}

const gentle = ['0 0 64MB 2ms'];
const schema = ['--schema', 'discogs_next'];

test('every step that loads a server', async () => {
  const cwd = temporaryFolder();
  const { url } = database;
  await runBin('wxyc-convert', [inputs.xml, '--output', 'csv', '--clean-newlines'], { cwd });
  await runBin('wxyc-schema', ['create', url, ...schema], { cwd });
  await database.query('TRUNCATE watch.noted');
  for (const [bin, ...args] of [
    ['wxyc-import', 'csv', url],
    ['wxyc-index', url],
    // Drops what the import left for a dedup that has not run.
    ['wxyc-vacuum', url],
    ['wxyc-import', 'csv', url],
    ['wxyc-dedup', url],
    ['wxyc-verify', inputs.libraryDb, url],
  ] as [string, ...string[]][])
    expect(await runBin(bin, [...args, ...schema, '--gentle'], { cwd })).toMatchObject({ code: 0 });
  expect(await noted()).toEqual({
    'wxyc-dedup': gentle,
    'wxyc-import': gentle,
    'wxyc-index': gentle,
    'wxyc-vacuum': gentle,
    'wxyc-verify': gentle,
  });
  // dedup raises it otherwise.
  expect(
    await database.query("SELECT DISTINCT work_mem FROM watch.noted WHERE name = 'wxyc-dedup'"),
  ).toEqual(await database.query("SELECT current_setting('work_mem') AS work_mem"));
}, 240_000);

test('a whole run, and one without it', async () => {
  const run = (...flags: string[]) =>
    runBin('wxyc-pipeline', [...runWords(inputs, database.url), ...flags], {
      cwd: temporaryFolder(),
    });
  expect(await run('--gentle')).toMatchObject({ code: 0 });
  const steps = ['wxyc-dedup', 'wxyc-import', 'wxyc-index', 'wxyc-match', 'wxyc-publish'];
  const seen = await noted();
  expect(Object.keys(seen)).toEqual(expect.arrayContaining(steps));
  for (const sessions of Object.values(seen)) expect(sessions).toEqual(gentle);
  await database.query('TRUNCATE watch.noted');
  expect(await run()).toMatchObject({ code: 0 });
  const plain = await noted();
  expect(Object.keys(plain)).toEqual(expect.arrayContaining(steps));
  for (const sessions of Object.values(plain)) expect(sessions).not.toContain(gentle[0]);
}, 240_000);
