/** Reads a decisions file that convert, filter, pipeline or verify wrote. */

import { readRecords } from '@wxyc/csv';
import { decisionColumns, isEarlierDecisionsFile } from '@wxyc/matching';
import { BadInputError } from '@wxyc/step';

export type StoredDecision = Record<(typeof decisionColumns)[number], string>;

/** @throws BadInputError if the file is missing, is not a decisions file, or was made by earlier rules. */
export async function* readDecisions(
  file: string,
  signal?: AbortSignal,
): AsyncGenerator<StoredDecision> {
  let first = true;
  for await (const record of readRecords(file, { delimiter: ',', ...(signal ? { signal } : {}) })) {
    if (first) checkHeader(file, Object.keys(record));
    first = false;
    yield record as StoredDecision;
  }
}

function checkHeader(file: string, header: readonly string[]): void {
  const missing = decisionColumns.find((name) => !header.includes(name));
  if (missing === undefined) return;
  if (isEarlierDecisionsFile(header)) {
    throw new BadInputError(
      `${file} was written by an earlier version, with other rules; write it again with --decisions of wxyc-pipeline, wxyc-convert or wxyc-verify`,
    );
  }
  throw new BadInputError(
    `${file} is not a decisions file: it has no column ${missing} (found ${header.join(', ')})`,
  );
}

/** The rows that are wanted, in the file's order. */
export async function findDecisions(
  file: string,
  wanted: (row: StoredDecision) => boolean,
  signal?: AbortSignal,
): Promise<StoredDecision[]> {
  const found: StoredDecision[] = [];
  for await (const row of readDecisions(file, signal)) if (wanted(row)) found.push(row);
  return found;
}
