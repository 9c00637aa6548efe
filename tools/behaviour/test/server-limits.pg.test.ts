/** Limits that would end a run hours after its start are found by doctor and before the first step, or do no harm. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runBin, runWords, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let database: TestDatabase;
let role: { name: string; url: string };

beforeAll(async () => (inputs = await makeInputs()), 120_000);
beforeEach(async () => {
  database = await testDatabase();
  role = await database.role();
  await database.query(
    `ALTER SCHEMA public OWNER TO ${role.name}; ALTER DATABASE ${database.name} OWNER TO ${role.name}`,
  );
});
afterEach(() => database.drop());

const words = (): string[] => [...runWords(inputs, role.url)];

async function refused(sentence: RegExp): Promise<void> {
  const cwd = temporaryFolder();
  const doctor = await runBin('wxyc-pipeline', ['doctor', ...words()], { cwd });
  expect({ code: doctor.code, stdout: doctor.stdout }).toEqual({
    code: 5,
    stdout: expect.stringMatching(new RegExp(`FAIL.*${sentence.source}`)),
  });
  const { code, stderr } = await runBin('wxyc-pipeline', words(), { cwd });
  expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(sentence) });
  expect(stderr).not.toContain('step 1');
  expect(existsSync(join(cwd, '.pipeline_state.json'))).toBe(false);
}

async function goesThrough(): Promise<void> {
  const { code, stderr } = await runBin('wxyc-pipeline', words(), { cwd: temporaryFolder() });
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
}

test('a publication for all tables', async () => {
  await database.query('CREATE PUBLICATION everything FOR ALL TABLES');
  await refused(/the publication everything is FOR ALL TABLES/);
  await database.query("ALTER PUBLICATION everything SET (publish = 'insert')");
  await goesThrough();
}, 120_000);

test('too few connections for the role', async () => {
  await database.query(`ALTER ROLE ${role.name} CONNECTION LIMIT 5`);
  await refused(/more connections are free, but a run needs \d+ \(ALTER ROLE/);
  await database.query(`ALTER ROLE ${role.name} CONNECTION LIMIT 10`);
  await goesThrough();
}, 120_000);

test('too few connections for the database', async () => {
  await database.query(`ALTER DATABASE ${database.name} CONNECTION LIMIT 4`);
  await refused(/more connections are free, but a run needs \d+ \(ALTER DATABASE/);
}, 120_000);

test('a limit for temporary files', async () => {
  await database.query(`ALTER ROLE ${role.name} SET temp_file_limit = '1MB'`);
  await refused(/temp_file_limit is 1\.0 MB, but sorting may write 16\.0 MB/);
}, 120_000);

test('a server that quotes every name', async () => {
  await database.query(`ALTER DATABASE ${database.name} SET quote_all_identifiers = on`);
  await goesThrough();
  expect((await runBin('wxyc-schema', ['check', role.url])).code).toBe(0);
  await goesThrough();
}, 120_000);

test('no right to create schemas, and the build schema made by an administrator: month after month', async () => {
  await database.query(
    `ALTER DATABASE ${database.name} OWNER TO CURRENT_USER; REVOKE CREATE ON DATABASE ${database.name} FROM PUBLIC; CREATE SCHEMA discogs_next AUTHORIZATION ${role.name}`,
  );
  await refused(/may not create the schema discogs for the search functions/);
  await database.query(`CREATE SCHEMA discogs AUTHORIZATION ${role.name}`);
  await goesThrough();
  await refused(/may not create the schema discogs_previous for the replaced cache/);
  await database.query(`CREATE SCHEMA discogs_previous AUTHORIZATION ${role.name}`);
  for (let month = 2; month <= 3; month++) await goesThrough();
  expect(
    await database.query(
      "SELECT count(*)::int AS tables FROM pg_class WHERE relnamespace = 'discogs_next'::regnamespace AND relkind = 'r'",
    ),
  ).toEqual([{ tables: 0 }]);
}, 120_000);

test('a superuser is warned, an owner of the database is not', async () => {
  const asOwner = await runBin('wxyc-pipeline', ['doctor', ...words()], { cwd: temporaryFolder() });
  expect(asOwner.stdout).not.toContain('is a superuser');
  const asSuperuser = [...runWords(inputs, database.url)];
  await database.query(`ALTER SCHEMA public OWNER TO CURRENT_USER`);
  expect(
    (await runBin('wxyc-pipeline', ['doctor', ...asSuperuser], { cwd: temporaryFolder() })).stdout,
  ).toMatch(/LOOK.*is a superuser: code that others have put/);
  expect((await runBin('wxyc-pipeline', asSuperuser, { cwd: temporaryFolder() })).stderr).toMatch(
    /WARN.*is a superuser/,
  );
}, 120_000);
