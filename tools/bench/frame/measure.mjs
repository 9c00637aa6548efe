// Runs a command and reports what it took: wall time, CPU time of all its processes, peak memory of the largest one.
import { spawn } from 'node:child_process';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';

/**
 * @param {string[]} command program and arguments; `node` is this Node.
 * @param {{ cwd?: string, env?: object, stdout?: string, allowFailure?: boolean }} options `stdout`: a file for its output.
 * @returns {Promise<{ wall: number, cpu: number, memory: number, memoryOf: object, code: number, stdout: string, stderr: string }>}
 *   wall and cpu (user + system, all processes that ended below it) in seconds; memory in bytes: the largest resident set that any one
 *   process below it had, and `memoryOf` the same by process name. 0 on systems without /proc.
 */
export function measure(command, options = {}) {
  const [program, ...args] = command;
  const started = performance.now();
  // bash counts the CPU time of everything that ended below the command; Node has no such call.
  const child = spawn(
    'bash',
    [
      '-c',
      'TIMEFORMAT="bench-times %U %S"; time "$@"',
      'bench',
      program === 'node' ? process.execPath : program,
      ...args,
    ],
    {
      cwd: options.cwd,
      env: { ...process.env, NO_COLOR: '1', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let stdout = '';
  let stderr = '';
  if (options.stdout) child.stdout.pipe(createWriteStream(options.stdout));
  else child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
  const memoryOf = {};
  const look = () => peaks(child.pid, memoryOf);
  const timer = setInterval(look, 50);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      clearInterval(timer);
      const wall = (performance.now() - started) / 1000;
      const times = /bench-times ([\d.]+) ([\d.]+)\s*$/.exec(stderr);
      const result = {
        wall,
        cpu: times ? Number(times[1]) + Number(times[2]) : 0,
        memory: Math.max(0, ...Object.values(memoryOf)),
        memoryOf,
        code,
        stdout,
        stderr: stderr.replace(/bench-times.*\s*$/, ''),
      };
      if (code !== 0 && !options.allowFailure)
        reject(
          new Error(`${command.join(' ')} ended with exit ${code}:\n${result.stderr.slice(-2000)}`),
        );
      else resolve(result);
    });
  });
}

/** The same for a function in this process; memory is what the process's resident set reached meanwhile. */
export async function measureFunction(work) {
  const started = performance.now();
  const before = process.cpuUsage();
  let memory = process.memoryUsage.rss();
  const timer = setInterval(() => (memory = Math.max(memory, process.memoryUsage.rss())), 50);
  try {
    const value = await work();
    const used = process.cpuUsage(before);
    return {
      wall: (performance.now() - started) / 1000,
      cpu: (used.user + used.system) / 1e6,
      memory: Math.max(memory, process.memoryUsage.rss()),
      value,
    };
  } finally {
    clearInterval(timer);
  }
}

/** Raises `memoryOf` to the high-water marks of all processes below `root`. A mark only grows, so sampling is enough. */
function peaks(root, memoryOf) {
  let names;
  try {
    names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return;
  }
  const children = new Map();
  for (const name of names) {
    try {
      const parent = Number(/\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, 'utf8'))[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // It has ended meanwhile.
    }
  }
  for (const queue = [...(children.get(root) ?? [])]; queue.length > 0;) {
    const pid = queue.pop();
    queue.push(...(children.get(pid) ?? []));
    try {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      const name = /^Name:\s+(.*)/.exec(status)[1];
      const peak = Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024;
      memoryOf[name] = Math.max(memoryOf[name] ?? 0, peak);
    } catch {
      // It has ended meanwhile.
    }
  }
}
