/** Loads a corrected `rejects.csv` on top of what an import has loaded. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { queryable, refusePublishedCache } from '@wxyc/cache';
import { readRecords } from '@wxyc/csv';
import { tablesOf } from '@wxyc/dataset';
import { BadInputError } from '@wxyc/step';
import type { TableCounts } from './counts.js';
import { readLayoutsPresent } from './layout.js';
import { addRows, inTransaction, readReleases, type Loading } from './load.js';
import { headerReason, Rejects } from './rejects.js';

/** Adds the file's rows in one transaction. What still cannot be loaded stays in the file; if nothing does, the file is removed. */
export async function reloadRejects(
  file: string,
  loading: Omit<Loading, 'rejects'>,
): Promise<{ tables: TableCounts[]; rejects: Rejects }> {
  // Beside the file, which is rewritten at the end anyway: the directory for temporary files may be read-only.
  const folder = await mkdtemp(join(dirname(file), '.wxyc-rejects-'));
  try {
    const names = await writeFiles(file, folder, loading);
    const rejects = await Rejects.open(dirname(file), names, file);
    const full: Loading = { ...loading, rejects };
    await readReleases(full);
    const counts = await inTransaction(full, `Loading ${file}`, async (client) => {
      await refusePublishedCache(queryable(client), loading.schema, 'wxyc-import');
      return addRows(
        client,
        full,
        await readLayoutsPresent(folder, loading.profile, loading.signal),
      );
    });
    await rejects.finish();
    return { tables: counts, rejects };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Splits the file into the CSV files that its rows came from, headers first. Returns their names. */
async function writeFiles(
  file: string,
  folder: string,
  { profile, signal }: Pick<Loading, 'profile' | 'signal'>,
): Promise<string[]> {
  const known = new Set(tablesOf(profile).flatMap(({ csv }) => (csv ? [`${csv.file}.csv`] : [])));
  const contents = new Map<string, { header: string; records: string[] }>();
  for await (const { file: name = '', reason, record = '' } of readRecords(file, {
    delimiter: ',',
    signal,
  })) {
    if (!known.has(name))
      throw new BadInputError(
        `${file} is not the rejects file of an import: it names a file "${name}"`,
      );
    const content = contents.get(name) ?? { header: '', records: [] };
    if (reason === headerReason) content.header = record;
    else content.records.push(record);
    contents.set(name, content);
  }
  for (const [name, { header, records }] of contents) {
    if (!header)
      throw new BadInputError(
        `${file} lacks the header of ${name}: the row with row 0 and reason "${headerReason}"`,
      );
    await writeFile(join(folder, name), [header, ...records].map((row) => `${row}\r\n`).join(''));
  }
  if (contents.size === 0) throw new BadInputError(`${file} holds no rows to load`);
  return [...contents.keys()];
}
