// One run at a time writes into an output directory.
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readFile, rename, rm, type FileHandle } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { LockedError, ageOf, isTouched, keepTouching } from '@wxyc/step';
import { makeDirectory } from './directory.js';

export interface OutputLock {
  /** Frees the directory. Safe to call twice. */
  release(): Promise<void>;
}

interface Owner {
  pid: number;
  /** The process's start as the kernel counts it, where it can be read: a pid alone may be another process by now. */
  started: string | null;
  /** Machine, boot and process-id space: only within one of them is a pid worth anything. */
  place?: string;
}

const held = new Set<string>();

/**
 * Takes the directory (created if need be) for this run by a lock file that names the process. A lock of a process that
 * no longer lives is taken over; one of another machine or container when it has not been touched for a minute.
 *
 * Throws a {@link LockedError} when another run, in this or another process, writes there.
 */
export async function lockOutput(
  directory: string,
  name = '.wxyc-output.lock',
): Promise<OutputLock> {
  await makeDirectory(directory);
  const path = resolve(join(directory, name));
  if (held.has(path)) throw lockedBy(directory, { pid: process.pid, started: null });
  held.add(path);
  const owner: Owner = { pid: process.pid, started: startOf(process.pid), place: placeOf() };
  try {
    await create(path, directory, owner);
  } catch (error) {
    held.delete(path);
    throw error;
  }
  const endTouching = keepTouching(path);
  return {
    async release() {
      if (!held.has(path)) return;
      endTouching();
      // A process that was stopped for minutes may have lost it to a run elsewhere.
      const now = await readOwner(path);
      if (JSON.stringify(now) === JSON.stringify(owner)) await rm(path, { force: true });
      held.delete(path);
    },
  };
}

async function create(path: string, directory: string, owner: Owner): Promise<void> {
  // The second attempt follows the removal of a dead owner's lock; a third means that others are at it too.
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = await createNew(path);
    if (file) return fill(file, path, owner);
    const other = await readOwner(path);
    if (other === 'being written') throw lockedBy(directory, undefined);
    if (other && (await isAlive(other, path))) throw lockedBy(directory, other);
    await removeStale(path, directory);
  }
  throw lockedBy(directory, undefined);
}

async function createNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

async function fill(file: FileHandle, path: string, owner: Owner): Promise<void> {
  try {
    await file.writeFile(JSON.stringify(owner));
  } catch (error) {
    // A full disk: the lock is ours, and it would be in the way of the next run.
    await rm(path, { force: true });
    throw Object.assign(error as Error, { path });
  } finally {
    await file.close();
  }
}

/**
 * Takes a dead owner's lock away. Two runs may do so at the same time: the one that took away what the other has just
 * made gives it back.
 */
async function removeStale(path: string, directory: string): Promise<void> {
  const taken = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const owner = await readOwner(taken);
  try {
    if (owner === undefined || (owner !== 'being written' && !(await isAlive(owner, taken))))
      return;
    await link(taken, path).catch(() => undefined);
    throw lockedBy(directory, owner === 'being written' ? undefined : owner);
  } finally {
    await rm(taken, { force: true });
  }
}

/** The owner in the lock file; none if the file has gone or holds nonsense. */
async function readOwner(path: string): Promise<Owner | 'being written' | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Owner;
    return typeof value.pid === 'number' ? value : undefined;
  } catch {
    // The file is created first and filled then: a young one without content is another run's that just begins.
    return Math.abs(await ageOf(path)) < 5000 ? 'being written' : undefined;
  }
}

async function isAlive(owner: Owner, path: string): Promise<boolean> {
  // It cannot be asked.
  if (isElsewhere(owner)) return isTouched(path);
  // Our own pid in a lock that this process does not hold: left over from another container or an earlier boot.
  if (owner.pid === process.pid) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const started = startOf(owner.pid);
  return (
    started !== 'ended' && (started === null || owner.started === null || started === owner.started)
  );
}

/** Locks of earlier versions name no place: they are taken for ours. */
const isElsewhere = ({ place }: Owner): boolean => place !== undefined && place !== placeOf();

function placeOf(): string {
  const read = (part: () => string): string => {
    try {
      return part().trim();
    } catch {
      return '';
    }
  };
  return [
    hostname(),
    read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    read(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');
}

/**
 * Field 22 of /proc/PID/stat, counted behind the command's closing bracket; null where there is no /proc. A process that was
 * killed keeps its entry until its parent asks for it, in some containers for ever: it has `ended`.
 */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? 'ended' : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function lockedBy(directory: string, owner?: Owner): LockedError {
  const way = 'wait for it or choose another output directory';
  if (owner && isElsewhere(owner)) {
    return new LockedError(
      `${directory} is being written by another run on ${owner.place!.split(' ')[0]} (process ${owner.pid} there); ${way}. If it was killed, the directory is free within a minute`,
    );
  }
  return new LockedError(
    `${directory} is being written by another run${owner === undefined ? '' : ` (process ${owner.pid})`}; ${way}`,
  );
}
