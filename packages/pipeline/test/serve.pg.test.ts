/** Everyday use of `serve`: no server without a database, one port across restarts and kills, and a rebuild beside its consumers. */
import { readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { connect } from '@wxyc/postgres';
import { runBin, startBin, succeeded, temporaryFolder, type RunningBin } from '@wxyc/testing';
import { contentOf, makeInputs, type Inputs } from './inputs.ts';

jest.setTimeout(120_000);

let inputs: Inputs;
const cwd = temporaryFolder();
const build = (databaseUrl: string) =>
  runBin(
    'wxyc-pipeline',
    ['--xml', inputs.xml, '--library-db', inputs.libraryDb, '--database-url', databaseUrl],
    { cwd },
  );

beforeAll(async () => void (inputs = await makeInputs()));

async function serving(...words: string[]): Promise<{ url: string; process: RunningBin }> {
  const process = startBin('wxyc-pipeline', ['serve', ...words], { cwd });
  await process.until(() => process.stdout().includes('\n'));
  return { url: process.stdout().trim(), process };
}

async function stopped(
  { process }: { process: RunningBin },
  signal: NodeJS.Signals = 'SIGTERM',
): Promise<void> {
  process.child.kill(signal);
  expect(await process.finished).toMatchObject(signal === 'SIGKILL' ? { signal } : { code: 0 });
}

/** A port that somebody listens on. */
async function taken(): Promise<{ port: number; server: Server }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { port: (server.address() as { port: number }).port, server };
}

test('a directory without a database is refused, and made only on request', async () => {
  expect(await runBin('wxyc-pipeline', ['serve', 'cahce'], { cwd })).toMatchObject({
    code: 4,
    stdout: '',
    stderr: expect.stringContaining('There is no embedded database in cahce; give the DIR'),
  });
  expect(readdirSync(cwd)).toEqual([]);
  const one = await serving('made', '--create');
  await one.process.until(
    /no cache is published there yet: build one with --database-url postgresql:/,
  );
  await stopped(one);
  const again = await serving('made');
  expect(again.url).toBe(one.url);
  await stopped(again, 'SIGINT');
});

test('the port stays across restarts, kills and runs; a new one is kept from then on; a taken one is refused', async () => {
  const first = await serving('ports', '--create');
  await stopped(first, 'SIGKILL');
  const second = await serving('ports');
  expect(second.url).toBe(first.url);
  await stopped(second);
  // A run by itself needs no known port, and does not change the one that is kept.
  const { port, server } = await taken();
  succeeded(await build('embedded:ports'));
  const refused = await runBin('wxyc-pipeline', ['serve', 'ports', '--port', String(port)], {
    cwd,
  });
  expect(refused).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining(`Port ${port} of 127.0.0.1 is taken by another program`),
  });
  const third = await serving('ports');
  expect(third.url).toBe(first.url);
  await stopped(third);
  await new Promise((closed) => server.close(closed));
  await stopped(await serving('ports', '--port', String(port)));
  const last = await serving('ports');
  expect(last.url).toBe(`postgresql://discogs@127.0.0.1:${port}/discogs`);
  expect(last.process.stderr()).not.toContain('no cache is published');
  await stopped(last);
});

test('a rebuild runs beside it over its URL, and a consumer stays connected; embedded: is refused with that URL', async () => {
  const server = await serving('daily', '--create');
  succeeded(await build(server.url));
  const consumer = await connect(server.url, { applicationName: 'consumer', max: 1 });
  const backend = async (): Promise<unknown> =>
    (
      await consumer.unsafe(
        'SELECT pg_backend_pid() AS pid, (SELECT count(*) FROM release) > 0 AS there',
      )
    )[0];
  const before = await backend();
  expect(before).toMatchObject({ there: true });
  succeeded(await build(server.url));
  expect(await backend()).toEqual(before);
  await consumer.end();
  expect(await build('embedded:daily')).toMatchObject({
    code: 75,
    stderr: expect.stringContaining(`connect to ${server.url}`),
  });
  const content = await contentOf(server.url);
  await stopped(server);
  const restarted = await serving(join(cwd, 'daily'));
  expect(restarted.url).toBe(server.url);
  expect(await contentOf(restarted.url)).toEqual(content);
  await stopped(restarted);
});

test.each(['0', '65536', '1.5', 'x'])('--port %s is refused', async (port) => {
  expect(await runBin('wxyc-pipeline', ['serve', 'made', '--port', port], { cwd })).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringMatching(
      /--port takes a (number from 1 to 65535|whole number, 1 or more)/,
    ),
  });
});
