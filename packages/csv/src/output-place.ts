// What may be where a file is to be written: nothing, or an ordinary file. Never a link, a pipe or a device.
import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { UsageError } from '@wxyc/step';

/** What a path is if it is not an ordinary file, with its article; undefined for an ordinary file. */
function specialFile(found: Stats): string | undefined {
  if (found.isFile()) return undefined;
  if (found.isSymbolicLink()) return 'a symbolic link';
  if (found.isDirectory()) return 'a directory';
  if (found.isFIFO()) return 'a pipe';
  if (found.isSocket()) return 'a socket';
  return 'a device';
}

/**
 * Refuses a place with anything other than an ordinary file: a link would be followed or lost, a pipe waits for
 * ever, a device would be replaced. Does not follow links itself.
 *
 * @returns whether an ordinary file is there.
 * @throws UsageError that says what is there.
 */
export async function refuseSpecialPlace(path: string, what = path): Promise<boolean> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!found) return false;
  const special = specialFile(found);
  if (special !== undefined)
    throw new UsageError(
      `${what} is ${special}, and a file has to be written there: remove it, or choose another place`,
    );
  return true;
}
