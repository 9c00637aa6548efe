// The CSV files of one dump, rejects.jsonl and the decisions file: partial until the run is over, then renamed.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRow, PartialFile } from '@wxyc/csv';
import type { Dump } from '@wxyc/dataset';
import type { BatchResult, Reject } from './batch-result.js';

export const rejectsName = 'rejects.jsonl';

/** Files that end together: all get their names, all stay partial, or all go. */
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
    for (const { name, columns } of dump.files) {
      const file = await this.add(join(this.#directory, `${name}.csv`));
      await file.write(Buffer.from(encodeRow(columns)));
      files.push(file);
    }
    return files;
  }

  async add(path: string): Promise<PartialFile> {
    const file = await PartialFile.create(path);
    this.#files.push(file);
    return file;
  }

  async reject(kind: string, rejects: readonly Reject[]): Promise<void> {
    this.#rejects ??= await this.add(join(this.#directory, rejectsName));
    for (const reject of rejects) await this.#rejects.write(Buffer.from(`${JSON.stringify({ kind, ...reject })}\n`));
  }

  async finish(): Promise<void> {
    await Promise.all(this.#files.map((file) => file.sync()));
    // Rejects of an earlier run would be taken for this one's.
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
