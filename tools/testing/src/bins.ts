/** Runs a built bin as its user would: arguments in; streams and exit code out. */
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** The repository's root. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface RunOptions {
  /** Working directory; default: the repository's root. */
  cwd?: string;
  /** Added to the environment; `undefined` removes a variable. */
  env?: Record<string, string | undefined>;
  /** Text for stdin; default: nothing, closed at once. */
  input?: string;
  /** Milliseconds until the process is killed; default 120,000. */
  timeout?: number;
}

/** What every run of wxyc-pipeline is given: dump, library and database. */
export const runWords = (
  { xml, libraryDb }: { xml: string; libraryDb: string },
  databaseUrl: string,
): string[] => ['--xml', xml, '--library-db', libraryDb, '--database-url', databaseUrl];

export interface RunResult {
  /** The exit code, or null when a signal ended the process. */
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Fails with what the program said, unless it ended well. */
export function succeeded({ code, stderr }: RunResult): void {
  if (code !== 0) throw new Error(`exit ${code}\n${stderr.slice(-4000)}`);
}

export interface RunningBin {
  child: ChildProcess;
  /** What was written to stderr so far; for tests that act once something was logged. */
  stderr(): string;
  stdout(): string;
  /** Settles when the process has ended and its streams are read. */
  finished: Promise<RunResult>;
  /**
   * Waits until stderr matches, or until another condition holds.
   *
   * @throws Error if the process ends first: what is waited for will not come.
   */
  until(sign: RegExp | (() => boolean)): Promise<void>;
}

/**
 * Starts `packages/<x>/bin/wxyc-<x>.js` in a process of its own, without waiting: for tests that send signals, kill it,
 * write to its stdin, or look at how the process ends. All others call {@link runBin}, which needs no new process.
 */
export function startBin(name: string, args: string[], options: RunOptions = {}): RunningBin {
  const bin = `${root}packages/${name.replace(/^wxyc-/, '')}/bin/${name}.js`;
  return start(process.execPath, [bin, ...args], options);
}

/** Does something while a run is at work, however fast it is: the run is stopped meanwhile. */
export async function during<T>(
  run: RunningBin,
  sign: Parameters<RunningBin['until']>[0],
  work: () => Promise<T>,
): Promise<T> {
  await run.until(sign);
  run.child.kill('SIGSTOP');
  try {
    return await work();
  } finally {
    run.child.kill('SIGCONT');
  }
}

/** Runs any command, with the same environment as bins get. */
export function runCommand(
  command: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  return start(command, args, options).finished;
}

function start(command: string, args: string[], options: RunOptions): RunningBin {
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env),
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A bin that ends without reading its stdin is not a fault of the test.
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  // Before the test's own time is over, so that the failure shows what the process said.
  const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 100_000);
  const finished = new Promise<RunResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  }).finally(() => clearTimeout(timer));
  const until = async (sign: RegExp | (() => boolean)): Promise<void> => {
    const reached = sign instanceof RegExp ? () => sign.test(stderr) : sign;
    while (!reached()) {
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(
          `${args.join(' ')} ended with ${child.exitCode ?? child.signalCode} before it came to ${String(sign)}: ${stderr.slice(-3000)}`,
        );
      await pause(2);
    }
  };
  return { child, stdout: () => stdout, stderr: () => stderr, finished, until };
}

/** The developer's own settings must not affect test results. */
export function environment(added: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...added };
  for (const name of [
    'DATABASE_URL',
    'FORCE_COLOR',
    'NO_COLOR',
    'NODE_OPTIONS',
    'LOG_LEVEL',
    'PGUSER',
    'PGPASSWORD',
    'PGHOST',
    'PGPORT',
    'PGDATABASE',
  ]) {
    if (!(name in added)) delete env[name];
  }
  for (const [name, value] of Object.entries(added)) if (value === undefined) delete env[name];
  return env;
}
