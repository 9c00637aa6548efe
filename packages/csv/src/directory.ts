// Makes the directory of an output, and says why where that cannot be done.
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StepError } from '@wxyc/step';

/**
 * Makes a directory and those above it, as far as they are missing.
 *
 * @throws StepError that names what is in the way: for a read-only file system, the system itself says "no such file".
 */
export async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
  } catch (error) {
    throw new StepError(
      `${directory} cannot be created: ${await obstacle(resolve(directory), error as NodeJS.ErrnoException)}`,
      { cause: error },
    );
  }
}

async function obstacle(directory: string, error: NodeJS.ErrnoException): Promise<string> {
  let there = directory;
  let found;
  while (!(found = await stat(there).catch(() => undefined)) && there !== dirname(there))
    there = dirname(there);
  if (found && !found.isDirectory()) return `${there} is a file; choose another place`;
  const refusal = await access(there, constants.W_OK).then(
    () => error,
    (reason: NodeJS.ErrnoException) => reason,
  );
  if (refusal.code === 'EROFS')
    return `${there} is on a read-only file system; choose another place`;
  if (refusal.code === 'EACCES' || refusal.code === 'EPERM')
    return `this user may not write to ${there}; check its permissions or choose another place`;
  if (refusal.code === 'ENOSPC') return `the disk is full; free some space or choose another place`;
  return refusal.message;
}
