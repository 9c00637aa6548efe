/** The coverage file: a CSV row for each album of the library, under its name only when it is whole. */

import { encodeRow, PartialFile } from '@wxyc/csv';
import { coverageColumns, coverageValues, type CoveredLibrary, type NearestReleases } from '@wxyc/matching';

/** So many rows are written at a time. */
const batchRows = 1_000;

export async function writeCoverage(path: string, library: CoveredLibrary, nearest: NearestReleases): Promise<void> {
  const file = await PartialFile.create(path);
  try {
    let rows = [encodeRow(coverageColumns)];
    for (const values of coverageValues(library, nearest)) {
      rows.push(encodeRow(values));
      if (rows.length < batchRows) continue;
      await file.write(Buffer.from(rows.join('')));
      rows = [];
    }
    await file.write(Buffer.from(rows.join('')));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
