/**
 * The files of child tables as COPY rows: rows of absent roots dropped, one row per key. Rows of one root usually come together, so
 * keys are compared only within such a run; a further run of the same root is left for a second pass,
 * which is merged in the database.
 */
import { IdSet, type CsvBatch, type CsvReader } from '@wxyc/csv';
import { rootIdColumn, rootOf } from '@wxyc/dataset';
import { CopyText } from './copy-text.js';
import { drop } from './counts.js';
import { integerAt } from './fields.js';
import { chunkBytes, type RowsOptions } from './root-rows.js';
import { outcomes, RowEncoder } from './row-encoder.js';
import { RunKeys } from './run-keys.js';

export interface ChildOptions extends RowsOptions {
  /** Roots that are in the database. */
  loaded: IdSet;
  /** Roots whose own row came more than once, so that their children may have, too. */
  repeated: IdSet;
}

/** A run that is larger than this is cut, to keep memory bounded: the rest counts as a further run. */
const longestRun = { rows: 100_000, bytes: 8 * 1024 * 1024 };

/** What a run of rows is: the first of its root, a further one, or one of a root that is not in the database. */
type Run = 'first' | 'further' | 'orphan';

/**
 * What a pass over a file encodes:
 * - `first`: first runs, which go straight into the table
 * - `further`: what the first pass left, to be merged; every row has its ordinal as a further column
 * - `all`: rows that are added to those in the table, whichever run they are in, with their ordinals too
 */
type Pass = 'first' | 'further' | 'all';

/** Encodes one file. One instance is one pass. */
export class ChildRows {
  /** Set when the first pass has left further runs: a second one is needed. */
  sawFurther = false;
  /** Runs that were cut: from the root to the row where the rest begins. */
  readonly #cuts: Map<number, number>;
  readonly #options: ChildOptions;
  readonly #pass: Pass;
  readonly #encoder: RowEncoder;
  readonly #rootColumn: string;
  readonly #rootPlace: number;
  readonly #extraPlace: number;
  readonly #width: number;
  readonly #seen = new IdSet();
  readonly #keys = new RunKeys();
  readonly #text = new CopyText(chunkBytes + 65_536);
  #root = -1;
  #run: Run = 'orphan';
  /** Whether equal rows of the run count as one. */
  #comparesKeys = true;
  /** Where the current run begins in the text. */
  #base = 0;
  #ordinal = 0;
  /** The row's place in its run. */
  #place = 0;

  private constructor(options: ChildOptions, pass: Pass, cuts: Map<number, number>) {
    const { table, counts, stamp } = options;
    const { columns, header } = options.layout;
    this.#options = options;
    this.#pass = pass;
    this.#cuts = cuts;
    this.#encoder = new RowEncoder(table, options.layout, counts, this.#text, stamp);
    this.#rootColumn = rootIdColumn(table);
    this.#rootPlace = columns.get(this.#rootColumn) ?? -1;
    this.#extraPlace = table.others === 'left out' ? (columns.get('extra') ?? -1) : -1;
    this.#width = header.length;
  }

  static firstRuns(options: ChildOptions): ChildRows {
    return new ChildRows(options, 'first', new Map());
  }

  static allRuns(options: ChildOptions): ChildRows {
    return new ChildRows(options, 'all', new Map());
  }

