// Header-driven reading of CSV files of any size: whole rows in batches, found on the bytes.
import { open, type FileHandle } from 'node:fs/promises';
import { isUtf8 } from 'node:buffer';
import { BadInputError, refuseSpecialInput, throwIfInterrupted } from '@wxyc/step';
import { CsvBatch } from './batch.js';
import { csvInput, type CsvInput } from './csv-input.js';
import { replacementsIn } from './replacements.js';
import { RowTable } from './row-table.js';
import { refuseWrongKind } from './wrong-kind.js';

export interface CsvOptions {
  /** Ends the reading with an InterruptedError. */
  signal?: AbortSignal | undefined;
  /**
   * What to do with bytes that a database refuses. `all` (default): invalid UTF-8 becomes U+FFFD, NUL is dropped, both
   * are counted. `utf8`: only the first. `none`: bytes stay as they are.
   */
  repair?: 'all' | 'utf8' | 'none' | undefined;
  /** Bytes read at a time. Default: the size of the file, 64 KiB to 1 MiB; a batch is at most this and one row long. */
  chunkSize?: number | undefined;
}

/** What {@link CsvOptions.repair} changed so far. */
export interface CsvRepairs {
  /** How often U+FFFD replaced invalid UTF-8. */
  invalidUtf8: number;
  /** NUL characters dropped. */
  nul: number;
}

type Settings = CsvOptions & {
  repair: NonNullable<CsvOptions['repair']>;
  chunkSize: number;
};

/** A row that is longer than this has a quote that is never closed. */
export const longestRow = 64 * 1024 * 1024;

/**
 * An open CSV file: its header is read, its rows come from {@link batches}. It is closed when the iteration ends,
 * however it ends; call {@link close} if it is never begun.
 */
export class CsvReader {
  readonly path: string;
  readonly header: readonly string[];
  /** Size of the file in bytes when it was opened. */
  readonly size: number;
  /** The header row as it is in the file, line end included. */
  readonly rawHeader: Buffer;
  readonly repairs: CsvRepairs = { invalidUtf8: 0, nul: 0 };
  /** Rows handed out so far, without the header. */
  rows = 0;
  /** Bytes of the file read so far: of {@link size}. */
  bytesRead = 0;
  readonly #input: CsvInput;
  readonly #options: Settings;
  #carry: Buffer;
  #ended = false;

  private constructor(
    path: string,
    input: CsvInput,
    size: number,
    start: HeaderRow,
    options: Settings,
  ) {
    this.path = path;
    this.size = size;
    this.#input = input;
    this.#options = options;
    this.header = start.header;
    this.rawHeader = start.raw;
    this.#carry = start.rest;
    this.#ended = start.ended;
    this.bytesRead = input.position();
  }

