/** Reads a decisions file that convert, filter, pipeline or verify wrote. */

import { readRecords } from '@wxyc/csv';
import { decisionColumns } from '@wxyc/matching';
import { BadInputError } from '@wxyc/step';

export type StoredDecision = Record<(typeof decisionColumns)[number], string>;

/** @throws BadInputError if the file is missing or is no decisions file. */
export async function* readDecisions(file: string, signal?: AbortSignal): AsyncGenerator<StoredDecision> {
  let first = true;
  for await (const record of readRecords(file, { delimiter: ',', ...(signal ? { signal } : {}) })) {
    if (first) {
      const missing = decisionColumns.filter((name) => !(name in record));
      if (missing.length > 0) {
        throw new BadInputError(`${file} is no decisions file: it has no column ${missing[0]} (found ${Object.keys(record).join(', ')})`);
      }
      first = false;
    }
    yield record as StoredDecision;
  }
}

/** The row of one release, or undefined. */
export async function findDecision(file: string, releaseId: number, signal?: AbortSignal): Promise<StoredDecision | undefined> {
  for await (const row of readDecisions(file, signal)) if (Number(row.release_id) === releaseId) return row;
  return undefined;
}
