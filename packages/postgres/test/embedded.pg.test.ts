/** The embedded server: first use, second use, owners alive and dead, directories that will not do. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  checkEmbeddedDirectory,
  embeddedDirectory,
  startEmbedded,
  withDatabase,
} from '@wxyc/postgres';
import { temporaryFolder } from '@wxyc/testing';
import pg from 'pg';

const holder = fileURLToPath(new URL('fixtures/hold-server.mjs', import.meta.url));

async function ask<T>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const result = await client.query(sql);
    return (Array.isArray(result) ? result.at(-1) : result).rows as T[];
  } finally {
    await client.end();
  }
}

/** A process that starts a server on `directory` and keeps it. */
async function hold(
  directory: string,
): Promise<{ child: ChildProcess; url: string; serverPid: number }> {
  const child = spawn(process.execPath, [holder, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const text = await new Promise<string>((settle) =>
    child.stdout!.once('data', (data: Buffer) => settle(String(data))),
  );
  return { child, ...(JSON.parse(text) as { url: string; serverPid: number }) };
}

/** An ended process whose new parent has not asked for it yet (a zombie) is not alive. */
const isAlive = (pid: number): boolean =>
  existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
const ended = (child: ChildProcess): Promise<unknown> =>
  (child.exitCode ?? child.signalCode) !== null
    ? Promise.resolve()
    : new Promise((settle) => child.once('exit', settle));

test('only embedded: URLs have a directory; others pass through', async () => {
  expect(embeddedDirectory('postgresql://localhost/x')).toBeUndefined();
  expect(embeddedDirectory('embedded:/tmp/a b')).toBe('/tmp/a b');
  expect(() => embeddedDirectory('embedded:')).toThrow('needs a directory');
  expect(await withDatabase('postgresql://nowhere/x', {}, async (url) => url)).toBe(
    'postgresql://nowhere/x',
  );
});

test('a real server: extensions as an ordinary role, trigrams of any script, durable, loopback only; data outlive it', async () => {
  const directory = join(temporaryFolder(), 'a cache, 50 % "new"');
  await withDatabase(`embedded:${directory}`, {}, async (url) => {
    const [row] = await ask<Record<string, unknown>>(
      url,
      `
      CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE TABLE kept AS SELECT 'ÀØŁ' AS name;
      SELECT show_trgm('Шостакович') <> '{}' AS cyrillic, show_trgm('東京') <> '{}' AS japanese, lower('ÀØŁ') AS low,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super,
        current_setting('fsync') || current_setting('synchronous_commit') || current_setting('full_page_writes') AS durable,
        current_setting('listen_addresses') AS addresses`,
    );
    expect(row).toEqual({
      cyrillic: true,
      japanese: true,
      low: 'àøł',
      super: false,
      durable: 'ononon',
      addresses: '127.0.0.1',
    });
    await expect(ask(url.replace('discogs@', 'postgres@'), 'SELECT 1')).rejects.toThrow(/reject/);
  });
  expect(readdirSync(directory).sort()).toEqual(['data', 'server.log']);
  await withDatabase(`embedded:${directory}`, {}, async (url) => {
    expect(await ask(url, 'SELECT name FROM kept')).toEqual([{ name: 'ÀØŁ' }]);
  });
}, 60_000);

test('a directory in use is refused with the URL to connect to, and the first user is unharmed', async () => {
  const directory = temporaryFolder();
  const { child, url } = await hold(directory);
  await expect(startEmbedded(directory)).rejects.toMatchObject({
    exitCode: 75,
    message: expect.stringContaining(`connect to ${url}`),
  });
  expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  child.kill('SIGTERM');
  await ended(child);
  await (await startEmbedded(directory)).stop();
}, 60_000);

test('the server of a killed process is stopped and the directory used again', async () => {
  const directory = temporaryFolder();
  const { child, url, serverPid } = await hold(directory);
  await ask(url, 'CREATE TABLE kept (id integer); INSERT INTO kept VALUES (7)');
  child.kill('SIGKILL');
  await ended(child);
  expect(isAlive(serverPid)).toBe(true);
  const server = await startEmbedded(directory);
  expect(isAlive(serverPid)).toBe(false);
  expect(await ask(server.url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]);
  await server.stop();
}, 60_000);

test('a killed server is reported as killed; the next start recovers', async () => {
  const directory = temporaryFolder();
  await expect(
    withDatabase(`embedded:${directory}`, {}, async (url) => {
      await ask(url, 'CREATE TABLE kept AS SELECT 7 AS id');
      process.kill(
        JSON.parse(readFileSync(join(directory, 'owner.json'), 'utf8')).serverPid as number,
        'SIGKILL',
      );
      for (;;) await ask(url, 'SELECT pg_sleep(0.05)');
    }),
  ).rejects.toThrow(/ended unexpectedly; .*server\.log says why/);
  await withDatabase(`embedded:${directory}`, {}, async (url) =>
    expect(await ask(url, 'SELECT id FROM kept')).toEqual([{ id: 7 }]),
  );
}, 60_000);

test('an owner record counts only while its process lives: reused pid, other boot, damage', async () => {
  const directory = temporaryFolder();
  await (await startEmbedded(directory)).stop();
  const own = join(directory, 'owner.json');
  const place = await (async () => {
    const server = await startEmbedded(directory);
    const record = JSON.parse(readFileSync(own, 'utf8')) as { place: string };
    await server.stop();
    return record.place;
  })();
  // The pid lives, but it is not the process that wrote the record.
  writeFileSync(own, JSON.stringify({ pid: process.pid, started: '1', place, since: 'then' }));
  await (await startEmbedded(directory)).stop();
  writeFileSync(own, '{"pid": 12');
  await (await startEmbedded(directory)).stop();
  // Another machine cannot be asked; it has just given a sign of life.
  writeFileSync(
    own,
    JSON.stringify({ pid: 1, started: '1', place: 'elsewhere boot pid:[1]', since: 'then' }),
  );
  await expect(startEmbedded(directory)).rejects.toMatchObject({
    exitCode: 75,
    message: expect.stringContaining('a process on elsewhere'),
  });
}, 60_000);

test('trap 28: a cluster whose creation was interrupted is not taken for a whole one', async () => {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'data.partial'));
  writeFileSync(join(directory, 'data.partial', 'PG_VERSION'), '18\n');
  await withDatabase(`embedded:${directory}`, {}, async (url) =>
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]),
  );
  expect(existsSync(join(directory, 'data.partial'))).toBe(false);
}, 60_000);

