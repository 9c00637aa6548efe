import { statSync } from 'node:fs';
import { BadInputError } from './failures.js';

/**
 * Refuses an input that is a pipe, a socket or a device: opening one may wait for ever, and none can be read twice. A
 * missing file and a directory are left to the code that opens it, which knows what was expected.
 *
 * @param advice what to do instead.
 * @throws BadInputError
 */
export function refuseSpecialInput(
  path: string,
  advice = 'write its content to a file and give that',
): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found || found.isFile() || found.isDirectory()) return;
  const what = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device';
  throw new BadInputError(`${path} is ${what}, and a file was expected: ${advice}`);
}
