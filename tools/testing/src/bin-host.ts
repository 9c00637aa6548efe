/**
 * Runs many bin calls in few processes. Starting Node and loading a bin takes a second of processor time, most of what a
 * small run takes, and a process that has run one call runs the next several times as fast.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { BinCall } from './bin-process.js';
import { environment, root, startBin, type RunOptions, type RunResult } from './bins.js';

export interface BinHostOptions {
  /** The id of the user and the group that the process runs as; only root may choose it. */
  user?: number;
}

/**
 * A process that runs bins one after the other: the same frame and the same command lines as a bin's own process, real
 * streams and files. {@link runBin} keeps such processes for a test file; only tests that choose a user make their own.
 *
 * @example
 * const host = new BinHost({ user: 65_534 });
 * afterAll(() => host.end());
 * const { code, stderr } = await host.run('wxyc-convert', ['nowhere.xml', '--output', 'csv'], { cwd: folder });
 */
export class BinHost {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;
  #stdout = '';
  #stderr = '';
  #last: Promise<unknown> = Promise.resolve();

  constructor({ user }: BinHostOptions = {}) {
    this.#child = fork(fileURLToPath(new URL('bin-process.js', import.meta.url)), {
      cwd: root,
      env: environment(),
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      uid: user,
      gid: user,
    });
    this.#child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.#ended = new Promise((_, reject) => {
      this.#child.on('error', reject);
      this.#child.on('close', (code, signal) =>
        reject(new Error(`The bins' process ended with ${signal ?? code}: ${this.#stderr}`)),
      );
    });
    this.#ended.catch(() => undefined);
  }

  /** Runs one call, after those that were asked for before. Rejects only if the process itself ends. */
  run(
    name: string,
    args: string[],
    options: Pick<RunOptions, 'cwd' | 'env'> = {},
  ): Promise<RunResult> {
    const result = this.#last.then(() => this.#run(name, args, options));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Ends the process. */
  async end(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended.catch(() => undefined);
  }

  async #run(name: string, args: string[], { cwd = root, env }: RunOptions): Promise<RunResult> {
    const mark = `<${randomBytes(8).toString('hex')}>`;
    this.#stdout = '';
    this.#stderr = '';
    const done = Promise.all([
      new Promise<number>((settle) => this.#child.once('message', settle)),
      this.#reads(this.#child.stdout!, () => this.#stdout.endsWith(mark)),
      this.#reads(this.#child.stderr!, () => this.#stderr.endsWith(mark)),
    ]);
    this.#child.send({ name, args, cwd, env: environment(env), mark } satisfies BinCall);
    const [code] = await Promise.race([done, this.#ended]);
    const text = (read: string): string => read.slice(0, -mark.length);
    return { code, signal: null, stdout: text(this.#stdout), stderr: text(this.#stderr) };
  }

  #reads(stream: NodeJS.ReadableStream, whole: () => boolean): Promise<void> {
    return new Promise((settle) => {
      const look = (): void => {
        if (!whole()) return;
        stream.off('data', look);
        settle();
      };
      stream.on('data', look);
    });
  }
}

const idle: BinHost[] = [];
const hosts: BinHost[] = [];
// Each test file has modules of its own, so these are its processes. Outside Jest they end with their parent.
(globalThis as { afterAll?: (end: () => Promise<unknown>) => void }).afterAll?.(() =>
  Promise.all(hosts.map((host) => host.end())),
);

/**
 * Runs a bin and waits for its end. Never rejects for an exit code. Calls of one test file share a process, one after the
 * other; calls at the same time have one each. A call that only a new process can serve gets one: with `input`, with
 * `timeout`, or with a variable that Node itself reads when it starts.
 *
 * @example
 * const { code, stdout } = await runBin('wxyc-convert', ['dump.xml', '--output', 'csv'], { cwd: folder });
 */
export async function runBin(
  name: string,
  args: string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const { input, timeout, env = {} } = options;
  const forNode = Object.keys(env).some((variable) => variable.startsWith('NODE_'));
  if (input !== undefined || timeout !== undefined || forNode)
    return startBin(name, args, options).finished;
  let host = idle.pop();
  if (!host) hosts.push((host = new BinHost()));
  const result = await host.run(name, args, options);
  idle.push(host);
  return result;
}
