/** Who uses an embedded database's directory: `owner.json`, made atomically. */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  elsewhere,
  isAlive,
  isSameOwner,
  keepTouching,
  LockedError,
  takeStale,
  thisProcess,
  type ProcessOwner,
} from '@wxyc/step';

export interface OwnerRecord extends ProcessOwner {
  since: string;
  url?: string;
  serverPid?: number;
}

export interface Claim {
  note(more: Pick<OwnerRecord, 'url' | 'serverPid'>): Promise<void>;
  release(): Promise<void>;
}

async function read(path: string): Promise<OwnerRecord | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as OwnerRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (!(error instanceof SyntaxError)) throw error;
    // Records appear whole; one that is not was damaged along with its disk.
    return { pid: 0, started: 'damaged', since: '' };
  }
}

/** The process to which the record must be left. */
async function livingIn(path: string): Promise<OwnerRecord | undefined> {
  const record = await read(path);
  return record && (await isAlive(record, path)) ? record : undefined;
}

function refusal(directory: string, record: OwnerRecord): LockedError {
  const machine = elsewhere(record);
  const where = machine === undefined ? `process ${record.pid}` : `a process on ${machine}`;
  const way = record.url ? `connect to ${record.url}` : 'wait until it has ended';
  return new LockedError(
    `The embedded database in ${directory} has been in use by ${where} since ${record.since}; ${way}, or give another directory.`,
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
    ...thisProcess(),
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
      const other = (await livingIn(path)) ?? (await takeStale(path, livingIn));
      if (other) throw refusal(directory, other);
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
      if (now && isSameOwner(now, record)) await rm(path, { force: true });
    },
  };
}
