/** Files of release ids. */
import { BadInputError, readWholeInput } from '@wxyc/step';

/**
 * Reads a file of release ids, one per line; empty lines do not count.
 *
 * @throws BadInputError if the file is missing, holds anything else, or no id.
 */
export function readIds(file: string): number[] {
  const text = readWholeInput(file, 'give a file with one release id per line').toString('utf8');
  const ids: number[] = [];
  for (const [at, line] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const id = line.trim();
    if (id === '') continue;
    if (!/^[1-9]\d{0,9}$/.test(id))
      throw new BadInputError(
        `${file}: line ${at + 1} is "${id.slice(0, 40)}", not a release id; give one id per line, such as 249504`,
      );
    ids.push(Number(id));
  }
  if (ids.length === 0)
    throw new BadInputError(
      `${file}: holds no release id; give one per line, or leave --keep-ids out`,
    );
  return ids;
}
