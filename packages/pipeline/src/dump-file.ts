/** Finds the dumps that a call means: the releases, and artists, labels and masters of the same month beside them. */
import { basename } from 'node:path';
import { findDumps } from '@wxyc/convert';
import { BadInputError } from '@wxyc/step';

export interface FoundDumps {
  releases: string;
  /** Artists of the same month, whose other names then count; in the full profile they have tables. */
  artists?: string | undefined;
  /** Labels of the same month: parents and sublabels then count as one label. */
  labels?: string | undefined;
  /** Masters of the same month, for the tables of the full profile. */
  masters?: string | undefined;
  /** Dumps of these kinds that do not count because they are of another month. */
  ofOtherMonths: OtherDump[];
}

/** Kinds of dumps beside the releases. */
export const besideKinds = ['artists', 'labels', 'masters'] as const;
export type BesideKind = (typeof besideKinds)[number];

export interface OtherDump {
  kind: BesideKind;
  path: string;
}

/**
 * The dumps in a file or directory.
 *
 * @throws UsageError for two dumps of one kind, naming both; BadInputError if there are no releases.
 */
export async function findRunDumps(path: string): Promise<FoundDumps> {
  const dumps = await findDumps([path]);
  const releases = dumps.find(({ kind }) => kind === 'release')?.path;
  if (releases === undefined) throw new BadInputError(`No releases dump in ${path}`);
  const found: FoundDumps = { releases, ofOtherMonths: [] };
  for (const kind of besideKinds) {
    const beside = dumps.find((dump) => `${dump.kind}s` === kind)?.path;
    if (beside === undefined) continue;
    if (monthInName(beside) === monthInName(releases)) found[kind] = beside;
    else found.ofOtherMonths.push({ kind, path: beside });
  }
  return found;
}

/** `2026-09` for `discogs_20260901_releases.xml.gz`; undefined for a name without a date. */
export function monthInName(path: string): string | undefined {
  const found = /(?<!\d)(20\d\d)(0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)/.exec(basename(path));
  return found ? `${found[1]}-${found[2]}` : undefined;
}
