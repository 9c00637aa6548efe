// One run at a time writes into an output directory.
import { readFileSync } from 'node:fs';
import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LockedError } from '@wxyc/step';

export interface OutputLock {
  /** Frees the directory. Safe to call twice. */
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  /** The process's start as the kernel counts it, where it can be read: a pid alone may be another process by now. */
  started: string | null;
}

const held = new Set<string>();

/**
 * Takes the directory (created if need be) for this run by a lock file that names the process. A lock of a process that
 * no longer lives is taken over.
 *
 * Throws a {@link LockedError} when another run, in this or another process, writes there.
 */
export async function lockOutput(directory: string, name = '.wxyc-output.lock'): Promise<OutputLock> {
  await mkdir(directory, { recursive: true });
  const path = resolve(join(directory, name));
  if (held.has(path)) throw lockedBy(directory, process.pid);
  held.add(path);
  try {
    await create(path, directory);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  return {
    async release() {
      if (!held.has(path)) return;
      await rm(path, { force: true });
      held.delete(path);
    },
  };
}

async function create(path: string, directory: string): Promise<void> {
  const owner: Owner = { pid: process.pid, started: startOf(process.pid) };
  // The second attempt follows the removal of a dead owner's lock; a third means that others are at it too.
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(JSON.stringify(owner));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await readOwner(path);
    if (other === 'being written') throw lockedBy(directory, undefined);
    if (other && isAlive(other)) throw lockedBy(directory, other.pid);
    await rm(path, { force: true });
  }
  throw lockedBy(directory, undefined);
}

/** The owner in the lock file; none if the file has gone or holds nonsense. */
async function readOwner(path: string): Promise<Owner | 'being written' | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Owner;
    return typeof value.pid === 'number' ? value : undefined;
  } catch {
    // The file is created first and filled then: a young one without content is another run's that just begins.
    const age = await stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => Infinity);
    return age < 5000 ? 'being written' : undefined;
  }
}

function isAlive(owner: Owner): boolean {
  // Our own pid in a lock that this process does not hold: left over from another container or an earlier boot.
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(owner.pid);
  return started === null || owner.started === null || started === owner.started;
}

/** Field 22 of /proc/PID/stat, counted behind the command's closing bracket; null where there is no /proc. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function lockedBy(directory: string, pid: number | undefined): LockedError {
  return new LockedError(`${directory} is being written by another run${pid === undefined ? '' : ` (process ${pid})`}; wait for it or choose another output directory`);
}
