/** The coverage file: a CSV row for each album of the library, under its name only when it is whole. */

import { writeWhole } from '@wxyc/csv';
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
  await writeWhole(path, coverageKind, coverageText(library, nearest));
}
