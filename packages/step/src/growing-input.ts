/** Inputs that somebody still writes to: an incomplete copy looks whole if it happens to end with a row. */
import { readFileSync, statSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BadInputError } from './failures.js';
import { refuseSpecialInput } from './input-file.js';

/** A file that was written to this recently is looked at once more: copies write many times a second. */
const quietMs = 250;

/** What to do about it, for messages. */
export const stillWritten = 'it was written to while being read: wait until its copy is complete';

/** What this process has completed, by path. */
const own = new Map<string, Stats>();

/** Tells this process that it has itself just given a complete file its name: reading it need not wait for others to write to it. */
export function noteComplete(path: string): void {
  const stats = look(path);
  if (stats) own.set(resolve(path), stats);
}

/** Notes what a file looks like before it is read. The function returned says whether somebody has written to it since, or does at present. */
export function noteInput(path: string): () => Promise<boolean> {
  const before = look(path);
  return async () => {
    const after = look(path);
    if (differ(before, after)) return true;
    const wait = quietLeft(path, after);
    if (wait <= 0) return false;
    await sleep(wait);
    return differ(before, look(path));
  };
}

/** Throws a {@link BadInputError} if {@link noteInput}'s function says that the file was written to. */
export async function refuseGrowing(
  path: string,
  wasWritten: () => Promise<boolean>,
): Promise<void> {
  if (await wasWritten()) throw new BadInputError(`${path}: ${stillWritten}`);
}

/**
 * Reads a small input whole.
 *
 * @param advice what to give instead, for the error: `give a file with one release id per line`.
 * @throws BadInputError if there is no such file, it cannot be read, or somebody is writing to it.
 */
export function readWholeInput(path: string, advice: string): Buffer {
  const { before, bytes } = readOr(path, advice);
  const wait = quietLeft(path, look(path));
  if (wait > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, wait);
  if (differ(before, look(path))) throw new BadInputError(`${path}: ${stillWritten}`);
  return bytes;
}

function readOr(path: string, advice: string): { before: Stats | undefined; bytes: Buffer } {
  try {
    refuseSpecialInput(path);
    return { before: look(path), bytes: readFileSync(path) };
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const what = unreadable[code!] ?? `cannot be read (${code})`;
    throw new BadInputError(`${path}: ${what}; ${advice}`, { cause: error });
  }
}

const unreadable: Partial<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'a directory',
};

const look = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

const differ = (before: Stats | undefined, after: Stats | undefined): boolean =>
  before?.size !== after?.size || before?.mtimeMs !== after?.mtimeMs;

/** How much longer the file must stay unwritten. A time stamp from the future says nothing. */
function quietLeft(path: string, found: Stats | undefined): number {
  const completed = own.get(resolve(path));
  if (completed?.ino === found?.ino && !differ(completed, found)) return 0;
  // In whole milliseconds, as the clock is read: a file stamped in this very one must not look as if it came from the future.
  // eslint-disable-next-line no-restricted-properties -- files are stamped by the wall clock
  const age = found === undefined ? Infinity : Date.now() - Math.floor(found.mtimeMs);
  return age < 0 ? 0 : quietMs - age;
}
