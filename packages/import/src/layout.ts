/** Which columns of which file go where. All of it is checked before anything is written. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findCsv, openCsv, type CsvReader } from '@wxyc/csv';
import { table, tables, type Table } from '@wxyc/dataset';
import { BadInputError } from '@wxyc/step';
import type { EditionFiles } from './edition-rows.js';

/** Beside the CSV files of a dump. */
const aliasesFile = 'library_aliases.csv';

export type ImportMode = 'all' | 'base' | 'tracks';

/** A CSV file of the directory with the places of its columns. */
export interface CsvLayout {
  path: string;
  size: number;
  header: readonly string[];
  /** Column of the table to column of the file; -1 where the file has none and need not. */
  columns: Map<string, number>;
  /** Columns that no table has, but that decide about rows: `master_id`, `extra` of track artists, `uri` and `type` of images. */
  find: (...names: string[]) => number;
}

/** The files of one import. Absent are those that the directory does not have and need not. */
export interface CsvFiles {
  files: Map<string, CsvLayout>;
  /** Other names of artists, `artist_id,name`, which convert leaves where it was given an artists dump. */
  aliases?: string;
  /** Labels and formats, by which dedup tells pressings apart. */
  editions: EditionFiles;
  /** Files that are missing, one sentence each. */
  warnings: string[];
}

/**
 * Opens every file that the mode needs, and finds its columns by name. Throws a BadInputError (exit 4) for a missing
 * file or column that names file, column and what was found.
 */
export async function readLayouts(csvDir: string, mode: ImportMode, signal: AbortSignal): Promise<CsvFiles> {
  if (!existsSync(csvDir)) throw new BadInputError(`The CSV directory ${csvDir} does not exist`);
  const files = new Map<string, CsvLayout>();
  const warnings: string[] = [];
  for (const wanted of tables) {
    if (!wanted.csv || (mode === 'tracks' && wanted.load !== 'tracks')) continue;
    const path = join(csvDir, `${wanted.csv.file}.csv`);
    const found = findCsv(csvDir, wanted.csv.file);
    if (found !== undefined) files.set(wanted.name, await readLayout(found, wanted, signal));
    else if (wanted.csv.required) throw new BadInputError(`${path} does not exist; an import needs release.csv, release_artist.csv, release_track.csv and release_track_artist.csv`);
    else warnings.push(`${path} does not exist: ${wanted.name} stays empty`);
  }
  if (mode !== 'tracks') {
    const path = join(csvDir, 'release_image.csv');
    const found = findCsv(csvDir, 'release_image');
    if (found !== undefined) files.set('release_image', await readImageLayout(found, signal));
    else warnings.push(`${path} does not exist: no artwork_url comes from the CSV files`);
  }
  const aliases = join(csvDir, aliasesFile);
  const editions = { labels: findCsv(csvDir, 'release_label'), formats: findCsv(csvDir, 'release_format') };
  return { files, warnings, editions, ...(existsSync(aliases) ? { aliases } : {}) };
}

/** The same for a directory that holds some of the files only; none is required. */
export async function readLayoutsPresent(csvDir: string, signal: AbortSignal): Promise<Map<string, CsvLayout>> {
  const files = new Map<string, CsvLayout>();
  for (const wanted of tables) {
    const path = wanted.csv && findCsv(csvDir, wanted.csv.file);
    if (path !== undefined) files.set(wanted.name, await readLayout(path, wanted, signal));
  }
  return files;
}

/** A reader over the whole file, its header read again. */
export function openLayout(layout: CsvLayout, signal: AbortSignal): Promise<CsvReader> {
  return openCsv(layout.path, { signal });
}

async function readLayout(path: string, wanted: Table, signal: AbortSignal): Promise<CsvLayout> {
  return withReader(path, signal, (reader) => {
    const columns = new Map<string, number>();
    for (const column of wanted.columns) {
      if (column.csv) columns.set(column.name, column.csv.required ? reader.column(...column.csv.names) : reader.find(...column.csv.names));
    }
    if (wanted.name === 'release') columns.set('master_id', reader.column('master_id'));
    if (wanted.name === 'release_track_artist') {
      // Earlier converters wrote performers alone, without a role. With roles, only `extra` tells performers from the rest.
      columns.set('extra', reader.find('role') >= 0 ? reader.column('extra') : reader.find('extra'));
    }
    return columns;
  });
}

function readImageLayout(path: string, signal: AbortSignal): Promise<CsvLayout> {
  return withReader(path, signal, (reader) => new Map([['release_id', reader.column('release_id')]]));
}

async function withReader(path: string, signal: AbortSignal, columnsOf: (reader: CsvReader) => Map<string, number>): Promise<CsvLayout> {
  const reader = await openCsv(path, { signal });
  try {
    return { path, size: reader.size, header: reader.header, columns: columnsOf(reader), find: (...names) => reader.find(...names) };
  } finally {
    await reader.close();
  }
}

/** The columns COPY names for a table, in the order in which the rows are written. */
export function copyColumns(name: string): string[] {
  return name === 'release' ? ['id', 'title', 'release_year', 'country', 'master_id'] : table(name).columns.map((column) => column.name);
}
