/** The keep-ids file: releases that are owned whatever the rules say of them, one id a line. */

import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { OutputKind } from '@wxyc/csv';
import { readIds } from '@wxyc/matching';

/** How a keep-ids file is told: it begins with an id, or with a comment. */
export const keepIdsKind: OutputKind = {
  name: 'a list of release ids',
  recognises: (start) => /^\uFEFF?\s*(?:#|\d+\s*(?:\r?\n|$))/.test(start.toString('utf8')),
};

/** The ids of a file that may not be there yet, or be empty. */
export function readKeepIds(file: string): number[] {
  return existsSync(file) && readFileSync(file, 'utf8').trim() !== '' ? readIds(file) : [];
}

/** Writes the file so that a crash leaves either the old or the new one; without ids there is none. */
export function writeKeepIds(file: string, ids: readonly number[]): void {
  if (ids.length === 0) return rmSync(file, { force: true });
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}`);
  try {
    const handle = openSync(temporary, 'wx', 0o644);
    try {
      writeSync(handle, ids.map((id) => `${id}\n`).join(''));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
