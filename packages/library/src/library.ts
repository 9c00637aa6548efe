/** The only place that reads libraries: a file's content shows which kind it is. */

import { BadInputError } from '@wxyc/step';
import { appleMusic, rekordbox } from './track-libraries.js';
import { readCsvLibrary } from './csv-library.js';
import { checkEncoding } from './encodings.js';
import { fileKind } from './file-kind.js';
import { surveyRows, type LibraryAtHand, type LibraryGiven } from './given.js';
import { rowsFingerprint, type LibraryRow } from '@wxyc/matching';
import { readSqliteLibrary } from './sqlite-library.js';
import type { LibrarySurvey } from './survey.js';
import { readTrackLibrary } from './xml-library.js';

/** How to read a file that does not show it by itself. */
export interface LibraryOptions {
  /** Columns of a CSV file by what they hold: `{ artist: 'Interpret', title: 'Album' }`. */
  columns?: Readonly<Record<string, string>> | undefined;
  /** Encoding of a CSV file, by a name that TextDecoder knows. Default UTF-8, or UTF-16 if the file begins with its mark. */
  encoding?: string | undefined;
}

/** More albums than any station, shop or collector has had so far. */
const largeLibrary = 1_000_000;
/** What the index of a library takes for each of its albums, as measured with 500,000 and 2,000,000. */
const bytesOfAlbum = 700;

/** How the library of a call is to be read. */
export const readingOf = ({
  libraryColumns,
  libraryEncoding,
}: Pick<LibraryGiven, 'libraryColumns' | 'libraryEncoding'>): LibraryOptions => ({
  columns: libraryColumns,
  encoding: libraryEncoding,
});

/**
 * Reads the albums of a library, in its order, values as they are spelled. Rows without an artist or without a title are left out.
 *
 * @throws BadInputError if the file is missing, of an unknown kind, lacks a column, or has no usable row.
 * @example
 * const rows = readLibrary('library.db'); // [{ artist: 'Stereolab', title: 'Dots and Loops' }, ..]
 */
export function readLibrary(source: LibraryAtHand, options?: LibraryOptions): LibraryRow[] {
  return surveyLibrary(source, options).rows;
}

/** {@link readLibrary}, which also says what kind of file it is, what is used of it, and what was left out. */
export function surveyLibrary(source: LibraryAtHand, options: LibraryOptions = {}): LibrarySurvey {
  if (typeof source !== 'string') return surveyRows(source);
  if (options.encoding !== undefined) checkEncoding(options.encoding);
  const { kind, encoding } = fileKind(source, options.encoding);
  if (kind !== 'csv') {
    if (options.columns)
      throw new BadInputError(
        `${source}: only the columns of a CSV or TSV file can be named, and this is neither; leave --library-columns out`,
      );
    if (options.encoding)
      throw new BadInputError(
        `${source}: only a CSV or TSV file can have another encoding, and this is neither; leave --library-encoding out`,
      );
  }
  const survey =
    kind === 'sqlite'
      ? readSqliteLibrary(source)
      : kind === 'csv'
        ? readCsvLibrary(source, options.columns, encoding)
        : readTrackLibrary(source, kind === 'rekordbox' ? rekordbox : appleMusic, encoding);
  if (survey.rows.length > largeLibrary) {
    const gigabytes = ((survey.rows.length * bytesOfAlbum) / 1e9).toFixed(1);
    survey.remarks.push(
      `${source}: ${survey.rows.length} albums, for which a run needs about ${gigabytes} GB of memory; is this the library, or a list of all albums in the world?`,
    );
  }
  if (survey.rows.length > 0) return survey;
  const { read, unit, skipped } = survey;
  throw new BadInputError(
    `${source}: ${survey.kind}, but no row with both an artist and a title (${read} ${unit} read, ${skipped} without); is this the whole library?`,
  );
}

/**
 * A fingerprint of a library's albums: equal for files that hold the same rows, whatever their order, layout or date.
 */
export function libraryFingerprint(source: LibraryAtHand, options?: LibraryOptions): string {
  return rowsFingerprint(typeof source === 'string' ? readLibrary(source, options) : source);
}
