/** Which columns of which file go where. All of it is checked before anything is written. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findCsv, openCsv, type CsvReader } from '@wxyc/csv';
import { aliasesName, tablesOf, type Profile, type Table } from '@wxyc/dataset';
import { BadInputError } from '@wxyc/step';
import type { EditionFiles } from './edition-rows.js';
import { gatheredColumns } from './gathered.js';
import { importedColumns } from './row-encoder.js';
import type { CsvLayout } from './csv-layout.js';

export type ImportMode = 'all' | 'base' | 'tracks' | 'artists';

/** The files of one import, without those that the directory may lack and does. */
export interface CsvFiles {
  /** Files by the table that they fill. */
  files: Map<string, CsvLayout>;
  /** Files by the release's column that is gathered from them. */
  gathered: Map<string, CsvLayout>;
  /** Other names of artists, `artist_id,name`, which convert writes if it was given an artists dump. */
  aliases?: string;
  /** Labels and formats, by which dedup distinguishes pressings. */
  editions: EditionFiles;
  /** Files that are missing, one sentence each. */
  warnings: string[];
}

/** Whether a mode fills a table. */
export const isLoadedBy = (mode: ImportMode, { load }: Table): boolean =>
  mode === 'all' || (mode === 'base' ? load === 'base' || load === 'derived' : load === mode);

/**
 * Opens every file that the mode needs, and finds its columns by name. Throws a BadInputError (exit 4) for a missing
 * file or column that names file, column and what was found.
 */
export async function readLayouts(
  csvDir: string,
  profile: Profile,
  mode: ImportMode,
  signal: AbortSignal,
): Promise<CsvFiles> {
  if (!existsSync(csvDir)) throw new BadInputError(`The CSV directory ${csvDir} does not exist`);
  const files = new Map<string, CsvLayout>();
  const gathered = new Map<string, CsvLayout>();
  const warnings: string[] = [];
  const tables = tablesOf(profile);
  // The base import counts the tracks, and its directory has to hold everything that is loaded later.
  for (const wanted of tables.filter(
    (table) => isLoadedBy(mode, table) || (mode === 'base' && table.load === 'tracks'),
  )) {
    if (!wanted.csv) continue;
    const found = findCsv(csvDir, wanted.csv.file);
    const path = join(csvDir, `${wanted.csv.file}.csv`);
    if (found !== undefined) {
      const layout = await readLayout(found, wanted, signal);
      files.set(wanted.name, layout);
      if (profile === 'full') warnings.push(...missingColumns(layout, wanted));
    } else if (wanted.csv.required) {
      const needed = tables.flatMap(({ csv }) => (csv?.required ? [`${csv.file}.csv`] : []));
      throw new BadInputError(
        `${path} does not exist; an import needs ${needed.slice(0, -1).join(', ')} and ${needed.at(-1)}`,
      );
    } else if (wanted.load !== 'artists')
      warnings.push(`${path} does not exist: ${wanted.name} stays empty`);
  }
  if (mode === 'all' || mode === 'base') {
    for (const { name, gathered: file } of tables.flatMap(gatheredColumns)) {
      const found = findCsv(csvDir, file);
      if (found !== undefined)
        gathered.set(
          name,
          await withReader(
            found,
            signal,
            (reader) => new Map([['release_id', reader.column('release_id')]]),
          ),
        );
      else
        warnings.push(
          `${join(csvDir, `${file}.csv`)} does not exist: the CSV files give no ${name}`,
        );
    }
  }
  const aliases = join(csvDir, aliasesName);
  const editions = {
    labels: findCsv(csvDir, 'release_label'),
    formats: findCsv(csvDir, 'release_format'),
  };
  return { files, gathered, warnings, editions, ...(existsSync(aliases) ? { aliases } : {}) };
}

/** Opens the files of a directory that holds only some of them; none is required. */
export async function readLayoutsPresent(
  csvDir: string,
  profile: Profile,
  signal: AbortSignal,
): Promise<Map<string, CsvLayout>> {
  const files = new Map<string, CsvLayout>();
  for (const wanted of tablesOf(profile)) {
    const path = wanted.csv && findCsv(csvDir, wanted.csv.file);
    if (path !== undefined) files.set(wanted.name, await readLayout(path, wanted, signal));
  }
  return files;
}

/** A reader over the whole file, which reads the header again. */
export async function openLayout(
  { path }: CsvLayout,
  { signal, opened }: { signal: AbortSignal; opened: CsvReader[] },
): Promise<CsvReader> {
  const reader = await openCsv(path, { signal });
  opened.push(reader);
  return reader;
}

async function readLayout(path: string, wanted: Table, signal: AbortSignal): Promise<CsvLayout> {
  return withReader(path, signal, (reader) => {
    const columns = new Map<string, number>();
    const place = (names: readonly string[], required: boolean): number =>
      required ? reader.column(...names) : reader.find(...names);
    for (const { name, csv } of importedColumns(wanted)) {
      // Columns that are in no CSV file have no names.
      if (csv && csv.names.length > 0)
        columns.set(
          name,
          place(csv.names, csv.required === 'role' ? reader.find('role') >= 0 : csv.required),
        );
    }
    // Earlier converters wrote only performers, without a role. With roles, only `extra` tells performers from the rest.
    if (wanted.others === 'left out')
      columns.set('extra', place(['extra'], reader.find('role') >= 0));
    return columns;
  });
}

/** A sentence for each column of a table that its file lacks. */
function missingColumns({ columns, path }: CsvLayout, wanted: Table): string[] {
  const missing = importedColumns(wanted).filter(
    ({ name, csv }) => csv!.names.length > 0 && columns.get(name) === -1,
  );
  return missing.map(
    ({ name, csv }) =>
      `${path} has no column ${csv!.names[0]}: ${wanted.name}.${name} stays empty (wxyc-convert --profile full writes it)`,
  );
}

async function withReader(
  path: string,
  signal: AbortSignal,
  columnsOf: (reader: CsvReader) => Map<string, number>,
): Promise<CsvLayout> {
  const reader = await openCsv(path, { signal });
  try {
    return {
      path,
      size: reader.size,
      header: reader.header,
      columns: columnsOf(reader),
      find: (...names) => reader.find(...names),
    };
  } finally {
    await reader.close();
  }
}
