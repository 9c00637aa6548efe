// Which releases a run wants: by names, by the library's decision, or both.
import { readArtistFile } from '@wxyc/library';
import {
  NameList,
  packSelection,
  type MatchFiles,
  type PackedSelection,
  type ReadBasis,
} from '@wxyc/matching';
import { BadInputError } from '@wxyc/step';

interface NameOptions extends Partial<MatchFiles> {
  matchedOnly?: boolean | undefined;
}

/** The artists that are let through whatever the titles. */
function wantedNames({ libraryArtists }: NameOptions, basis: ReadBasis | undefined): string[] {
  const names =
    libraryArtists === undefined
      ? basis!.library.map(({ artist }) => artist)
      : (basis?.artists ?? readArtistFile(libraryArtists).artists);
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
