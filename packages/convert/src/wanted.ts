// Which records a run wants: releases by names, by the library's decision, or both; any kind by ids.
import { IdSet } from '@wxyc/csv';
import { dumps, type DumpKind } from '@wxyc/dataset';
import { readArtistList, type MatchFiles, type ReadBasis } from '@wxyc/library';
import { NameList, packSelection, type PackedSelection } from '@wxyc/matching';

import { BadInputError, UsageError } from '@wxyc/step';

/** Ids of records: a list, a Set, whatever yields them, or an `IdSet` of `@wxyc/csv`. */
export type WantedIds = IdSet | Iterable<number>;

/** @throws UsageError for anything that does not yield ids. */
export function idSetOf(ids: WantedIds): IdSet {
  if (ids instanceof IdSet) return ids;
  if (typeof ids !== 'object' || ids === null || !(Symbol.iterator in ids))
    throw new UsageError('convert: the option wanted takes a list of ids, or a Set of them');
  const set = new IdSet();
  for (const id of ids) {
    if (!Number.isSafeInteger(id) || id < 0)
      throw new UsageError(`convert: the option wanted takes ids, and ${String(id)} is not an id`);
    set.add(id);
  }
  return set;
}

/** Read once, at the start: an iterator may yield the ids only once. */
export function wantedIds(
  wanted: Partial<Record<DumpKind, WantedIds>>,
): Partial<Record<DumpKind, IdSet>> {
  const sets: Partial<Record<DumpKind, IdSet>> = {};
  for (const [kind, ids] of Object.entries(wanted) as [DumpKind, WantedIds | undefined][]) {
    if (!(kind in dumps))
      throw new UsageError(
        `convert: the option wanted does not know ${kind}; give ${Object.keys(dumps).join(', ')}`,
      );
    if (ids !== undefined) sets[kind] = idSetOf(ids);
  }
  return sets;
}

interface NameOptions extends Partial<MatchFiles> {
  matchedOnly?: boolean | undefined;
}

/** The artists whose releases are let through, whatever the titles. */
function wantedNames({ libraryArtists }: NameOptions, basis: ReadBasis | undefined): string[] {
  const names =
    libraryArtists === undefined
      ? basis!.library.map(({ artist }) => artist)
      : (basis?.artists ?? readArtistList(libraryArtists).artists);
  return [...new Set([...names, ...(basis?.alternates?.map(([, name]) => name) ?? [])])];
}

/** @throws BadInputError if names are to be let through and there are none. */
export function checkNames(options: NameOptions, basis: ReadBasis | undefined): void {
  if (options.matchedOnly || (!basis && options.libraryArtists === undefined)) return;
  if (new NameList(wantedNames(options, basis)).size === 0)
    throw new BadInputError(`${options.libraryArtists ?? options.libraryDb} holds no artist`);
}

/** Which releases to let through, if that was asked for. Every worker gets a copy. */
export function readSelection(
  options: NameOptions,
  basis: ReadBasis | undefined,
): PackedSelection | undefined {
  const { matchedOnly = false } = options;
  if (!basis && options.libraryArtists === undefined) return undefined;
  return packSelection({
    names: matchedOnly ? undefined : wantedNames(options, basis),
    basis,
    matchedOnly,
  });
}
