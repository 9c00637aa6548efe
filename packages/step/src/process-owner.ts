/**
 * Files that say which process has something to itself. They distinguish a living owner from one that was killed, even after
 * a reboot, after its process id was given to another process, and across containers.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { isTouched } from './touched-file.js';

/** Names one process for ever. */
export interface ProcessOwner {
  pid: number;
  /** When the process started, in the system's own terms; absent if it could not be determined. */
  started?: string | null | undefined;
  /** Machine, boot and process-id space: a pid means something only within the same one. Earlier versions did not write it. */
  place?: string | undefined;
}

const readOr = (read: () => string): string => {
  try {
    return read().trim();
  } catch {
    return '';
  }
};

/**
 * Start time of a process; empty if there is none. A process that was killed keeps its entry until its parent collects it,
 * in some containers for ever; it counts as ended.
 */
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

/** This process, as an owner. */
export const thisProcess = (): Required<ProcessOwner> => ({
  pid: process.pid,
  started: startOf(process.pid),
  place: placeOf(),
});

export const isSameOwner = (a: ProcessOwner, b: ProcessOwner): boolean =>
  a.pid === b.pid && a.started === b.started && a.place === b.place;

/** The machine of an owner that lives somewhere else than this process; undefined if it is the same place. */
export const elsewhere = ({ place }: ProcessOwner): string | undefined =>
  place === undefined || place === placeOf() ? undefined : place.split(' ')[0];

/** Whether the owner that a file names still lives. One elsewhere cannot be asked: it lives as long as it touches the file. */
export async function isAlive(owner: ProcessOwner, path: string): Promise<boolean> {
  if (elsewhere(owner) !== undefined) return isTouched(path);
  const started = startOf(owner.pid);
  // Without a start time, our own pid is left over from another container or an earlier boot.
  return owner.started ? started === owner.started : started !== '' && owner.pid !== process.pid;
}

/**
 * Removes a dead owner's file. Two processes may do so at the same time: one that removed the file which the other has just
 * made puts it back, and gets that owner.
 *
 * @param livingIn returns the owner that a file names, if the file must be left to that owner.
 */
export async function takeStale<T>(
  path: string,
  livingIn: (path: string) => Promise<T | undefined>,
): Promise<T | undefined> {
  const taken = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const living = await livingIn(taken);
    if (living !== undefined) await link(taken, path).catch(() => undefined);
    return living;
  } finally {
    await rm(taken, { force: true });
  }
}
