/** Finds the dumps that a call means: the releases, and artists and masters of the same month beside them. */
import { basename } from 'node:path';
import { findDumps } from '@wxyc/convert';
import { BadInputError } from '@wxyc/step';

/** A dump that a run would have a use for if it were of the releases' month. */
export interface OtherDump {
  kind: 'artists' | 'masters';
  path: string;
}

export interface FoundDumps {
  releases: string;
  /** Of the same month. */
  artists?: string;
  masters?: string;
  /** Those that do not count, being of another month. */
  others: OtherDump[];
}

/**
 * The dumps in a file or directory. Labels do not count.
 *
 * @throws UsageError for two dumps of one kind, naming both; BadInputError if there are no releases.
 */
export async function findRunDumps(path: string): Promise<FoundDumps> {
  const dumps = await findDumps([path]);
  const pathOf = (wanted: string): string | undefined => dumps.find(({ kind }) => kind === wanted)?.path;
  const releases = pathOf('release');
  if (releases === undefined) throw new BadInputError(`No releases dump in ${path}`);
  const beside = { artists: pathOf('artist'), masters: pathOf('master') };
  const isOfMonth = (path: string): boolean => monthInName(path) === monthInName(releases);
  const { artists, masters } = beside;
  return {
    releases,
    ...(artists !== undefined && isOfMonth(artists) ? { artists } : {}),
    ...(masters !== undefined && isOfMonth(masters) ? { masters } : {}),
    others: (['artists', 'masters'] as const).flatMap((kind) => (beside[kind] !== undefined && !isOfMonth(beside[kind]) ? [{ kind, path: beside[kind] }] : [])),
  };
}

/** `2026-09` for `discogs_20260901_releases.xml.gz`; undefined for a name without a date. */
export function monthInName(path: string): string | undefined {
  const found = /(20\d\d)(\d\d)\d\d/.exec(basename(path));
  return found ? `${found[1]}-${found[2]}` : undefined;
}
