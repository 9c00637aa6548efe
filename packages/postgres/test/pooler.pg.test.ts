/** Through a pooler: Debian's pgbouncer in front of the tests' server. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { acquireRunLock, connect, openClient } from '@wxyc/postgres';
import { freePort, temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import pg from 'pg';

let database: TestDatabase;
const running: ChildProcess[] = [];

beforeAll(async () => {
  if (spawnSync('pgbouncer', ['--version']).error)
    throw new Error('These tests need pgbouncer: apt-get install pgbouncer');
  database = await testDatabase();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database.drop();
});

const answers = (port: number): Promise<boolean> =>
  new Promise((settle) => {
    const socket = connectTcp(port, '127.0.0.1', () => settle(true)).on('error', () =>
      settle(false),
    );
    socket.on('connect', () => socket.destroy());
  });

/** Starts pgbouncer in the given mode and returns the database's URL through it. */
async function pooled(mode: 'session' | 'transaction' | 'statement'): Promise<string> {
  const server = new URL(database.url);
  const folder = temporaryFolder();
  const port = await freePort();
  chmodSync(folder, 0o777);
  const password = server.password ? ` password=${decodeURIComponent(server.password)}` : '';
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    `[databases]\n* = host=${server.hostname} port=${server.port} user=${server.username}${password}\n` +
      `[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = any\npool_mode = ${mode}\n`,
  );
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn('pgbouncer', [...user, join(folder, 'pgbouncer.ini')], { stdio: 'ignore' });
  running.push(child);
  for (let tries = 0; tries < 200 && !(await answers(port)); tries++)
    await new Promise((settle) => setTimeout(settle, 50));
  server.port = String(port);
  server.hostname = '127.0.0.1';
  return server.href;
}

/** What a consumer finds on the pooled connection that it gets. */
async function asConsumer(url: string): Promise<{ path: string; locks: number }> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const { rows } = await client.query<{ path: string; locks: number }>(
      "SELECT current_setting('search_path') AS path, (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS locks",
    );
    return rows[0]!;
  } finally {
    await client.end();
  }
}

it.each(['transaction', 'statement'] as const)(
  'D: in %s mode a run is refused before it sets anything, and consumers get clean connections',
  async (mode) => {
    const url = await pooled(mode);
    const before = await asConsumer(url);
    for (const attempt of [
      () => acquireRunLock(url, 'wxyc-pipeline'),
      () => openClient(url, { schema: 'discogs_next' }),
      () => connect(url, { schema: 'discogs_next' }),
    ]) {
      await expect(attempt()).rejects.toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("give the server's own port"),
      });
    }
    expect(await asConsumer(url)).toEqual(before);
    expect(before.locks).toBe(0);
  },
);

it('D: in session mode the lock, sessions and pools work as without a pooler', async () => {
  const url = await pooled('session');
  const lock = await acquireRunLock(url, 'wxyc-pipeline');
  await lock.prove();
  await expect(acquireRunLock(url, 'wxyc-import')).rejects.toMatchObject({ exitCode: 75 });
  const abort = new AbortController();
  const client = await openClient(url, { schema: 'discogs_next', signal: abort.signal });
  const pool = await connect(url, { schema: 'discogs_next' });
  expect((await client.query('SHOW search_path')).rows).toEqual([
    { search_path: '"discogs_next", public' },
  ]);
  expect([
    ...(await pool.unsafe(
      "SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS patience",
    )),
  ]).toEqual([{ path: '"discogs_next", public', patience: '0' }]);
  const working = client.query('SELECT pg_sleep(60)').then(
    () => 'finished',
    () => 'ended',
  );
  abort.abort();
  expect(await working).toBe('ended');
  await Promise.all([pool.end(), lock.release()]);
  await (await acquireRunLock(url, 'wxyc-import')).release();
});