test('directories that will not do are refused before anything is written', async () => {
  const foreign = temporaryFolder();
  writeFileSync(join(foreign, 'thesis.txt'), 'mine');
  await expect(startEmbedded(foreign)).rejects.toThrow('holds other files (thesis.txt)');
  mkdirSync(join(foreign, 'data'));
  await expect(startEmbedded(foreign)).rejects.toThrow('holds other files (data)');
  await expect(checkEmbeddedDirectory(foreign)).rejects.toThrow('holds other files (data)');
  const cluster = temporaryFolder();
  writeFileSync(join(cluster, 'PG_VERSION'), '15\n');
  await expect(startEmbedded(cluster)).rejects.toThrow('data directory of another server');
  const old = temporaryFolder();
  mkdirSync(join(old, 'data'));
  writeFileSync(join(old, 'data', 'PG_VERSION'), '12\n');
  await expect(startEmbedded(old)).rejects.toThrow(
    /was created by PostgreSQL 12, but this is PostgreSQL 18: give another directory\. This one holds what consumers fetched/,
  );
  expect(readdirSync(foreign)).toEqual(['data', 'thesis.txt']);
}, 60_000);

test('a directory below a private one: refused as root, naming that parent; the owner may use it', async () => {
  const home = join(temporaryFolder(), 'home');
  mkdirSync(join(home, 'me'), { recursive: true });
  mkdirSync(join(home, 'me', 'private'), { mode: 0o700 });
  // Started by root, the server runs as another user; started by an ordinary one, as that user.
  if (process.getuid?.() !== 0)
    return (await startEmbedded(join(home, 'me', 'private', 'deep', 'cache'))).stop();
  await expect(startEmbedded(join(home, 'me', 'private', 'deep', 'cache'))).rejects.toThrow(
    `because ${join(home, 'me', 'private')} is closed to others`,
  );
  expect(readdirSync(join(home, 'me', 'private'))).toEqual([]);
});

test('an aborted start leaves neither server nor record', async () => {
  const directory = temporaryFolder();
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 300);
  await expect(startEmbedded(directory, { signal: controller.signal })).rejects.toMatchObject({
    exitCode: 130,
  });
  expect(existsSync(join(directory, 'owner.json'))).toBe(false);
}, 60_000);