  /** The pass after this one, which cuts runs where this one did. */
  furtherRuns(options: ChildOptions): ChildRows {
    return new ChildRows(options, 'further', this.#cuts);
  }

  /** Yields COPY text. */
  async *encode(reader: CsvReader): AsyncGenerator<Buffer> {
    const { counts, rejects, onBatch } = this.#options;
    const text = this.#text;
    for await (const batch of reader.batches()) {
      if (this.#pass !== 'further') counts.read += batch.rows;
      for (let row = 0; row < batch.rows; row++) {
        this.#row(batch, row);
        if (text.position < chunkBytes) continue;
        // A row of the run may still become a main credit, so only whole runs are handed on.
        const end = this.#pass === 'first' ? this.#base : text.position;
        if (end === 0) continue;
        yield text.take(end, chunkBytes + 65_536);
        this.#base -= end;
      }
      await rejects.flush();
      onBatch(reader.bytesRead);
    }
    if (this.#pass === 'first') {
      counts.invalidUtf8 = reader.repairs.invalidUtf8;
      counts.nul = reader.repairs.nul;
    }
    if (text.position > 0) yield text.take(text.position, 0);
  }

  #row(batch: CsvBatch, row: number): void {
    const { bytes, table } = batch;
    const first = table.rowFields[row]!;
    const fields = table.rowFields[row + 1]! - first;
    if (fields !== this.#width)
      return this.#reject(batch, row, `${fields} fields instead of ${this.#width}`);
    const id = integerAt(bytes, table, first + this.#rootPlace);
    if (id < 0)
      return this.#reject(
        batch,
        row,
        id === -2
          ? `${this.#rootColumn} is empty`
          : `${this.#rootColumn} is not an integer up to 2147483647`,
      );
    if (id !== this.#root) this.#startRun(id);
    else if (
      this.#pass === 'further' &&
      this.#run === 'first' &&
      this.#cuts.get(id) === batch.firstRow + row
    )
      this.#endRun('further');
    this.#place++;
    if (this.#run === 'orphan') return this.#drop(`${rootOf(this.#options.table)} not loaded`);
    if (!this.#isOfThisPass()) return;

    if (this.#extraPlace >= 0) {
      const extra = integerAt(bytes, table, first + this.#extraPlace);
      if (extra === -1) return this.#reject(batch, row, 'extra is not an integer');
      if (extra > 0) return this.#drop('not a performer');
    }
    this.#write(batch, row, first, id);
  }

  #write(batch: CsvBatch, row: number, first: number, id: number): void {
    const { table } = batch;
    const text = this.#text;
    const encoder = this.#encoder;
    text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
    const rowStart = text.position;
    text.integer(id);
    const keyStart = text.position;
    const outcome = encoder.write(batch, row, first, this.#place);
    if (outcome !== outcomes.written) {
      text.position = rowStart;
      return outcome === outcomes.dropped
        ? this.#drop(encoder.reason)
        : this.#reject(batch, row, encoder.reason);
    }
    if (this.#pass !== 'first') {
      text.tab();
      text.integer(this.#ordinal++);
      text.endRow();
      return;
    }
    text.endRow();
    if (this.#comparesKeys) this.#keepFirst(rowStart, keyStart);
    if (this.#keys.count >= longestRun.rows || text.position - this.#base >= longestRun.bytes) {
      this.#cuts.set(id, batch.firstRow + row + 1);
      this.#endRun('further');
    }
  }

  /** Takes the row back if the run already has its key. If it is a main credit, the earlier row may become one. */
  #keepFirst(rowStart: number, keyStart: number): void {
    const text = this.#text;
    const { keyEnd, isMain } = this.#encoder;
    const found = this.#keys.find(text, this.#base, keyStart - this.#base, keyEnd - this.#base);
    if (found < 0) {
      this.#keys.add(keyStart - this.#base, keyEnd - this.#base);
      return;
    }
    // A tab and the digit follow the key.
    if (this.#options.table.mainWins && isMain)
      text.bytes[this.#base + this.#keys.endOf(found) + 1] = 0x30;
    text.position = rowStart;
    this.#drop('duplicate');
  }

  #startRun(id: number): void {
    const { loaded, repeated, table } = this.#options;
    const known = loaded.has(id);
    this.#root = id;
    this.#place = 0;
    // Without a key every row counts, unless the root's whole record came twice.
    this.#comparesKeys = table.distinct !== undefined || repeated.has(id);
    this.#endRun(!known ? 'orphan' : this.#seen.add(id) ? 'first' : 'further');
  }

  #endRun(next: Run): void {
    this.#run = next;
    if (next === 'further') this.sawFurther = true;
    this.#base = this.#text.position;
    this.#keys.clear();
  }

  /** The second pass meets rows that the first has already encoded and counted. */
  #isOfThisPass(): boolean {
    return this.#pass === 'all' || (this.#run === 'further') === (this.#pass === 'further');
  }

  #drop(reason: string): void {
    if (this.#isOfThisPass()) drop(this.#options.counts, reason);
  }

  #reject(batch: CsvBatch, row: number, reason: string): void {
    if (!this.#isOfThisPass()) return;
    const { counts, layout, rejects } = this.#options;
    drop(counts, 'rejected');
    rejects.add(layout.path, layout.header, batch.firstRow + row, reason, batch.raw(row));
  }
}
