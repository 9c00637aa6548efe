/**
 * A PostgreSQL server of our own: the database URL `embedded:DIR`.
 *
 * DIR holds `data/` (the cluster), `owner.json` while someone uses it, `server.log`, and `port` if one is kept. The server
 * listens only on 127.0.0.1 and ends with its user. One left over by a killed process is recognised and stopped.
 */
import { constants, existsSync, statSync } from 'node:fs';
import { access, chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  BadInputError,
  LockedError,
  StepError,
  stepContext,
  throwIfInterrupted,
  UsageError,
  type StepContext,
} from '@wxyc/step';
import { findBinaries } from './embedded-binaries.js';
import { prepareCluster } from './embedded-cluster.js';
import { claim, type Claim } from './embedded-owner.js';
import { launch, stopLeftover, type Launched } from './embedded-process.js';
import { checkReach, futureServerUser, serverUser, type ServerUser } from './embedded-user.js';

const prefix = 'embedded:';
const endNoticeMs = 300;
/** The role that owns the database of the same name. */
export const embeddedRole = 'discogs';

export interface EmbeddedOptions {
  /** The role may do anything (tests that make roles need it). Default: it owns its database and may create others. */
  superuser?: boolean | undefined;
  /** The port to listen on; `kept`: the one that an earlier start was given or kept. Default: any free port, a different one each time. */
  port?: number | 'kept' | undefined;
}

export interface EmbeddedServer {
  /** An ordinary URL, `postgresql://discogs@127.0.0.1:54321/discogs`, good until `stop`. */
  url: string;
  /** Shuts the server down, waits until it is gone, and frees the directory. May be called twice. */
  stop(): Promise<void>;
  /** Settles when the server has ended; its value tells whether that was unexpected. */
  ended: Promise<boolean>;
}

/** The directory of an `embedded:DIR` URL, absolute; undefined for any other URL. */
export function embeddedDirectory(url: string): string | undefined {
  if (!url.startsWith(prefix)) return undefined;
  const directory = url.slice(prefix.length);
  if (directory === '')
    throw new UsageError('embedded: needs a directory, such as embedded:./discogs-cache.');
  return resolve(directory);
}

