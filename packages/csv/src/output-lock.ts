// One run at a time writes into an output directory.
import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  ageOf,
  elsewhere,
  isAlive,
  isSameOwner,
  keepTouching,
  LockedError,
  takeStale,
  thisProcess,
  type ProcessOwner,
} from '@wxyc/step';
import { makeDirectory } from './directory.js';

export interface OutputLock {
  /** Frees the directory. Safe to call twice. */
  release(): Promise<void>;
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
  if (held.has(path)) throw lockedBy(directory, { pid: process.pid });
  held.add(path);
  const owner = thisProcess();
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
      if (now && now !== 'being written' && isSameOwner(now, owner))
        await rm(path, { force: true });
      held.delete(path);
    },
  };
}

async function create(path: string, directory: string, owner: ProcessOwner): Promise<void> {
  // The second attempt follows the removal of a dead owner's lock; a third means that others are trying too.
  for (let attempt = 0; attempt < 3; attempt++) {
    const file = await createNew(path);
    if (file) return fill(file, path, owner);
    const other = (await livingIn(path)) ?? (await takeStale(path, livingIn));
    if (other) throw lockedBy(directory, other);
  }
  throw lockedBy(directory, 'being written');
}

async function createNew(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
    throw error;
  }
}

async function fill(file: FileHandle, path: string, owner: ProcessOwner): Promise<void> {
  try {
    await file.writeFile(JSON.stringify(owner));
  } catch (error) {
    // The disk is full. The lock is ours, and would be in the way of the next run.
    await rm(path, { force: true });
    throw Object.assign(error as Error, { path });
  } finally {
    await file.close();
  }
}

/** The run to which the lock file must be left. */
async function livingIn(path: string): Promise<ProcessOwner | 'being written' | undefined> {
  const owner = await readOwner(path);
  return owner && (owner === 'being written' || (await isAlive(owner, path))) ? owner : undefined;
}

/** The owner in the lock file; none if the file has gone or holds nonsense. */
async function readOwner(path: string): Promise<ProcessOwner | 'being written' | undefined> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as ProcessOwner;
    return typeof value.pid === 'number' ? value : undefined;
  } catch {
    // The file is created first and filled afterwards: a recent one without content belongs to another run that is just beginning.
    return Math.abs(await ageOf(path)) < 5000 ? 'being written' : undefined;
  }
}

function lockedBy(directory: string, owner: ProcessOwner | 'being written'): LockedError {
  const way = 'wait for it or choose another output directory';
  if (owner === 'being written')
    return new LockedError(`${directory} is being written by another run; ${way}`);
  const machine = elsewhere(owner);
  return new LockedError(
    machine === undefined
      ? `${directory} is being written by another run (process ${owner.pid}); ${way}`
      : `${directory} is being written by another run on ${machine} (process ${owner.pid} there); ${way}. If it was killed, the directory is free within a minute`,
  );
}
