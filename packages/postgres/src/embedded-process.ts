/** Starts and stops the server's process, and stops one that a killed process left behind. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startOf, StepError, takingTime, throwIfInterrupted, type Logger } from '@wxyc/step';
import type { Binaries } from './embedded-binaries.js';
import { serverEnvironment } from './embedded-cluster.js';
import { asUser, type ServerUser } from './embedded-user.js';

export interface Launched {
  port: number;
  pid: number;
  ended: Promise<boolean>;
  stop(): Promise<void>;
}

/** How long to wait for a fast shutdown, whose checkpoint takes as long as the disk needs; then comes an immediate one, then a kill. */
const shutdown: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 120_000],
  ['SIGQUIT', 10_000],
  ['SIGKILL', 10_000],
];
const pollMs = 20;
/** Backends of a killed server hold its shared memory until they notice. */
const leftoverBackendsMs = 30_000;

/** A port of 127.0.0.1 that nobody listens on: the wanted one, or any. */
async function freePort(wanted = 0): Promise<number> {
  const probe = createServer();
  await new Promise<void>((settle, fail) =>
    probe.once('error', fail).listen(wanted, '127.0.0.1', settle),
  ).catch((error: NodeJS.ErrnoException) => {
    const why =
      { EADDRINUSE: 'is taken by another program', EACCES: 'is not allowed for this user' }[
        error.code ?? ''
      ] ?? `cannot be used (${error.message})`;
    throw new StepError(`Port ${wanted} of 127.0.0.1 ${why}; free it or give another port.`, {
      cause: error,
    });
  });
  const { port } = probe.address() as { port: number };
  await new Promise((settle) => probe.close(settle));
  return port;
}

/** Whether a process is a PostgreSQL server on this cluster: a pid alone may have gone to any other process. */
function serves(pid: number, data: string): boolean {
  if (!startOf(pid)) return false;
  if (process.platform !== 'linux') return true;
  try {
    return (
      realpathSync(readlinkSync(`/proc/${pid}/cwd`)) === realpathSync(data) &&
      /postgres/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    );
  } catch {
    return false;
  }
}

/** Lines of postmaster.pid: pid, data directory, start, port, socket, address, key, status. */
async function pidFile(data: string): Promise<{ pid: number; status: string } | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
}

const endProcess = (pid: number, gone: () => boolean): Promise<void> =>
  takingTime(() => shutDown(pid, gone));

async function shutDown(pid: number, gone: () => boolean): Promise<void> {
  for (const [name, patience] of shutdown) {
    try {
      process.kill(pid, name);
    } catch {
      return;
    }
    for (const until = performance.now() + patience; performance.now() < until; await sleep(pollMs))
      if (gone()) return;
  }
  throw new StepError(`The PostgreSQL server (process ${pid}) does not stop; stop it by hand.`);
}

/** Stops the server of an owner that is dead, and removes what would keep a new one from starting. */
export async function stopLeftover(data: string, logger: Logger): Promise<void> {
  const found = await pidFile(data);
  if (!found) return;
  if (serves(found.pid, data)) {
    logger.warn({ pid: found.pid }, 'stopping a server that a killed run left behind');
    await endProcess(found.pid, () => !serves(found.pid, data));
  }
  await rm(join(data, 'postmaster.pid'), { force: true });
}

async function lastLogLine(log: string, from: number): Promise<string> {
  const text = (await readFile(log).catch(() => Buffer.alloc(0))).subarray(from).toString();
  return (
    text
      .split('\n')
      .filter((line) => /FATAL|PANIC|could not|error/i.test(line))
      .at(-1)
      ?.replace(/^.*?(?:FATAL|PANIC):\s*/, '') ?? ''
  );
}

interface LaunchOptions {
  directory: string;
  binaries: Binaries;
  user: ServerUser | undefined;
  logger: Logger;
  signal: AbortSignal;
  /** Default: any that is free. */
  port: number | undefined;
}

/** Starts the server and waits until it takes connections, however long its crash recovery is. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const { directory, signal, logger } = options;
  const data = join(directory, 'data');
  const log = join(directory, 'server.log');
  const started = performance.now();
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(options.port);
    const logStart = (await readFile(log).catch(() => Buffer.alloc(0))).length;
    const child = spawnServer(options, data, log, port);
    const exited = new Promise<void>((settle) =>
      child.once('exit', () => settle()).once('error', () => settle()),
    );
    const isGone = (): boolean =>
      child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
    let told = false;
    try {
      while (!isGone()) {
        throwIfInterrupted(signal);
        const file = await pidFile(data);
        if (file?.pid === child.pid && file?.status === 'ready')
          return running(child, port, exited);
        if (!told && performance.now() - started > 5000) {
          told = true;
          logger.info('the embedded PostgreSQL server is recovering from a crash');
        }
        await sleep(pollMs);
      }
    } catch (error) {
      if (child.pid !== undefined) await endProcess(child.pid, isGone);
      throw error;
    }
    const why = await lastLogLine(log, logStart);
    const busy =
      /could not bind|address already in use/i.test(why) || /could not create any TCP/i.test(why);
    const lingering =
      /shared memory block|lock file/i.test(why) &&
      performance.now() - started < leftoverBackendsMs;
    if (lingering) await sleep(500);
    else if (!busy || attempt >= 10)
      throw new StepError(
        `The embedded PostgreSQL server in ${directory} does not start${why ? `: ${why}` : ''}; see ${log}.`,
      );
  }
}

function spawnServer(
  { binaries, user }: LaunchOptions,
  data: string,
  log: string,
  port: number,
): ChildProcess {
  const descriptor = openSync(log, 'a', 0o644);
  try {
    // In a session of its own, so that Ctrl-C in the terminal goes only to this process, which then stops the server in good order.
    const child = spawn(binaries.postgres, ['-D', data, '-p', String(port)], {
      ...asUser(user),
      cwd: '/',
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', descriptor, descriptor],
    });
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(descriptor);
  }
}

function running(child: ChildProcess, port: number, exited: Promise<void>): Launched {
  let asked = false;
  const pid = child.pid!;
  // The process may end without `stop`: process.exit, a second signal. The server then shuts down by itself.
  const onExit = (): void => void child.kill('SIGINT');
  process.on('exit', onExit);
  const ended = exited.then(() => {
    process.off('exit', onExit);
    return !asked;
  });
  child.unref();
  return {
    port,
    pid,
    ended,
    async stop() {
      asked = true;
      child.ref();
      if (child.exitCode === null && child.signalCode === null)
        await endProcess(pid, () => child.exitCode !== null || child.signalCode !== null);
      await ended;
    },
  };
}
