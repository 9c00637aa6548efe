/** Files of release ids. */
import { BadInputError, readWholeInput } from '@wxyc/step';

/**
 * Reads a file of release ids, one per line; empty lines do not count.
 *
 * @throws BadInputError if the file is missing, holds anything else, or no id.
 */
export function readIds(file: string): number[] {
  let text: string;
  try {
    text = readWholeInput(file).toString('utf8');
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new BadInputError(
      `${file}: ${code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`}; give a file with one release id per line`,
      { cause: error },
    );
  }
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
