/** Finds the releases dump that a call means. */
import { findDumps } from '@wxyc/convert';

/**
 * The path of the one releases dump in a file or directory; dumps of other kinds beside it do not count.
 *
 * @throws UsageError for two releases dumps, naming both; BadInputError if there is none.
 */
export async function findReleasesDump(path: string): Promise<string> {
  const [dump] = await findDumps([path], ['release']);
  return dump!.path;
}
