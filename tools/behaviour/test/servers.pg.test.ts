/** Databases as they really are: other locales, role and database settings, extensions elsewhere, a standby. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tablesOf } from '@wxyc/dataset';
import pg from 'pg';
import {
  runBin,
  startOwnServer,
  temporaryFolder,
  testDatabase,
  type RunResult,
  type TestDatabase,
} from '@wxyc/testing';
import { makeInputs, type Inputs } from './commands.js';

let inputs: Inputs;
let usual: string;

/** Runs the pipeline on a database in a new folder. */
const run = (url: string, cwd = temporaryFolder()): Promise<RunResult> =>
  runBin(
    'wxyc-pipeline',
    ['--xml', inputs.xml, '--library-db', inputs.libraryDb, '--database-url', url],
    { cwd },
  );
const doctor = (url: string): Promise<RunResult> =>
  runBin(
    'wxyc-pipeline',
    ['doctor', '--xml', inputs.xml, '--library-db', inputs.libraryDb, '--database-url', url],
    { cwd: temporaryFolder() },
  );

/** All rows that a run writes, whatever the database's own order and settings are. */
async function content(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      "SET search_path = public; SET statement_timeout = 0; SET DateStyle = 'ISO'; SET quote_all_identifiers = off",
    );
    const parts: string[] = [];
    for (const { name: table } of tablesOf('lean').filter(({ csv }) => csv)) {
      const { rows } = await client.query<{ row: string }>(
        `SELECT t::text AS row FROM ${table} t ORDER BY t::text COLLATE "C"`,
      );
      parts.push(table, ...rows.map(({ row }) => row));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  inputs = await makeInputs();
  const database = await testDatabase();
  const { code, stderr } = await run(database.url);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/ERROR/) });
  usual = await content(database.url);
  expect(usual.split('\n').length).toBeGreaterThan(100);
  await database.drop();
}, 180_000);

const version = async (database: TestDatabase): Promise<number> =>
  Number(
    (await database.query("SELECT current_setting('server_version_num')::int / 10000 AS v"))[0]![
      'v'
    ],
  );

/** Another database on the server, created with these options. */
async function madeWith(words: string): Promise<{ url: string; drop: () => Promise<void> }> {
  const beside = await testDatabase();
  const name = `${beside.name}_x`;
  await beside.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8' ${words}`);
  const url = new URL(beside.url);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await beside.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await beside.drop();
    },
  };
}

test("settings of the database and of the role are not the run's", async () => {
  const database = await testDatabase();
  const role = await database.role();
  await database.query(
    `ALTER DATABASE ${database.name} OWNER TO ${role.name}; ALTER SCHEMA public OWNER TO ${role.name}`,
  );
  const settings = {
    search_path: 'nowhere',
    statement_timeout: '400ms',
    lock_timeout: '100ms',
    idle_in_transaction_session_timeout: '200ms',
    default_transaction_read_only: 'on',
    default_transaction_isolation: 'serializable',
    default_transaction_deferrable: 'on',
    DateStyle: 'German, DMY',
    IntervalStyle: 'sql_standard',
    TimeZone: 'Asia/Kolkata',
    bytea_output: 'escape',
    extra_float_digits: '-15',
    quote_all_identifiers: 'on',
    transform_null_equals: 'on',
    standard_conforming_strings: 'off',
    gin_fuzzy_search_limit: '1',
    client_encoding: 'LATIN1',
  };
  const quoted = Object.entries(settings).map(([name, value]) => `SET ${name} = '${value}'`);
  // From another database: this one's settings would apply at once.
  const beside = await testDatabase();
  for (const [at, setting] of quoted.entries())
    await beside.query(
      at % 2 === 0
        ? `ALTER DATABASE ${database.name} ${setting}`
        : `ALTER ROLE ${role.name} ${setting}`,
    );
  await beside.drop();
  const url = new URL(database.url);
  [url.username, url.password] = [new URL(role.url).username, new URL(role.url).password];
  for (let month = 1; month <= 2; month++) {
    const { code, stderr } = await run(url.href);
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/ERROR/) });
    expect(await content(url.href)).toBe(usual);
  }
  expect(await runBin('wxyc-schema', ['check', url.href])).toMatchObject({ code: 0 });
  await database.drop();
}, 120_000);

