/** Reads what decisions depend on from the files that a call names. */

import {
  libraryKinds,
  type LibraryGiven,
  readArtistFile,
  readingOf,
  surveyLibrary,
  withLibrary,
} from '@wxyc/library';
import { BadInputError, option, type OptionKinds, readWholeInput, UsageError } from '@wxyc/step';
import { readAliases, readAlternates } from './name-files.js';
import type { MatchBasis } from './basis.js';
import { readMappings } from './mappings.js';

/** The options that every step which decides takes. */
export interface MatchFiles extends LibraryGiven {
  /** Names that the station also wants, one a line. */
  libraryArtists?: string | undefined;
  mappingsFile?: string | undefined;
  /** 0..1: from which title score on a match is kept. Default 0.9. */
  scoreCutoff?: number | undefined;
  /** CSV file `artist,name`: further names of library artists; `wxyc-enrich` writes one. */
  alternates?: string | undefined;
  /** Ids of releases that are always kept, one a line. */
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
 * @throws BadInputError for files that will not do.
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
      files.libraryArtists === undefined ? undefined : readArtistFile(files.libraryArtists).artists,
    alternates: files.alternates === undefined ? undefined : await readAlternates(files.alternates),
    keepIds: files.keepIds === undefined ? undefined : readIds(files.keepIds),
    aliases: files.aliases === undefined ? undefined : await readAliases(files.aliases),
  };
  return { ...basis, skipped, remarks };
}

/**
 * Reads a file of release ids, one a line; empty lines do not count.
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
