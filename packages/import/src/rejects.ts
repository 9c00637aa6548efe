/**
 * Rows that cannot be loaded, kept in `rejects.csv` with file, row number and reason. `record` is the row as it was in the
 * file; row 0 is the file's header. Corrected, the file can be loaded by itself: see reload.ts.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { csvKind, encodeRow, guardOutputs, PartialFile, readRecords } from '@wxyc/csv';

const header = ['file', 'row', 'reason', 'record'];
/** How a file of rejected rows is recognised. */
export const rejectedRowsKind = csvKind('a file of rejected rows', header);

/** The reason of the row that holds a file's header. */
export const headerReason = 'header';

const withoutLineEnd = (row: string): string => row.replace(/\r?\n$/, '');

/** One per import; shared by its files. The file is created with the first reject; one of an earlier import is removed. */
export class Rejects {
  readonly path: string;
  count = 0;
  #file: PartialFile | undefined;
  readonly #headers = new Set<string>();
  #pending: string[] = [];
  #writing = Promise.resolve();

  private constructor(path: string) {
    this.path = path;
  }

  /** Checks, before anything is done, that the file is neither an input nor of another kind. */
  static guard(csvDir: string, files: readonly string[], path?: string): Promise<void> {
    return guardOutputs(
      [{ flag: '--rejects', path: placeOf(csvDir, path), kind: rejectedRowsKind }],
      files.map((name) => join(csvDir, name)),
    );
  }

  /** `files`: what this import reads. An earlier import's rejects of other files stay: tracks are loaded after the rest. */
  static async open(csvDir: string, files: readonly string[], path?: string): Promise<Rejects> {
    const rejects = new Rejects(placeOf(csvDir, path));
    if (!existsSync(rejects.path)) return rejects;
    for await (const row of readRecords(rejects.path, { delimiter: ',' })) {
      if (row['record'] !== undefined && !files.includes(row['file'] ?? ''))
        rejects.#pending.push(encodeRow(header.map((name) => row[name])));
    }
    return rejects;
  }

  /** Notes a row. `row` counts from 1, without the header. */
  add(file: string, headerRow: readonly string[], row: number, reason: string, raw: Buffer): void {
    this.count++;
    const name = basename(file);
    if (!this.#headers.has(name)) {
      this.#headers.add(name);
      this.#pending.push(
        encodeRow([name, '0', headerReason, withoutLineEnd(encodeRow(headerRow))]),
      );
    }
    this.#pending.push(
      encodeRow([name, String(row), reason, withoutLineEnd(raw.toString('utf8'))]),
    );
  }

  /** Writes what was noted since; call it between batches. Files are read in parallel, but only one writes at a time. */
  flush(): Promise<void> {
    if (this.#pending.length > 0) this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const rows = this.#pending;
    this.#pending = [];
    if (rows.length === 0) return;
    if (!this.#file) {
      this.#file = await PartialFile.create(this.path, rejectedRowsKind);
      await this.#file.write(Buffer.from(encodeRow(header)));
    }
    await this.#file.write(Buffer.from(rows.join('')));
  }

  /** The import is done: the file gets its name. */
  async finish(): Promise<void> {
    await this.flush();
    if (this.#file) await this.#file.finish();
    else await rm(this.path, { force: true });
  }

  /** The import failed: the next one will note its rejects again. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => undefined);
    await this.#file?.discard();
  }
}

const placeOf = (csvDir: string, path: string | undefined): string =>
  path ?? join(isWritable(csvDir) ? csvDir : process.cwd(), 'rejects.csv');

function isWritable(directory: string): boolean {
  try {
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
