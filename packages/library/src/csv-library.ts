/** Libraries as CSV or TSV, including Discogs' collection and wantlist exports. */

import { BadInputError } from '@wxyc/step';
import { pythonStrip } from '@wxyc/text';
import { layoutOf } from './column-names.js';
import { csvRows } from './csv-rows.js';
import { LibraryRepairs } from './library-repairs.js';
import {
  furtherOf,
  incomplete,
  leaveOut,
  newSurvey,
  recurs,
  valueOf,
  type Field,
  type LibrarySurvey,
  type RowValues,
} from './survey.js';
import { ownText, SharedTexts } from './text-chunks.js';
import { repairText } from './text-repair.js';

/** Reads the albums of a file with a header. @throws BadInputError if a column is missing or there twice, or the file is damaged. */
export function readCsvLibrary(
  file: string,
  named?: Readonly<Record<string, string>>,
  encoding?: string,
): LibrarySurvey {
  const rows = csvRows(file, encoding);
  const { value: first } = rows.next();
  if (!first)
    throw new BadInputError(
      `${file}: no header; give a file whose first line names the columns, artist and title among them`,
    );
  const header = first.values.map((name) => pythonStrip(name));
  const layout = layoutOf(file, header, named);
  const survey = newSurvey(kindOf(header), 'rows');
  for (const [field, places] of layout)
    survey.used[field] = places.map((at) => header[at]).join(', else ');
  const read = new Set([...layout.values()].flat());
  survey.unused = header.filter((name, at) => !read.has(at) && name !== '');
  const fromDiscogs = survey.kind.startsWith('Discogs');
  const repairs = new LibraryRepairs(() => undefined);
  const uneven = new UnevenRows();
  const texts = new SharedTexts();
  for (const { values, number, damaged, fromTabs } of rows) {
    survey.read += 1;
    uneven.take(number, values, header.length);
    const value = (field: Field): string => {
      const places = layout.get(field) ?? [];
      const found = places.map((at) => valueOf(values[at])).find((text) => text !== '');
      if (found !== undefined || fromTabs) return found ?? '';
      // Outside a database's TSV, NULL may be what an album or a band is called; nobody is called \N.
      const isName = (text: string): boolean => text !== '' && text !== '\\N';
      return places.map((at) => pythonStrip(values[at] ?? '')).find(isName) ?? '';
    };
    if (damaged) refuseDamage(file, header, values, number, encoding);
    const artist = repairs.take(number, 'artist', value('artist'));
    const title = repairs.take(number, 'title', value('title'));
    if (pythonStrip(artist) === '' || pythonStrip(title) === '') {
      leaveOut(survey, incomplete);
      continue;
    }
    const further: RowValues = {};
    for (const field of layout.keys())
      if (field !== 'artist' && field !== 'title') {
        const { text } = repairText(value(field));
        further[field] = recurs(field) ? texts.of(text) : ownText(text);
      }
    survey.rows.push({
      artist: texts.of(fromDiscogs ? withoutNumbers(artist) : artist),
      title: ownText(title),
      ...furtherOf(further),
    });
  }
  if (encoding !== undefined && encoding !== 'utf-8') survey.kind += ` in ${encoding}`;
  survey.remarks = [...repairs.remarks(file), ...uneven.remarks(file, header.length)];
  return survey;
}

function kindOf(header: readonly string[]): string {
  const has = (name: string): boolean => header.some((column) => column.toLowerCase() === name);
  if (!has('catalog#') || !has('release_id') || !has('released')) return 'CSV file';
  return has('collectionfolder') ? 'Discogs collection export' : 'Discogs wantlist export';
}

/** `Nirvana (2) & Nico (3)`: Discogs' numbers for artists of the same name, each after a whole name. */
const withoutNumbers = (artist: string): string =>
  artist.replace(/ \(\d+\)(?=$|,| & | [Ff]eat\.? | [Ww]ith | [Vv]s\.? | [Aa]nd | [/+] )/g, '');

function refuseDamage(
  file: string,
  header: readonly string[],
  values: readonly string[],
  row: number,
  encoding: string | undefined,
): void {
  const at = values.findIndex((value) => value.includes('\uFFFD'));
  if (at >= 0)
    throw new BadInputError(
      `${file}: row ${row}, column ${header[at] || at + 1}: ${JSON.stringify(values[at]!.slice(0, 60))} is not ${encoding ?? 'UTF-8'}; save the file as UTF-8, or say what it is in, such as --library-encoding ${encoding === undefined ? 'windows-1252' : 'utf-8'}`,
    );
}

/** Rows that have more or fewer values than the header: cut short, or with a delimiter that should have been quoted. */
class UnevenRows {
  #count = 0;
  #first: { row: number; values: number } | undefined;

  take(row: number, values: readonly string[], columns: number): void {
    // Empty values at the end may be there or not.
    if (
      values.length === columns ||
      (values.length > columns && values.slice(columns).every((value) => value === ''))
    )
      return;
    this.#count += 1;
    this.#first ??= { row, values: values.length };
  }

  remarks(file: string, columns: number): string[] {
    if (!this.#first) return [];
    const { row, values } = this.#first;
    return [
      `${file}: ${this.#count === 1 ? '1 row has' : `${this.#count} rows have`} more or fewer values than the header's ${columns}, the first is row ${row} (${values}); check whether it is cut short or lacks quotes`,
    ];
  }
}