test('a database that sorts by ICU gets the same rows', async () => {
  const beside = await testDatabase();
  const icu =
    (await version(beside)) >= 15
      ? "LOCALE_PROVIDER icu ICU_LOCALE 'sv-SE' LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
      : "LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'";
  const database = await madeWith(icu);
  const { code, stderr } = await run(database.url);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.not.stringMatching(/ERROR/) });
  expect(await content(database.url)).toBe(usual);
  expect(await runBin('wxyc-schema', ['check', database.url])).toMatchObject({ code: 0 });
  await database.drop();
  await beside.drop();
}, 120_000);

test('without character types (initdb --no-locale) the run says that names beyond ASCII have no trigrams', async () => {
  const beside = await testDatabase();
  const database = await madeWith(
    `${(await version(beside)) >= 15 ? 'LOCALE_PROVIDER libc ' : ''}LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const sentence =
    /the locale C \(LC_CTYPE\), in which names in non-Latin letters have no trigrams/;
  expect(await doctor(database.url)).toMatchObject({
    stdout: expect.stringMatching(new RegExp(`LOOK +database +.*${sentence.source}`)),
  });
  expect(await runBin('wxyc-schema', ['create', database.url])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(sentence),
  });
  expect(await runBin('wxyc-index', [database.url])).toMatchObject({ code: 0 });
  expect(await runBin('wxyc-schema', ['check', database.url])).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(sentence),
  });
  await database.drop();
  await beside.drop();
}, 60_000);

test.each([
  [
    'an extension in another schema',
    'CREATE SCHEMA extensions; ALTER EXTENSION pg_trgm SET SCHEMA extensions',
    /the extension pg_trgm is in the schema extensions, .*ALTER EXTENSION pg_trgm SET SCHEMA public/,
  ],
  [
    'another f_unaccent',
    'CREATE FUNCTION public.f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $f$ SELECT lower($1) $f$',
    /public\.f_unaccent\('Björk'\) gives 'björk' instead of 'Bjork'/,
  ],
  [
    'an f_unaccent that needs a search path',
    "SET check_function_bodies = off; CREATE FUNCTION public.f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT AS $f$ SELECT unaccent('unaccent', $1) $f$",
    /public\.f_unaccent\(text\) fails without a search path/,
  ],
])(
  '%s is refused by doctor and at the start of a run',
  async (_, statements, sentence) => {
    const database = await testDatabase();
    await database.query(statements);
    expect(await doctor(database.url)).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(sentence),
    });
    const cwd = temporaryFolder();
    const refused = await run(database.url, cwd);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringMatching(sentence) });
    expect(refused.stderr).not.toMatch(/converting/);
    expect(readdirSync(cwd)).toEqual([]);
    expect(await runBin('wxyc-schema', ['create', database.url])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    });
    await database.drop();
  },
  60_000,
);

test('an f_unaccent with another body that does the same will do', async () => {
  const database = await testDatabase();
  await database.query(
    "CREATE FUNCTION public.f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $f$ SELECT public.unaccent('public.unaccent', $1) $f$",
  );
  expect(await run(database.url)).toMatchObject({ code: 0 });
  await database.drop();
}, 60_000);

test('a standby is refused before anything is done', async () => {
  const server = await startOwnServer({
    folder: temporaryFolder('standby-'),
    prepare: (data) => writeFileSync(join(data, 'standby.signal'), ''),
  });
  try {
    const cwd = temporaryFolder();
    const sentence = /is a standby, which takes no writes; give the URL of its primary/;
    expect(await run(server.url, cwd)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    });
    expect(existsSync(join(cwd, '.pipeline_state.json'))).toBe(false);
    expect(await doctor(server.url)).toMatchObject({
      code: 5,
      stdout: expect.stringMatching(sentence),
    });
    expect(await runBin('wxyc-vacuum', [server.url])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(sentence),
    });
  } finally {
    await server.stop();
  }
}, 60_000);
