/** The one place that reads libraries: which kind a file is of is told by its content. */

import { BadInputError, either, listOf, option, UsageError, type OptionKinds } from '@wxyc/step';
import { appleMusic, rekordbox } from './track-libraries.js';
import { readCsvLibrary } from './csv-library.js';
import { fileKind } from './file-kind.js';
import { rowsFingerprint, type LibraryRow } from './library-row.js';
import { readSqliteLibrary } from './sqlite-library.js';
import type { LibrarySurvey } from './survey.js';
import { readTrackLibrary } from './xml-library.js';

/** How to read a file that does not say it itself. */
export interface LibraryOptions {
  /** Columns of a CSV file by what they hold: `{ artist: 'Interpret', title: 'Album' }`. */
  columns?: Readonly<Record<string, string>> | undefined;
}

/** A file, or albums that a program has at hand. */
export type LibrarySource = string | readonly LibraryRow[];

/** What every function that takes a library accepts. */
export interface LibraryGiven {
  /** The library's file; rows serve too. */
  libraryDb?: LibrarySource | undefined;
  /** Albums that a program has at hand, instead of a file. */
  library?: readonly LibraryRow[] | undefined;
}

/** For functions that take a library. */
export const libraryKinds: OptionKinds<LibraryGiven> = { libraryDb: either(option.text, listOf(option.object)), library: listOf(option.object) };

/**
 * The same options with the library in one place.
 *
 * @throws UsageError if a file and rows are given.
 */
export function withLibrary<T extends LibraryGiven>(options: T): T {
  const { library, libraryDb } = options;
  if (library === undefined || library === libraryDb) return options;
  if (libraryDb !== undefined) throw new UsageError('libraryDb and library are two libraries: give one of them.');
  return { ...options, libraryDb: library };
}

/** A library in messages: the file, or what it is instead. */
export const libraryName = (source: LibrarySource | undefined): string => (typeof source === 'string' ? source : 'that was handed over');

/**
 * Reads the albums of a library, in its order, values as they are spelled. Rows without an artist or without a title are left out.
 *
 * @throws BadInputError if the file is missing, of no known kind, lacks a column, or has no usable row.
 * @example
 * const rows = readLibrary('library.db'); // [{ artist: 'Stereolab', title: 'Dots and Loops' }, ..]
 */
export function readLibrary(source: LibrarySource, options?: LibraryOptions): LibraryRow[] {
  return surveyLibrary(source, options).rows;
}

/** {@link readLibrary} with what kind of file it is, what of it is used, and what was left out. */
export function surveyLibrary(source: LibrarySource, options: LibraryOptions = {}): LibrarySurvey {
  if (typeof source !== 'string') return rowsAtHand(source);
  const kind = fileKind(source);
  if (options.columns && kind !== 'csv') throw new BadInputError(`${source}: only a CSV or TSV file has columns to name, and this is none; leave --library-columns out`);
  const survey =
    kind === 'sqlite' ? readSqliteLibrary(source)
    : kind === 'csv' ? readCsvLibrary(source, options.columns)
    : readTrackLibrary(source, kind === 'rekordbox' ? rekordbox : appleMusic);
  if (survey.rows.length > 0) return survey;
  const { read, unit, skipped } = survey;
  throw new BadInputError(`${source}: ${survey.kind}, and no row with both an artist and a title (${read} ${unit} read, ${skipped} without); is this the whole library?`);
}

/**
 * A fingerprint of a library's albums: equal for files that hold the same rows, whatever their order, layout or date.
 */
export function libraryFingerprint(source: LibrarySource, options?: LibraryOptions): string {
  return rowsFingerprint(typeof source === 'string' ? readLibrary(source, options) : source);
}

function rowsAtHand(source: readonly LibraryRow[]): LibrarySurvey {
  const rows = source.filter(({ artist, title }) => artist?.trim() && title?.trim());
  if (rows.length === 0) throw new BadInputError(`the library that was handed over has no row with both an artist and a title (${source.length} rows)`);
  const skipped = source.length - rows.length;
  return { rows, skipped, remarks: [], kind: 'rows at hand', unit: 'rows', read: source.length, leftOut: skipped > 0 ? { 'without an artist or a title': skipped } : {}, used: {}, unused: [] };
}
