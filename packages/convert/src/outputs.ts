// The CSV files of one dump, rejects.jsonl and the decisions file: named as partial until the run is over, then renamed.
import { createReadStream, existsSync } from 'node:fs';
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
import { aliasesName, type Dump, type DumpKind } from '@wxyc/dataset';
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
  readonly #kinds: readonly string[];
  readonly #files: PartialFile[] = [];
  #rejects: PartialFile | undefined;

  /** @param kinds What is converted: other kinds' files stay, and so do their rejects. */
  constructor(directory: string, kinds: readonly DumpKind[]) {
    this.#directory = directory;
    this.#kinds = kinds;
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
    if (!this.#rejects) await this.#keepOtherRejects();
    for (const reject of rejects)
      await this.#writeReject(Buffer.from(`${JSON.stringify({ kind, ...reject })}\n`));
  }

  async #writeReject(line: Buffer): Promise<void> {
    this.#rejects ??= await this.add(join(this.#directory, rejectsName), rejectsKind);
    await this.#rejects.write(line);
  }

  /** Rejects of an earlier run would be taken for those of this one; those of other kinds belong to files that stay. */
  async #keepOtherRejects(): Promise<void> {
    for await (const line of linesOf(join(this.#directory, rejectsName))) {
      const kind = /^\{"kind":"(\w+)"/.exec(line.toString('latin1', 0, 64))?.[1];
      if (kind !== undefined && !this.#kinds.includes(kind)) await this.#writeReject(line);
    }
  }

  async finish(): Promise<void> {
    if (!this.#rejects) await this.#keepOtherRejects();
    await Promise.all(this.#files.map((file) => file.sync()));
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

/** The lines of a file with their ends; none if it does not exist. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  if (!existsSync(path)) return;
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end; (end = chunk.indexOf(0x0a, start)) >= 0; start = end + 1) {
      yield Buffer.concat([...pieces, chunk.subarray(start, end + 1)]);
      pieces = [];
    }
    pieces.push(chunk.subarray(start));
  }
  const rest = Buffer.concat(pieces);
  if (rest.length > 0) yield Buffer.concat([rest, Buffer.from('\n')]);
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
