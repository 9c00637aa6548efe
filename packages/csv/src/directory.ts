// Makes the directory of an output, and says why if that cannot be done.
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { StepError, UsageError } from '@wxyc/step';

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

/**
 * Refuses a directory that could not be made or written to, without making it.
 *
 * @param flag how the caller gave it.
 * @throws UsageError if a file is in the way, StepError if the user may not write.
 */
export async function checkDirectory(directory: string, flag: string): Promise<void> {
  const { path, isDirectory } = await nearest(resolve(directory));
  if (!isDirectory)
    throw new UsageError(`${flag} takes a directory, and ${path} is a file; choose another place`);
  await access(path, constants.W_OK).catch((error: NodeJS.ErrnoException) => {
    throw new StepError(`${flag} ${directory}: ${refusalText(path, error)}`, { cause: error });
  });
}

/** The part of a path that exists: the path itself, or the closest directory above it. */
async function nearest(directory: string): Promise<{ path: string; isDirectory: boolean }> {
  let path = directory;
  let found;
  while (!(found = await stat(path).catch(() => undefined)) && path !== dirname(path))
    path = dirname(path);
  return { path, isDirectory: found?.isDirectory() ?? true };
}

async function obstacle(directory: string, error: NodeJS.ErrnoException): Promise<string> {
  const { path, isDirectory } = await nearest(directory);
  if (!isDirectory) return `${path} is a file; choose another place`;
  const refusal = await access(path, constants.W_OK).then(
    () => error,
    (reason: NodeJS.ErrnoException) => reason,
  );
  return refusalText(path, refusal);
}

function refusalText(there: string, refusal: NodeJS.ErrnoException): string {
  if (refusal.code === 'EROFS')
    return `${there} is on a read-only file system; choose another place`;
  if (refusal.code === 'EACCES' || refusal.code === 'EPERM')
    return `this user may not write to ${there}; check its permissions or choose another place`;
  if (refusal.code === 'ENOSPC') return `the disk is full; free some space or choose another place`;
  return refusal.message;
}
