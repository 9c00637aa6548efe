/** CSV files with further names: of library artists, and of artists on Discogs. */

import { readRecords } from '@wxyc/csv';
import { BadInputError } from '@wxyc/step';

/** Header of a file with further names of library artists. */
export const alternatesColumns = ['artist', 'name'] as const;
/** Header of a file with further names of artists on Discogs. */
export const aliasesColumns = ['artist_id', 'name'] as const;

/**
 * Reads `artist,name`: a library artist as the library spells it, and a further name of it.
 *
 * @throws BadInputError if the file is missing or lacks a column.
 */
export async function readAlternates(file: string, signal?: AbortSignal): Promise<(readonly [artist: string, name: string])[]> {
  const names: [string, string][] = [];
  for await (const { artist, name } of records(file, alternatesColumns, signal)) if (artist !== '' && name !== '') names.push([artist!, name!]);
  return names;
}

/**
 * Reads `artist_id,name`.
 *
 * @throws BadInputError if the file is missing or lacks a column.
 */
export async function readAliases(file: string, signal?: AbortSignal): Promise<Map<number, string[]>> {
  const names = new Map<number, string[]>();
  for await (const record of records(file, aliasesColumns, signal)) {
    const id = Number(record['artist_id']);
    const known = names.get(id);
    if (known) known.push(record['name']!);
    else names.set(id, [record['name']!]);
  }
  return names;
}

async function* records(file: string, columns: readonly string[], signal?: AbortSignal): AsyncGenerator<Record<string, string>> {
  let first = true;
  for await (const record of readRecords(file, { delimiter: ',', ...(signal ? { signal } : {}) })) {
    const missing = first ? columns.filter((column) => !(column in record)) : [];
    if (missing.length > 0) throw new BadInputError(`${file}: no column ${missing.join(' and ')}; found ${Object.keys(record).join(', ')}`);
    first = false;
    yield record;
  }
}