/** Whether there is a database: a folder `data` may be anybody's. One that this user may not enter counts, for the server says so. */
function holdsCluster(directory: string): boolean {
  try {
    return statSync(join(directory, 'data', 'PG_VERSION')).isFile();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

/** Only what this module creates may be in DIR: a directory full of other things is a mistyped path. */
async function checkContent(directory: string): Promise<void> {
  const names = await readdir(directory);
  if (names.includes('PG_VERSION')) {
    throw new StepError(
      `${directory} is a PostgreSQL data directory of another server; give embedded: a directory of its own.`,
    );
  }
  if (holdsCluster(directory)) return;
  const ours = /^(?:data\.partial|owner\.json.*|server\.log|port|postgres-[\w.-]+|lost\+found)$/;
  const foreign = names.find((name) => !ours.test(name));
  if (foreign !== undefined) {
    throw new StepError(
      `${directory} holds other files (${foreign}); give embedded: an empty or a new directory.`,
    );
  }
}

async function refuseFile(directory: string, there: string): Promise<void> {
  if (!(await stat(there)).isDirectory())
    throw new StepError(
      `${directory} cannot be created: ${there} is a file; give embedded: another directory.`,
    );
}

/** For a read-only file system, `mkdir` says "no such file": so the directory above is checked. */
async function refuseUnwritable(directory: string, there: string): Promise<void> {
  await access(there, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    const why =
      error.code === 'EROFS'
        ? `${there} is on a read-only file system`
        : error.code === 'EACCES' || error.code === 'EPERM'
          ? `this user may not write to ${there}`
          : error.message;
    throw new StepError(
      `${directory} cannot be created: ${why}; give embedded: another directory.`,
      { cause: error },
    );
  });
}

/** Creates the directory so that the server's user can enter it, and creates nothing where that user cannot get. */
async function makeDirectory(directory: string, user: ServerUser | undefined): Promise<void> {
  let there = directory;
  while (!existsSync(there)) there = dirname(there);
  await refuseFile(directory, there);
  checkReach(directory, there, user);
  const first = await mkdir(directory, { recursive: true }).catch(async (error: Error) => {
    await refuseUnwritable(directory, there);
    throw new StepError(
      `${directory} cannot be created: ${error.message}; give embedded: another directory.`,
      { cause: error },
    );
  });
  if (!user || first === undefined) return;
  // A strict umask would make what was just created inaccessible.
  for (let path = directory; path.length >= first.length; path = dirname(path))
    await chmod(path, 0o755);
}

/**
 * Checks whether a server could be started on a directory, without creating or starting anything.
 *
 * @returns whether there is a database already.
 * @throws StepError if not, as {@link startEmbedded} would.
 */
export async function checkEmbeddedDirectory(dir: string): Promise<boolean> {
  const directory = resolve(dir);
  const user = futureServerUser();
  let there = directory;
  while (!existsSync(there)) there = dirname(there);
  await refuseFile(directory, there);
  checkReach(directory, there, user);
  if (there !== directory) {
    await refuseUnwritable(directory, there);
    return false;
  }
  await checkContent(directory);
  return holdsCluster(directory);
}

/**
 * @param directory as in `embedded:DIR`, without the prefix.
 * @throws BadInputError if it holds no database: it may be mistyped.
 */
export async function requireEmbeddedDatabase(
  directory: string,
  wayOut = "give the DIR of a run's embedded:DIR",
): Promise<void> {
  if (isMissing(directory) || !(await checkEmbeddedDirectory(directory)))
    throw new BadInputError(`There is no embedded database in ${directory}; ${wayOut}.`);
}

/** Whether there is nothing of this name, as far as this user may see. */
function isMissing(path: string): boolean {
  try {
    statSync(path);
    return false;
  } catch (error) {
    return ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  }
}

/** The port that was kept; undefined if none was. */
async function keptPort(directory: string): Promise<number | undefined> {
  const port = Number(await readFile(join(directory, 'port'), 'utf8').catch(() => ''));
  return Number.isInteger(port) && port > 0 ? port : undefined;
}

/**
 * Starts a server on a directory, creating the cluster on first use.
 *
 * @param dir as in `embedded:DIR`, without the prefix.
 * @throws LockedError while another process uses the directory; StepError if the server cannot run there.
 * @example
 * const server = await startEmbedded('./discogs-cache');
 * try {
 *   await convertThings(server.url);
 * } finally {
 *   await server.stop();
 * }
 */
export async function startEmbedded(
  dir: string,
  context?: Partial<StepContext>,
  options: EmbeddedOptions = {},
): Promise<EmbeddedServer> {
  const { signal, logger } = stepContext(context);
  throwIfInterrupted(signal);
  const directory = resolve(dir);
  const user = serverUser();
  await makeDirectory(directory, user);
  await checkContent(directory);
  const owner: Claim = await claim(directory);
  let server: Launched | undefined;
  try {
    await stopLeftover(join(directory, 'data'), logger);
    const binaries = await findBinaries(directory, user);
    await prepareCluster({
      directory,
      binaries,
      user,
      role: embeddedRole,
      superuser: options.superuser === true,
      logger,
      signal,
    });
    const port = options.port === 'kept' ? await keptPort(directory) : options.port;
    server = await launch({ directory, binaries, user, logger, signal, port });
    if (options.port !== undefined) await writeFile(join(directory, 'port'), `${server.port}\n`);
    const url = `postgresql://${embeddedRole}@127.0.0.1:${server.port}/${embeddedRole}`;
    await owner.note({ url, serverPid: server.pid });
    logger.debug(
      { directory, pid: server.pid, port: server.port },
      'embedded PostgreSQL server is up',
    );
    return { url, ended: server.ended, stop: once(() => end(server!, owner)) };
  } catch (error) {
    if (server) await server.stop().catch(() => undefined);
    await owner.release();
    throw error;
  }
}

async function end(server: Launched, owner: Claim): Promise<void> {
  try {
    await server.stop();
  } finally {
    await owner.release();
  }
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}

/**
 * Runs `fn` with an ordinary URL: for `embedded:DIR` a server is started before and stopped after, whatever happens;
 * any other URL is passed through.
 *
 * @example
 * await withDatabase('embedded:./cache', {}, (url) => createSchema({ databaseUrl: url }));
 */
export async function withDatabase<T>(
  url: string,
  context: Partial<StepContext> | undefined,
  fn: (url: string) => Promise<T>,
): Promise<T> {
  const directory = embeddedDirectory(url);
  if (directory === undefined) return fn(url);
  const server = await startEmbedded(directory, context);
  try {
    return await fn(server.url);
  } catch (error) {
    // Broken connections are noticed before the end of the server's process.
    const noticed = new AbortController();
    const notice = sleep(endNoticeMs, false, { signal: noticed.signal }).catch(() => false);
    const unexpected = await Promise.race([server.ended, notice]);
    noticed.abort();
    if (unexpected && !(error instanceof LockedError)) {
      throw new StepError(
        `The PostgreSQL server in ${directory} ended unexpectedly; ${join(directory, 'server.log')} says why.`,
        { cause: error },
      );
    }
    throw error;
  } finally {
    await server.stop();
  }
}

/** {@link withDatabase} for what works on a database that is there: `embedded:DIR` without one is refused. */
export async function withExistingDatabase<T>(
  url: string,
  context: Partial<StepContext> | undefined,
  fn: (url: string) => Promise<T>,
): Promise<T> {
  const directory = embeddedDirectory(url);
  if (directory !== undefined) await requireEmbeddedDatabase(directory);
  return withDatabase(url, context, fn);
}
