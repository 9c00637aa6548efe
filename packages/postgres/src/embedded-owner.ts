/**
 * Who uses a directory: `owner.json`, made atomically. It tells a living owner from one that was killed, also after a
 * reboot, after its process id was given to another process, and across containers.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LockedError, isTouched, keepTouching } from '@wxyc/step';

export interface OwnerRecord {
  pid: number;
  /** When the process started, in the system's own terms; with the pid it names one process for ever. */
  started: string;
  /** Machine, boot and process-id space: only within one of them is a pid worth anything. */
  place: string;
  since: string;
  url?: string;
  serverPid?: number;
}

export interface Claim {
  note(more: Pick<OwnerRecord, 'url' | 'serverPid'>): Promise<void>;
  release(): Promise<void>;
}

const readOr = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/** Start time of a process; empty if there is none. */
export function startOf(pid: number): string {
  if (process.platform === 'linux') {
    // Field 22; the command in brackets may hold spaces and brackets itself.
    const text = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  }
  return (
    spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? ''
  ).trim();
}

const placeOf = (): string =>
  [
    hostname(),
    readOr(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
    readOr(() => readlinkSync('/proc/self/ns/pid')),
  ].join(' ');

async function read(path: string): Promise<OwnerRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as OwnerRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    // Records appear whole; one that is not was damaged with its disk.
    return { pid: 0, started: 'damaged', place: '', since: '' };
  }
}

async function alive(record: OwnerRecord, path: string): Promise<boolean> {
  if (record.pid === 0) return false;
  if (record.place === placeOf()) return startOf(record.pid) === record.started;
  // It cannot be asked.
  return isTouched(path);
}

function refusal(directory: string, record: OwnerRecord): LockedError {
  const where =
    record.place === placeOf()
      ? `process ${record.pid}`
      : `a process on ${record.place.split(' ')[0]}`;
  const way = record.url ? `connect to ${record.url}` : 'wait until it has ended';
  return new LockedError(
    `The embedded database in ${directory} is in use by ${where} since ${record.since}; ${way}, or give another directory.`,
  );
}

/**
 * Claims a directory for this process.
 *
 * @throws LockedError while a living process has it.
 */
export async function claim(directory: string): Promise<Claim> {
  const path = join(directory, 'owner.json');
  const own = `${path}.${process.pid}-${randomBytes(8).toString('hex')}`;
  const record: OwnerRecord = {
    pid: process.pid,
    started: startOf(process.pid),
    place: placeOf(),
    since: new Date().toISOString(),
  };
  const text = (): string => `${JSON.stringify(record, null, 2)}\n`;
  await writeFile(own, text());
  try {
    for (;;) {
      try {
        // Unlike a rename, a link never replaces another's record.
        await link(own, path);
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const found = await read(path);
      if (!found) continue;
      if (await alive(found, path)) throw refusal(directory, found);
      // Two starters may both find a dead record. The one whose rename takes away a living one's gives it back.
      const taken = `${own}.stale`;
      await rename(path, taken).catch(() => undefined);
      const removed = await read(taken);
      if (removed && (await alive(removed, taken))) {
        await link(taken, path).catch(() => undefined);
        await rm(taken, { force: true });
        throw refusal(directory, removed);
      }
      await rm(taken, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  const endTouching = keepTouching(path);
  return {
    async note(more) {
      Object.assign(record, more);
      await writeFile(`${own}.new`, text());
      await rename(`${own}.new`, path);
    },
    async release() {
      endTouching();
      // A process that was stopped for minutes may have lost the directory to one elsewhere.
      const now = await read(path);
      if (now?.pid === record.pid && now.started === record.started && now.place === record.place)
        await rm(path, { force: true });
    },
  };
}
