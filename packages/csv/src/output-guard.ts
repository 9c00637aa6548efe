// Outputs never harm inputs: checked by every step before it writes anything.
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '@wxyc/step';
import { refuseOtherKind, type OutputKind } from './output-kind.js';
import { refuseSpecialPlace } from './output-place.js';
import { partialPathOf } from './partial-file.js';

/** A file that a step is going to write. */
export interface OutputFile {
  /** How the caller gave it: `--decisions`, or the option's name. */
  flag: string;
  path: string | undefined;
  kind: OutputKind;
}

/**
 * Refuses outputs that would destroy something: one that is an input by whatever name (links, other spelling, another hard
 * link), two outputs in one place, an existing file of another kind, a link, a pipe or a device.
 *
 * Call it before anything is written or connected to. The same holds for `NAME.partial`, the name that an output has
 * until it is whole.
 *
 * @param inputs every file that the step reads; those left out or missing are ignored.
 * @throws UsageError that names the flag and the file.
 * @example
 * await guardOutputs([{ flag: '--decisions', path: 'decisions.csv', kind: decisionsKind }], ['library.db']);
 */
export async function guardOutputs(
  outputs: readonly OutputFile[],
  inputs: readonly unknown[],
): Promise<void> {
  const read = new Map<string, string>();
  for (const input of inputs) {
    // What is not a path was handed over by a program.
    if (typeof input !== 'string') continue;
    for (const key of await identities(input)) read.set(key, input);
  }
  const written = new Map<string, string>();
  for (const { flag, path, kind } of outputs) {
    if (path === undefined) continue;
    for (const place of [path, partialPathOf(path)]) {
      for (const key of await identities(place)) {
        const input = read.get(key);
        if (input !== undefined) {
          throw new UsageError(
            `${flag} ${path} would overwrite an input${samePlace(input, path) ? '' : ` (it is the same file as ${input})`}: choose another file`,
          );
        }
        const other = written.get(key);
        if (other !== undefined && other !== flag)
          throw new UsageError(
            `${flag} ${path} is the same file as that of ${other}: choose another file`,
          );
        written.set(key, flag);
      }
    }
    const what = `${flag} ${path}`;
    if (await refuseSpecialPlace(path, what)) await refuseOtherKind(path, kind, what);
    await refuseSpecialPlace(partialPathOf(path), `${flag} ${partialPathOf(path)}`);
  }
}

const samePlace = (a: string, b: string): boolean => resolve(a) === resolve(b);

/** Identifies a file by its path and by what is there: links are followed, hard links are the same file. */
async function identities(path: string): Promise<string[]> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return [`path ${resolve(path)}`, ...(found ? [`file ${found.dev}:${found.ino}`] : [])];
}
