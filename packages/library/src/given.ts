/** The library as a caller gives it: a file, or albums that a program has in memory or yields one by one. */

import {
  BadInputError,
  either,
  option,
  throwIfInterrupted,
  UsageError,
  type OptionKind,
  type OptionKinds,
} from '@wxyc/step';
import type { LibraryRow } from '@wxyc/matching';
import { incomplete, leaveOut, newSurvey, type LibrarySurvey } from './survey.js';

/** A program's albums: a list, or something that yields them, such as a cursor or an async generator, which is read once, to its end. */
export type LibraryRows = readonly LibraryRow[] | Iterable<LibraryRow> | AsyncIterable<LibraryRow>;

/** A file, or a program's albums. */
export type LibrarySource = string | LibraryRows;

/** A library that can be read again: a file, or albums in memory. */
export type LibraryAtHand = string | readonly LibraryRow[];

/** What every function that takes a library accepts. */
export interface LibraryGiven {
  /** The library's file; rows serve too. */
  libraryDb?: LibrarySource | undefined;
  /** Albums that a program has in memory or yields one by one, instead of a file. */
  library?: LibraryRows | undefined;
  /** Columns of a CSV library by what they hold: `{ artist: 'Interpret', title: 'Album' }`. */
  libraryColumns?: Readonly<Record<string, string>> | undefined;
  /** Encoding of a CSV library that is not in UTF-8: `windows-1252`. */
  libraryEncoding?: string | undefined;
}

/** A call's options after {@link withLibrary} has read what can be read only once. */
export type WithLibrary<T> = Omit<T, 'library' | 'libraryDb'> & {
  libraryDb?: LibraryAtHand | undefined;
};

const rowsKind: OptionKind = {
  what: 'a list of albums, at least one, or an iterable of them',
  accepts: (value) =>
    Array.isArray(value)
      ? value.length > 0 && value.every((row) => option.object.accepts(row))
      : isIterable(value),
};

/** For functions that take a library. */
export const libraryKinds: OptionKinds<LibraryGiven> = {
  libraryDb: either(option.text, rowsKind),
  library: rowsKind,
  libraryColumns: option.object,
  libraryEncoding: option.text,
};

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/**
 * The same options with the library in one place, its albums in memory if they are not in a file.
 *
 * @throws UsageError if a file and rows are given; BadInputError if the source of the albums fails before its end.
 */
export async function withLibrary<T extends LibraryGiven>(
  options: T,
  signal?: AbortSignal,
): Promise<WithLibrary<T>> {
  const { library, libraryDb, ...others } = options;
  if (library !== undefined && libraryDb !== undefined && library !== libraryDb)
    throw new UsageError('libraryDb and library are both given: give one of them.');
  const source = library ?? libraryDb;
  return {
    ...others,
    libraryDb:
      source === undefined || typeof source === 'string' ? source : await inMemory(source, signal),
  };
}

/** What a library is called in messages: its file, or what it is instead. */
export const libraryName = (source: LibrarySource | undefined): string =>
  typeof source === 'string' ? source : 'that was passed in';

/** What has been read already: the functions of a call may ask again for a source that yields its albums only once. */
const known = new WeakMap<object, Promise<LibraryRow[]>>();

function inMemory(
  source: LibraryRows,
  signal: AbortSignal | undefined,
): Promise<readonly LibraryRow[]> | readonly LibraryRow[] {
  if (Array.isArray(source)) return source as readonly LibraryRow[];
  let rows = known.get(source);
  if (!rows) known.set(source, (rows = allOf(source, signal)));
  return rows;
}

async function allOf(
  source: Iterable<LibraryRow> | AsyncIterable<LibraryRow>,
  signal = new AbortController().signal,
): Promise<LibraryRow[]> {
  const iterator =
    Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  const rows: LibraryRow[] = [];
  let interrupt = (): void => undefined;
  // A source that falls silent must not keep a call from ending when it is aborted.
  const interrupted = new Promise<undefined>((settle) => (interrupt = () => settle(undefined)));
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    for (;;) {
      const next = signal.aborted ? undefined : await Promise.race([iterator.next(), interrupted]);
      if (next === undefined) {
        void Promise.resolve(iterator.return?.()).catch(() => undefined);
        throwIfInterrupted(signal);
      }
      if (next!.done) return rows;
      rows.push(next!.value);
    }
  } catch (error) {
    throwIfInterrupted(signal);
    throw new BadInputError(
      `the library that was passed in ended early, after ${rows.length} rows: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

const isText = (value: unknown): boolean => typeof value === 'string';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const [text, texts, count] = [
  ['a string', isText],
  ['a list of strings', isTexts],
  ['a whole number', isCount],
] as const;
const fields: Readonly<
  Record<keyof LibraryRow, readonly [what: string, accepts: (value: unknown) => boolean]>
> = {
  artist: text,
  title: text,
  alternates: texts,
  trackArtists: texts,
  releaseId: count,
  masterId: count,
  label: text,
  format: text,
  catno: text,
  year: count,
};
const fieldNames = Object.keys(fields) as (keyof LibraryRow)[];

/** @throws BadInputError if no row has an artist and a title, or a value is of the wrong type. */
export function surveyRows(source: readonly LibraryRow[]): LibrarySurvey {
  const survey = newSurvey('rows at hand', 'rows');
  for (const row of source) {
    survey.read += 1;
    const checked = checkedRow(row, survey.read);
    if (checked.artist?.trim() && checked.title?.trim()) survey.rows.push(checked);
    else leaveOut(survey, incomplete);
  }
  if (survey.rows.length === 0)
    throw new BadInputError(
      `the library that was passed in has no row with both an artist and a title (${source.length} rows)`,
    );
  return survey;
}

/** The row itself, or a copy without the nulls that a database gives for missing values. */
function checkedRow(row: LibraryRow, number: number): LibraryRow {
  const fault = (what: string): never => {
    throw new BadInputError(
      `row ${number} of the library that was passed in ${what}; give it as { artist: 'Stereolab', title: 'Dots and Loops' }`,
    );
  };
  if (typeof row !== 'object' || row === null) fault('is not an album');
  let checked = row;
  for (const name of fieldNames) {
    const value: unknown = row[name];
    if (value === undefined) continue;
    if (value === null) {
      if (checked === row) checked = { ...row };
      delete checked[name as 'label'];
    } else if (!fields[name][1](value))
      fault(
        `has ${name} of type ${Array.isArray(value) ? 'list' : typeof value}, but must be ${fields[name][0]}`,
      );
  }
  return checked;
}
