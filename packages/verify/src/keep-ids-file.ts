/** The keep-ids file: releases that are owned whatever the rules say about them, one id per line. */

import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { writeWhole, type OutputKind } from '@wxyc/csv';
import { readIds } from '@wxyc/matching';

/** How a keep-ids file is recognised: it begins with an id. */
export const keepIdsKind: OutputKind = {
  name: 'a list of release ids',
  recognises: (start) => /^\uFEFF?\s*\d+\s*(?:\r?\n|$)/.test(start.toString('utf8')),
};

/** The ids of a file that may not exist yet, or may be empty. */
export function readKeepIds(file: string): number[] {
  return existsSync(file) && readFileSync(file, 'utf8').trim() !== '' ? readIds(file) : [];
}

/** Writes the file: a crash leaves either the old or the new one; without ids there is none. */
export async function writeKeepIds(file: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return rm(file, { force: true });
  await writeWhole(file, keepIdsKind, ids.map((id) => `${id}\n`).join(''));
}
