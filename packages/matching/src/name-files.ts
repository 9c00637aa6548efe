/** CSV files with other names: of library artists (alternates), and of artists on Discogs (aliases). */

import { openCsv } from '@wxyc/csv';
import { BadInputError } from '@wxyc/step';

/** Header of a file of alternates. */
const alternatesColumns = ['artist', 'name'] as const;
/** Header of a file of aliases. */
export const aliasesColumns = ['artist_id', 'name'] as const;

/**
 * Reads `artist,name`: a library artist as the library spells it, and another name for it. Rows that lack either do not count.
 *
 * @throws BadInputError if the file is missing or lacks a column.
 */
export async function readAlternates(
  file: string,
  signal?: AbortSignal,
): Promise<(readonly [artist: string, name: string])[]> {
  const names: [string, string][] = [];
  for await (const [artist, name] of pairs(file, alternatesColumns, signal))
    if (artist !== '' && name !== '') names.push([artist, name]);
  return names;
}

/**
 * Reads `artist_id,name`. Rows without a name do not count.
 *
 * @throws BadInputError if the file is missing, lacks a column, or has a row whose id is not valid.
 */
export async function readAliases(
  file: string,
  signal?: AbortSignal,
): Promise<Map<number, string[]>> {
  const names = new Map<number, string[]>();
  for await (const [artistId, name, row] of pairs(file, aliasesColumns, signal)) {
    if (!/^[1-9]\d{0,9}$/.test(artistId))
      throw new BadInputError(
        `${file}: row ${row} has the artist_id "${artistId.slice(0, 40)}"; give the artist's Discogs id, such as 194`,
      );
    const id = Number(artistId);
    const known = names.get(id);
    if (name === '') continue;
    if (known) known.push(name);
    else names.set(id, [name]);
  }
  return names;
}

async function* pairs(
  file: string,
  columns: readonly [string, string],
  signal?: AbortSignal,
): AsyncGenerator<[first: string, second: string, row: number]> {
  const csv = await openCsv(file, signal ? { signal } : {});
  try {
    const [first, second] = [csv.column(columns[0]), csv.column(columns[1])];
    for await (const batch of csv.batches()) {
      // If it were read as UTF-8 anyway, `Björk` would silently match nothing.
      if (csv.repairs.invalidUtf8 > 0)
        throw new BadInputError(
          `${file}: not UTF-8, somewhere from row ${batch.firstRow} on; save it as UTF-8`,
        );
      for (let row = 0; row < batch.rows; row += 1)
        yield [batch.text(row, first), batch.text(row, second), batch.firstRow + row];
    }
  } finally {
    await csv.close();
  }
}
