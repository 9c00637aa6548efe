/** Creates the cluster on first use. An existing cluster is always complete, since it gets its name last. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StepError, throwIfInterrupted, type Logger } from '@wxyc/step';
import type { Binaries } from './embedded-binaries.js';
import { accessRules, serverSettings } from './embedded-settings.js';
import { asUser, giveTo, type ServerUser } from './embedded-user.js';

/** Names of one locale on different systems; its character types are what trigrams of non-Latin text need. */
const locales = ['C.UTF-8', 'en_US.UTF-8', 'UTF-8'];

interface ClusterOptions {
  directory: string;
  binaries: Binaries;
  user: ServerUser | undefined;
  role: string;
  superuser: boolean;
  logger: Logger;
  signal: AbortSignal;
}

/** The server must not take connection settings or a language from the caller's environment. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, TZDIR } = process.env;
  return { PATH, TMPDIR, TZDIR, LC_ALL: 'C.UTF-8', LC_MESSAGES: 'C' };
}

async function run(
  command: string,
  words: string[],
  user: ServerUser | undefined,
  input: string,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(command, words, {
    ...asUser(user),
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code) => settle({ code, output }));
  });
}

/** The last line that says what went wrong. */
const reason = (output: string): string =>
  output
    .split('\n')
    .filter((line) => /error|fatal|panic|could not|invalid|no space/i.test(line))
    .at(-1)
    ?.trim() ??
  output.trim().split('\n').at(-1) ??
  '';

async function initialise(data: string, options: ClusterOptions): Promise<void> {
  let last = '';
  for (const locale of locales) {
    await rm(data, { recursive: true, force: true });
    await mkdir(data, { mode: 0o700 });
    giveTo(data, options.user);
    const words = [
      '--pgdata',
      data,
      '--username',
      'postgres',
      '--auth',
      'trust',
      '--encoding',
      'UTF8',
      '--locale',
      locale,
    ];
    // Sorts by code point, which is the same on every system, whatever its C library.
    words.push('--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--no-instructions');
    const { code, output } = await run(options.binaries.initdb, words, options.user, '');
    if (code === 0) return;
    last = reason(output);
    if (!/invalid locale name/i.test(output)) break;
  }
  throw new StepError(`No database could be created in ${options.directory}: ${last}`);
}

/** Makes role and database in single-user mode: no connection as superuser is ever needed. */
async function createRole(
  data: string,
  { binaries, user, role, superuser, directory }: ClusterOptions,
): Promise<void> {
  const rights = superuser
    ? 'SUPERUSER'
    : 'CREATEDB CREATEROLE IN ROLE pg_monitor, pg_checkpoint, pg_signal_backend';
  const statements = [
    `CREATE ROLE ${role} LOGIN ${rights};`,
    `CREATE DATABASE ${role} OWNER ${role};`,
  ];
  const { code, output } = await run(
    binaries.postgres,
    ['--single', '-D', data, 'postgres'],
    user,
    `${statements.join('\n')}\n`,
  );
  if (code !== 0 || /\b(?:ERROR|FATAL|PANIC):/.test(output))
    throw new StepError(`No database could be created in ${directory}: ${reason(output)}`);
}

/** Creates the cluster if there is none, checks the version of an existing one, and writes its settings. */
export async function prepareCluster(options: ClusterOptions): Promise<void> {
  const { directory, user, logger, signal } = options;
  const data = join(directory, 'data');
  const partial = `${data}.partial`;
  await rm(partial, { recursive: true, force: true });
  if (!existsSync(data)) {
    logger.info({ directory }, 'creating an embedded PostgreSQL database');
    try {
      await initialise(partial, options);
      throwIfInterrupted(signal);
      await createRole(partial, options);
      await rename(partial, data);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
  }
  const { output } = await run(options.binaries.postgres, ['--version'], user, '');
  const server = /(\d+)/.exec(output)?.[1];
  const found = (await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  if (found !== server) {
    throw new StepError(
      `${directory} was created by PostgreSQL ${found || '(unknown)'}, but this is PostgreSQL ${server}: give another directory. This one holds what consumers fetched: before you remove it, let the version of this program that made it serve it, and save it with pg_dump.`,
    );
  }
  for (const [name, text] of [
    ['postgresql.conf', serverSettings()],
    ['pg_hba.conf', accessRules],
  ] as const) {
    await writeFile(join(data, name), text, { mode: 0o600 });
    giveTo(join(data, name), user);
  }
}
