/** Reads what decisions depend on from the files that a call names. */

import {
  readAliases,
  readAlternates,
  readIds,
  readMappings,
  type MatchBasis,
} from '@wxyc/matching';
import { option, type OptionKinds, UsageError } from '@wxyc/step';
import { readArtistList } from './artist-list.js';
import { libraryKinds, withLibrary, type LibraryGiven } from './given.js';
import { readingOf, surveyLibrary } from './library.js';

/** The options of every step that makes decisions. */
export interface MatchFiles extends LibraryGiven {
  /** File of names that the station also wants, one per line. */
  libraryArtists?: string | undefined;
  mappingsFile?: string | undefined;
  /** 0..1: from which title score on a match is kept. Default 0.9. */
  scoreCutoff?: number | undefined;
  /** CSV file `artist,name`: other names of library artists; `wxyc-enrich` writes one. */
  alternates?: string | undefined;
  /** File of ids of releases that are always kept, one per line. */
  keepIds?: string | undefined;
  /** CSV file `artist_id,name`: other names of artists on Discogs; convert makes one from an artists dump. */
  aliases?: string | undefined;
}

/** For functions that take these files. */
export const matchFileKinds: OptionKinds<MatchFiles> = {
  ...libraryKinds,
  libraryArtists: option.text,
  mappingsFile: option.text,
  scoreCutoff: option.share,
  alternates: option.text,
  keepIds: option.text,
  aliases: option.text,
};

/** A basis as read. */
export interface ReadBasis extends MatchBasis {
  /** Library rows without an artist or a title. */
  skipped: number;
  /** Sentences about values of the library that were written in the wrong encoding. */
  remarks: readonly string[];
}

/**
 * Reads library, mappings and the other files.
 *
 * @throws BadInputError for unusable files.
 */
export async function readMatchBasis(files: MatchFiles): Promise<ReadBasis> {
  const { libraryDb } = await withLibrary(files);
  if (libraryDb === undefined)
    throw new UsageError('No library was given: give libraryDb, a file, or library, its albums.');
  const { rows, skipped, remarks } = surveyLibrary(libraryDb, readingOf(files));
  const basis: MatchBasis = {
    library: rows,
    mappings: files.mappingsFile === undefined ? undefined : readMappings(files.mappingsFile),
    scoreCutoff: files.scoreCutoff,
    artists:
      files.libraryArtists === undefined ? undefined : readArtistList(files.libraryArtists).artists,
    alternates: files.alternates === undefined ? undefined : await readAlternates(files.alternates),
    keepIds: files.keepIds === undefined ? undefined : readIds(files.keepIds),
    aliases: files.aliases === undefined ? undefined : await readAliases(files.aliases),
  };
  return { ...basis, skipped, remarks };
}