  /** @internal Use {@link openCsv}. */
  static async open(path: string, options: CsvOptions): Promise<CsvReader> {
    const file = await openForReading(path);
    const { size } = await file.stat();
    const input = await csvInput(path, file);
    const fitting = input.inflates ? largestChunk : Math.max(smallestChunk, size);
    const settings: Settings = {
      ...options,
      repair: options.repair ?? 'all',
      chunkSize: options.chunkSize ?? Math.min(largestChunk, fitting),
    };
    try {
      return new CsvReader(
        path,
        input,
        size,
        await readHeader(path, input, settings.chunkSize),
        settings,
      );
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  /** Index of the column with the first of these names that the header has, or -1. */
  find(...names: string[]): number {
    for (const name of names) {
      const index = this.header.indexOf(name);
      if (index >= 0) return index;
    }
    return -1;
  }

  /** Like {@link find}, but a missing column is a {@link BadInputError} that names file, column and what was found. */
  column(...names: string[]): number {
    const index = this.find(...names);
    if (index >= 0) return index;
    throw new BadInputError(
      `${this.path} has no column ${names.map((name) => `"${name}"`).join(' or ')}; its columns are: ${this.header.join(', ')}`,
    );
  }

  /**
   * The rows, in file order, in batches of about {@link CsvOptions.chunkSize} bytes. Can be iterated once.
   * Throws a {@link BadInputError} for a quote that is never closed.
   */
  async *batches(): AsyncGenerator<CsvBatch, void, void> {
    const { chunkSize, signal, repair } = this.#options;
    const table = new RowTable();
    let buffer: Buffer = Buffer.allocUnsafeSlow(chunkSize + this.#carry.length);
    let filled = this.#carry.copy(buffer);
    this.#carry = Buffer.alloc(0);
    /** A row without an end so far is looked at again only when its size has doubled, not with every chunk. */
    let enough = 0;
    try {
      for (;;) {
        if (signal) throwIfInterrupted(signal);
        if (!this.#ended) {
          const room = Math.min(chunkSize, buffer.length - filled);
          const bytesRead = await this.#input.read(buffer, filled, room);
          filled += bytesRead;
          this.bytesRead = this.#input.position();
          if (bytesRead === 0) this.#ended = true;
        }
        const scans = this.#ended || filled >= enough;
        const consumed = scans ? table.scan(buffer, filled, this.#ended) : 0;
        // A repair scans again, but only the whole rows.
        const { openQuote } = table;
        if (scans) enough = table.rows > 0 ? 0 : filled * 2;
        if (scans && table.rows > 0) {
          const scanned = buffer.subarray(0, consumed);
          const bytes = repair === 'none' ? scanned : this.#repair(scanned);
          if (bytes !== scanned) table.scan(bytes, bytes.length, true);
          const firstRow = this.rows + 1;
          this.rows += table.rows;
          yield new CsvBatch(bytes, table, firstRow);
        }
        if (this.#ended) {
          if (openQuote) throw this.#openQuote();
          return;
        }
        if (consumed > 0) buffer.copyWithin(0, consumed, filled);
        filled -= consumed;
        if (filled > longestRow) throw rowTooLong(this.path, this.rows + 1);
        if (buffer.length - filled < chunkSize / 2) {
          const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
          buffer.copy(larger, 0, 0, filled);
          buffer = larger;
        }
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
    await this.#input.close();
  }

  #openQuote(): BadInputError {
    return new BadInputError(
      `${this.path}: a quoted field in row ${this.rows + 1} (not counting the header) is never closed`,
    );
  }

  #repair(bytes: Buffer): Buffer {
    let result = bytes;
    if (!isUtf8(result)) {
      const repaired = Buffer.from(result.toString('utf8'));
      this.repairs.invalidUtf8 += replacementsIn(repaired) - replacementsIn(result);
      result = repaired;
    }
    if (this.#options.repair === 'all' && result.includes(0)) {
      const repaired = Buffer.from(result.filter((byte) => byte !== 0));
      this.repairs.nul += result.length - repaired.length;
      result = repaired;
    }
    return result;
  }
}

/**
 * Opens a CSV file, plain or gzipped, and reads its header. Quoted fields may hold line ends; rows end with CRLF or LF; a byte order mark
 * is skipped. Memory: two chunks, and the longest row.
 *
 * Throws a {@link BadInputError} when the file is missing, empty or cannot be read.
 *
 * @example
 * const csv = await openCsv('release.csv');
 * const id = csv.column('id');
 * for await (const batch of csv.batches()) {
 *   for (let row = 0; row < batch.rows; row++) console.log(batch.text(row, id));
 * }
 */
export function openCsv(path: string, options: CsvOptions = {}): Promise<CsvReader> {
  return CsvReader.open(path, options);
}

/** Chunks of a small file are small: much memory that is soon garbage makes V8 collect again and again. */
const smallestChunk = 64 * 1024;
const largestChunk = 1024 * 1024;

interface HeaderRow {
  header: string[];
  raw: Buffer;
  rest: Buffer;
  ended: boolean;
}

/** For a row above {@link longestRow}; `row` counts from 1 below the header. */
export function rowTooLong(path: string, row: number): BadInputError {
  return new BadInputError(
    `${path}: row ${row} (not counting the header) is longer than ${longestRow / 1024 / 1024} MB: a quoted field in it is never closed, or the file is not CSV`,
  );
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    refuseSpecialInput(path);
    const file = await open(path, 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new BadInputError(`${path} is a directory; a CSV file was expected`);
    }
    return file;
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    throw new BadInputError(
      code === 'ENOENT'
        ? `${path} does not exist`
        : `${path} cannot be read: ${(error as Error).message}`,
      { cause: error },
    );
  }
}

async function readHeader(path: string, input: CsvInput, chunkSize: number): Promise<HeaderRow> {
  const table = new RowTable();
  let bytes: Buffer = Buffer.alloc(0);
  let ended = false;
  for (;;) {
    const chunk = Buffer.allocUnsafeSlow(chunkSize);
    const bytesRead = await input.read(chunk, 0, chunkSize);
    ended = bytesRead === 0;
    if (bytes.length === 0) refuseWrongKind(path, chunk.subarray(0, bytesRead));
    bytes = Buffer.concat([bytes, chunk.subarray(0, bytesRead)]);
    const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
    const text = bytes.subarray(mark);
    // The scan covers all rows of the chunk, but this is done only once per file.
    table.scan(text, text.length, ended);
    if (table.rows > 0) {
      const row = new CsvBatch(text, table, 0);
      const header = Array.from({ length: row.fieldCount(0) }, (_, column) => row.text(0, column));
      const end = mark + row.rowEnd(0);
      return {
        header,
        raw: Buffer.from(bytes.subarray(0, end)),
        rest: Buffer.from(bytes.subarray(end)),
        ended,
      };
    }
    if (ended)
      throw new BadInputError(
        `${path} is ${bytes.length === 0 ? 'empty' : 'blank'}: a header row was expected`,
      );
    if (bytes.length > longestRow)
      throw new BadInputError(
        `${path} has no newline in its first ${longestRow} bytes: it is not a CSV file`,
      );
  }
}
