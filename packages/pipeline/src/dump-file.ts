/** Finds the dumps that a call means: the releases, and the artists of the same month beside them. */
import { basename } from 'node:path';
import { findDumps } from '@wxyc/convert';
import { BadInputError } from '@wxyc/step';

export interface FoundDumps {
  releases: string;
  /** Artists of the same month, whose other names then count. */
  artists?: string;
  /** An artists dump that does not count, being of another month. */
  otherArtists?: string;
}

/**
 * The dumps in a file or directory. Labels and masters do not count.
 *
 * @throws UsageError for two dumps of one kind, naming both; BadInputError if there are no releases.
 */
export async function findRunDumps(path: string): Promise<FoundDumps> {
  const dumps = await findDumps([path]);
  const pathOf = (wanted: string): string | undefined => dumps.find(({ kind }) => kind === wanted)?.path;
  const [releases, artists] = [pathOf('release'), pathOf('artist')];
  if (releases === undefined) throw new BadInputError(`No releases dump in ${path}`);
  if (artists === undefined) return { releases };
  return monthInName(artists) === monthInName(releases) ? { releases, artists } : { releases, otherArtists: artists };
}

/** `2026-09` for `discogs_20260901_releases.xml.gz`; undefined for a name without a date. */
export function monthInName(path: string): string | undefined {
  const found = /(20\d\d)(\d\d)\d\d/.exec(basename(path));
  return found ? `${found[1]}-${found[2]}` : undefined;
}
