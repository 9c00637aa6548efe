// The CSV files of one dump, rejects.jsonl and the decisions file: named as partial until the run is over, then renamed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  encodeRow,
  exportKind,
  jsonKind,
  PartialFile,
  type OutputFile,
  type OutputKind,
} from '@wxyc/csv';
import { aliasesName, type Dump } from '@wxyc/dataset';
import { coverageKind, decisionsKind } from '@wxyc/matching';
import { aliasesKind } from './artist-names.js';
import type { BatchResult, Reject } from './batch-result.js';

export const rejectsName = 'rejects.jsonl';
/** How `rejects.jsonl` is recognised. */
export const rejectsKind = jsonKind('a file of rejected records', ['kind', 'offset']);

/** All that a conversion may write, to be checked before it begins. */
export function outputFiles(
  directory: string,
  dumps: readonly Dump[],
  further: {
    decisions?: string | undefined;
    coverage?: string | undefined;
    aliases?: boolean;
  } = {},
): OutputFile[] {
  return [
    { flag: '--decisions', path: further.decisions, kind: decisionsKind },
    { flag: '--coverage', path: further.coverage, kind: coverageKind },
    ...(further.aliases
      ? [{ flag: '--output', path: join(directory, aliasesName), kind: aliasesKind }]
      : []),
    ...dumps.flatMap(({ files }) =>
      files.map((file) => ({
        flag: '--output',
        path: join(directory, `${file.name}.csv`),
        kind: exportKind(file),
      })),
    ),
    { flag: '--output', path: join(directory, rejectsName), kind: rejectsKind },
  ];
}

/** Files that end together: all get their names, all stay partial, or all are removed. */
export class Outputs {
  readonly #directory: string;
  readonly #files: PartialFile[] = [];
  #rejects: PartialFile | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Creates the dump's CSV files with their headers. */
  async create(dump: Dump): Promise<PartialFile[]> {
    const files: PartialFile[] = [];
    for (const described of dump.files) {
      const file = await this.add(
        join(this.#directory, `${described.name}.csv`),
        exportKind(described),
      );
      await file.write(Buffer.from(encodeRow(described.columns)));
      files.push(file);
    }
    return files;
  }

  async add(path: string, kind: OutputKind): Promise<PartialFile> {
    const file = await PartialFile.create(path, kind);
    this.#files.push(file);
    return file;
  }

  async reject(kind: string, rejects: readonly Reject[]): Promise<void> {
    this.#rejects ??= await this.add(join(this.#directory, rejectsName), rejectsKind);
    for (const reject of rejects)
      await this.#rejects.write(Buffer.from(`${JSON.stringify({ kind, ...reject })}\n`));
  }

  async finish(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.sync()));
    // Rejects of an earlier run would be taken for those of this one.
    if (!this.#rejects) await rm(join(this.#directory, rejectsName), { force: true });
    for (const file of this.#files) await file.finish();
  }

  async keepPartial(): Promise<void> {
    for (const file of this.#files) await file.keep();
  }

  async discard(): Promise<void> {
    for (const file of this.#files) await file.discard();
  }
}

/** Writes a batch's rows to the files. */
export async function writeRows(files: readonly PartialFile[], result: BatchResult): Promise<void> {
  let offset = 0;
  for (const [index, file] of files.entries()) {
    const length = result.lengths[index]!;
    if (length > 0) await file.write(result.output.subarray(offset, offset + length));
    offset += length;
  }
}
