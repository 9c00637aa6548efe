/** The coverage file: a CSV row for each album of the library, under its name only when it is whole. */

import { PartialFile } from '@wxyc/csv';
import {
  coverageKind,
  coverageText,
  type CoveredLibrary,
  type NearestReleases,
} from '@wxyc/matching';

export async function writeCoverage(
  path: string,
  library: CoveredLibrary,
  nearest: NearestReleases,
): Promise<void> {
  const file = await PartialFile.create(path, coverageKind);
  try {
    for (const piece of coverageText(library, nearest)) await file.write(Buffer.from(piece));
    await file.finish();
  } catch (error) {
    await file.discard();
    throw error;
  }
}
