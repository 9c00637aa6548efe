/** docker/health.mjs: what it says of real processes and a real server. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { connect, type Sql } from '@wxyc/postgres';
import { root, runCommand, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';

let database: TestDatabase;
let sessions: Sql[];
let child: ChildProcess;

beforeAll(async () => void (database = await testDatabase()));
afterAll(() => database.drop());
beforeEach(() => void (sessions = []));
afterEach(async () => {
  child.kill('SIGKILL');
  await Promise.all(sessions.map((sql) => sql.end()));
});

/** Starts what a container would run first, and asks twice: the first answer has nothing to compare with. */
async function asked(
  script: string,
  between: () => Promise<void> = async () => undefined,
  url: string | undefined = database.url,
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((begun) => child.stdout!.once('data', begun));
  const env = {
    HEALTH_PROCESS: String(child.pid),
    HEALTH_FILE: join(temporaryFolder(), 'health.json'),
    DATABASE_URL: url,
  };
  const ask = () => runCommand(process.execPath, [join(root, 'docker/health.mjs')], { env });
  expect(await ask()).toMatchObject({ code: 0 });
  await between();
  return ask();
}

const waits = 'console.log(); setInterval(() => {}, 1000)';
const well = { code: 0, stdout: '', stderr: '' };
const ill = {
  code: 1,
  stdout: expect.stringContaining('has done nothing since the last check'),
  stderr: '',
};

async function session(name: string): Promise<Sql> {
  const sql = await connect(database.url, { applicationName: name, max: 1 });
  sessions.push(sql);
  return sql;
}

const longer = () => new Promise<void>((done) => setTimeout(done, 1000));

test.each([
  ['computes', 'console.log(); for (;;);'],
  [
    'moves data',
    "console.log(); setInterval(() => require('node:fs').readFileSync(process.execPath), 20)",
  ],
  [
    'has a child that computes',
    "const { spawn } = require('node:child_process'); spawn(process.execPath, ['-e', 'for (const end = Date.now() + 20000; Date.now() < end;);']); console.log(); setInterval(() => {}, 1000)",
  ],
])('a process that %s is healthy', async (_, script) =>
  expect(await asked(script, longer)).toMatchObject(well),
);

test('a waiting process is not, with an idle server or none', async () => {
  await session('wxyc-pipeline [x]');
  expect(await asked(waits)).toMatchObject(ill);
  child.kill('SIGKILL');
  expect(await asked(waits, undefined, undefined)).toMatchObject(ill);
});

test('a server that works for the run is progress; one that works for others is not', async () => {
  const others = await session('psql');
  const work = others.unsafe('SELECT pg_sleep(60)').execute();
  work.catch(() => undefined);
  expect(await asked(waits)).toMatchObject(ill);
  child.kill('SIGKILL');
  const index = await session('wxyc-index [x]');
  index
    .unsafe('SELECT pg_sleep(60)')
    .execute()
    .catch(() => undefined);
  expect(await asked(waits)).toMatchObject(well);
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'",
  );
});

test('waiting for a lock is not progress', async () => {
  const [holder, run] = [await session('psql'), await session('wxyc-publish [x]')];
  await holder.unsafe('CREATE TABLE wanted (id int); BEGIN; LOCK TABLE wanted');
  run
    .unsafe('SELECT * FROM wanted')
    .execute()
    .catch(() => undefined);
  expect(await asked(waits)).toMatchObject(ill);
  await holder.unsafe('COMMIT');
});
