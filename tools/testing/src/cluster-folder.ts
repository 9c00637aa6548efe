/** Where the test server keeps its files. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folders.js';

/** Linux keeps what is written here in memory. */
const memory = '/dev/shm';
const prefix = 'wxyc-test-server-';
/** A test run's databases take a tenth of this. */
const enough = 6 * 2 ** 30;

/**
 * A folder in memory where there is plenty, for the tests create and drop so many small files that a disk's file system would
 * take a tenth of their time; else one of the run's temporary folders.
 */
export function clusterFolder(): { folder: string; remove: () => void } {
  if (!hasMemory()) return { folder: temporaryFolder('pg-'), remove: () => undefined };
  removeLeftovers();
  const folder = mkdtempSync(join(memory, `${prefix}${process.pid}-`));
  // A server that root starts runs as another user.
  chmodSync(folder, 0o755);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(memory);
    return bavail * bsize >= enough && process.availableMemory() >= enough;
  } catch {
    return false;
  }
}

/** Folders of killed runs: memory does not come back by itself. */
function removeLeftovers(): void {
  for (const name of readdirSync(memory).filter((name) => name.startsWith(prefix)))
    if (!isRunning(Number.parseInt(name.slice(prefix.length), 10)))
      rmSync(join(memory, name), { recursive: true, force: true });
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
