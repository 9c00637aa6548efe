/** Rows of a CSV or TSV file, read by papaparse one piece of the file at a time. */

import { createRequire } from 'node:module';
import { BadInputError } from '@wxyc/step';
import type PapaParse from 'papaparse';
import { textChunks } from './text-chunks.js';
import { knownColumns } from './column-names.js';

/** Loaded when the first such file is read. */
let papa: typeof PapaParse | undefined;

/** A row that is longer than this has a quote that is never closed. */
const longestRow = 1024 * 1024;

export interface CsvRow {
  values: readonly string[];
  /** Counted from 1 at the header, as a spreadsheet does while no value spans lines. */
  number: number;
  /** The piece of the file that the row comes from is not valid in its encoding: a U+FFFD is damage. */
  damaged: boolean;
  /** Tabs separate its values. */
  fromTabs: boolean;
}

/** The rows, the header first. Lines without any value are not rows. @param encoding Default UTF-8. */
export function* csvRows(file: string, encoding?: string): Generator<CsvRow, void, void> {
  papa ??= createRequire(import.meta.url)('papaparse') as typeof PapaParse;
  let rest = '';
  let damaged = false;
  let delimiter: string | undefined;
  let lineEnd: 'lf' | 'cr' | undefined;
  let number = 0;
  const chunks = textChunks(file, encoding);
  for (;;) {
    const { value: chunk, done: ended = false } = chunks.next();
    damaged = (damaged && rest !== '') || (chunk?.damaged ?? false);
    let text = rest + (chunk?.text ?? '');
    // A line end that is split between two pieces.
    const half = !ended && text.endsWith('\r') ? '\r' : '';
    if (half) text = text.slice(0, -1);
    lineEnd ??= text.includes('\n') || !text.includes('\r') ? 'lf' : 'cr';
    if (text.includes('\r'))
      text = lineEnd === 'lf' ? text.replaceAll('\r\n', '\n') : text.replaceAll('\r', '\n');
    delimiter ??= delimiterOf(papa, text);
    const fromTabs = delimiter === '\t';
    const { rows, used, fault } = fromTabs
      ? tabRows(text, ended)
      : commaRows(papa, text, delimiter, ended);
    for (const values of rows) {
      number += 1;
      if (values.some((value) => value !== '')) yield { values, number, damaged, fromTabs };
    }
    if (fault) {
      const row = number + 1;
      throw new BadInputError(
        `${file}: row ${row}: ${fault === 'open' ? 'a quote that is never closed' : 'a quoted value goes on after its closing quote'}; write quotes inside a value twice ("")`,
      );
    }
    if (ended) return;
    rest = text.slice(used) + half;
    if (rest.length > longestRow)
      throw new BadInputError(
        `${file}: row ${number + 1}: a quote that is never closed; write quotes inside a value twice ("")`,
      );
  }
}

interface ParsedRows {
  rows: string[][];
  /** How many characters of the text the rows take up. */
  used: number;
  /** What is wrong with the row after them. */
  fault?: 'open' | 'after' | undefined;
}

interface PapaResult {
  data: string[][];
  errors: { code: string; row?: number }[];
  meta: { cursor: number };
}

function commaRows(
  Papa: typeof PapaParse,
  text: string,
  delimiter: string,
  ended: boolean,
): ParsedRows {
  const parser = new Papa.Parser({ delimiter, newline: '\n' }) as {
    parse(text: string, base: number, ignoreLastRow: boolean): PapaResult;
  };
  const { data, errors, meta } = parser.parse(text, 0, !ended);
  const open = errors.find(({ code }) => code === 'MissingQuotes');
  const after = errors.find(({ code }) => code === 'InvalidQuotes');
  // A row that is not complete yet may continue.
  if (after && (ended || after.row! < data.length))
    return { rows: data.slice(0, after.row), used: 0, fault: 'after' };
  if (open && ended) return { rows: data.slice(0, -1), used: 0, fault: 'open' };
  return { rows: data, used: meta.cursor };
}

/** Where tabs separate values, quotes are mostly ordinary characters (`12" mixes`), unless they enclose a value. */
function tabRows(text: string, ended: boolean): ParsedRows {
  const used = ended ? text.length : text.lastIndexOf('\n') + 1;
  const lines = text.slice(0, used).split('\n');
  if (lines.at(-1) === '') lines.pop();
  return {
    rows: lines.map((line) =>
      line
        .split('\t')
        .map((value) =>
          /^".*"$/.test(value) && value.length > 1
            ? value.slice(1, -1).replaceAll('""', '"')
            : value,
        ),
    ),
    used,
  };
}

/** The delimiter by which the header has the most known columns; if several do, the one that gives the most columns. */
function delimiterOf(Papa: typeof PapaParse, text: string): string {
  const header =
    text
      .slice(0, 64 * 1024)
      .split('\n')
      .find((line) => line.trim() !== '') ?? '';
  let best = { delimiter: ',', known: -1, columns: 0 };
  for (const delimiter of [',', ';', '\t', '|']) {
    const names =
      delimiter === '\t'
        ? header.split('\t')
        : ((Papa.parse(header, { delimiter }).data[0] as string[] | undefined) ?? []);
    const known = knownColumns(names);
    if (known > best.known || (known === best.known && names.length > best.columns))
      best = { delimiter, known, columns: names.length };
  }
  return best.delimiter;
}
