/** The result of reading a library, and how its reader counts. */

import { pythonStrip } from '@wxyc/text';
import type { LibraryRow } from '@wxyc/matching';

/** What a column can hold. */
export type Field =
  | 'artist'
  | 'title'
  | 'alternates'
  | 'trackArtists'
  | 'releaseId'
  | 'masterId'
  | 'label'
  | 'format'
  | 'catno'
  | 'year';

/** The usable albums of a library, and what became of the rest. */
export interface LibrarySurvey {
  rows: LibraryRow[];
  /** Rows or tracks that lack an artist or a title. */
  skipped: number;
  /** Sentences about values that were written in the wrong encoding or with HTML entities, and about rows that do not fit their header. */
  remarks: string[];
  /** For people: `Discogs collection export`. */
  kind: string;
  /** What the file lists. */
  unit: 'rows' | 'tracks';
  /** How many of them there are: those that rows were made of, and {@link leftOut}. */
  read: number;
  /** How many were left out, by reason. */
  leftOut: Record<string, number>;
  /** The file's columns that are read, by what they hold. */
  used: Partial<Record<Field, string>>;
  /** Its other columns. */
  unused: string[];
}

/** The reason that is counted as {@link LibrarySurvey.skipped}. */
export const incomplete = 'without an artist or a title';

export function newSurvey(kind: string, unit: LibrarySurvey['unit']): LibrarySurvey {
  return {
    rows: [],
    skipped: 0,
    remarks: [],
    kind,
    unit,
    read: 0,
    leftOut: {},
    used: {},
    unused: [],
  };
}

export function leaveOut(survey: LibrarySurvey, reason: string): void {
  survey.leftOut[reason] = (survey.leftOut[reason] ?? 0) + 1;
  if (reason === incomplete) survey.skipped += 1;
}

/** Whether a field's values are repeated so often that keeping one copy of each saves memory. */
export const recurs = (field: Field): boolean =>
  field === 'artist' || field === 'label' || field === 'format';

/** Rows as a reader has them: values as text, by what they hold. */
export type RowValues = Partial<Record<Field, string>>;

/** The row's further values, without those that are empty, or are not a number where one belongs. */
export function furtherOf(values: RowValues): Omit<LibraryRow, 'artist' | 'title'> {
  const further: { -readonly [K in keyof LibraryRow]?: LibraryRow[K] } = {};
  const alternates = listOf(values.alternates);
  if (alternates.length > 0) further.alternates = alternates;
  const trackArtists = listOf(values.trackArtists);
  if (trackArtists.length > 0) further.trackArtists = trackArtists;
  const releaseId = idOf(values.releaseId, idsOf.release);
  if (releaseId) further.releaseId = releaseId;
  // Discogs marks masters where both may stand.
  const masterId =
    idOf(values.masterId, idsOf.master) || idOf(values.releaseId, idsOf.markedMaster);
  if (masterId) further.masterId = masterId;
  for (const field of ['label', 'format', 'catno'] as const) {
    const text = valueOf(values[field]);
    if (text !== '') further[field] = text;
  }
  const year = yearOf(values.year);
  if (year) further.year = year;
  return further;
}

/** A value without white space around it; empty for what an export from MySQL has for none. */
export function valueOf(value: string | undefined): string {
  const text = pythonStrip(value ?? '');
  return text === 'NULL' || text === '\\N' ? '' : text;
}

function listOf(value: string | undefined): string[] {
  const text = valueOf(value);
  return text === '' ? [] : text.split(/\s*[;\n]\s*/).filter((name) => name !== '');
}

/** Ids on Discogs: plain, as `[r249504]`, or in the address of a page. */
const idsOf = {
  release: /^\[?r?([1-9]\d{0,9})\]?(?:\.0)?$|\/release\/([1-9]\d{0,9})\b/,
  master: /^\[?m?([1-9]\d{0,9})\]?(?:\.0)?$|\/master\/([1-9]\d{0,9})\b/,
  markedMaster: /^\[?m([1-9]\d{0,9})\]?$|\/master\/([1-9]\d{0,9})\b/,
};

function idOf(value: string | undefined, pattern: RegExp): number {
  const found = pattern.exec(value?.trim() ?? '');
  const id = Number(found?.[1] ?? found?.[2] ?? 0);
  return id <= 0x7fffffff ? id : 0;
}

/** The year of `1997`, `1997-09-22` or `22/09/1997`. */
function yearOf(value: string | undefined): number {
  return Number(/(?<!\d)(?:18|19|20)\d\d(?!\d)/.exec(value ?? '')?.[0] ?? 0);
}
