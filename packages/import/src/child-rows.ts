/**
 * The files below a release as COPY rows: rows of absent releases dropped, one row per key. Rows of one release usually stand
 * together, so keys are compared within such a run only; what comes in a further run of the same release is left for a
 * second pass, which {@link loadLateRows} merges in the database.
 */
import type { CsvBatch, CsvReader } from '@wxyc/csv';
import { longestIndexedBytes } from '@wxyc/dataset';
import { CopyText } from './copy-text.js';
import { drop } from './counts.js';
import { characterEnd, contentEnd, contentStart, integerAt } from './fields.js';
import { IdSet } from './id-set.js';
import { chunkBytes, writeText, type RowsOptions } from './release-rows.js';
import { RunKeys } from './run-keys.js';

/** How a column is read and written. `name`: a text that an index holds; `extra`: 0 main, 1 anything else. */
type Kind = 'integer' | 'text' | 'name' | 'extra';

interface Part {
  kind: Kind;
  column: number;
  /** Said when a row has none; absent: NULL will do. */
  missing?: string;
}

export interface ChildOptions extends RowsOptions {
  table: 'release_artist' | 'release_label' | 'release_track' | 'release_track_artist';
  /** Releases that are in the database. */
  loaded: IdSet;
}

/** A run of one release that is larger than this is cut: memory stays bounded, the rest counts as a further run. */
const longestRun = { rows: 100_000, bytes: 8 * 1024 * 1024 };

const kinds: Record<ChildOptions['table'], { parts: [name: string, kind: Kind, missing?: string][]; keys: number }> = {
  release_artist: { parts: [['artist_name', 'name', 'no artist name'], ['extra', 'extra']], keys: 1 },
  release_label: { parts: [['label_name', 'text', 'no label name']], keys: 1 },
  release_track: { parts: [['sequence', 'integer', 'no sequence'], ['position', 'text'], ['title', 'text', 'no title'], ['duration', 'text']], keys: 1 },
  release_track_artist: { parts: [['track_sequence', 'integer', 'no track sequence'], ['artist_name', 'name', 'no artist name']], keys: 2 },
};

/** What a run of rows is: to be loaded, of no release, or a further run of a release that had one. */
type RunState = 'load' | 'orphan' | 'late';

/** Encodes one file. One instance is one pass. */
export class ChildRows {
  /** Set when there were further runs: a second pass is needed. */
  sawLate = false;
  /** Runs that were cut: release to the row where the rest begins. */
  readonly #cuts: Map<number, number>;
  readonly #options: ChildOptions;
  readonly #pass: 'first' | 'late';
  readonly #additional: boolean;
  readonly #parts: Part[];
  readonly #keyParts: number;
  readonly #releaseColumn: number;
  readonly #extraColumn: number;
  readonly #width: number;
  readonly #seen = new IdSet();
  readonly #keys = new RunKeys();
  readonly #text = new CopyText(chunkBytes + 65_536);
  #release = -1;
  #state: RunState = 'orphan';
  /** Where the current run begins in the text. */
  #base = 0;
  #ordinal = 0;

  /**
   * The second pass takes the first one's instance: it has to cut runs where the first did. `additional` is the only pass over
   * rows that come to those in the table: all of them are staged.
   */
  constructor(options: ChildOptions, first?: ChildRows | 'additional') {
    const { columns, header } = options.layout;
    const { parts, keys } = kinds[options.table];
    this.#options = options;
    this.#pass = first ? 'late' : 'first';
    this.#additional = first === 'additional';
    this.#cuts = first instanceof ChildRows ? first.#cuts : new Map();
    this.#parts = parts.map(([name, kind, missing]) => ({ kind, column: columns.get(name) ?? -1, ...(missing ? { missing } : {}) }));
    this.#keyParts = keys;
    this.#releaseColumn = columns.get('release_id') ?? -1;
    // Only track credits with extra = 0 are performers; for release_artist `extra` is a column of its own.
    this.#extraColumn = options.table === 'release_track_artist' ? (columns.get('extra') ?? -1) : -1;
    this.#width = header.length;
  }

  /** Yields COPY text. In the late pass every row has its ordinal as a further column. */
  async *encode(reader: CsvReader): AsyncGenerator<Buffer> {
    const { counts, rejects, onBatch } = this.#options;
    const text = this.#text;
    for await (const batch of reader.batches()) {
      if (this.#pass === 'first' || this.#additional) counts.read += batch.rows;
      for (let row = 0; row < batch.rows; row++) {
        this.#row(batch, row);
        if (text.position < chunkBytes) continue;
        const end = this.#pass === 'late' ? text.position : this.#base;
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
    if (fields !== this.#width) return this.#reject(batch, row, `${fields} fields instead of ${this.#width}`);
    const id = integerAt(bytes, table, first + this.#releaseColumn);
    if (id < 0) return this.#reject(batch, row, id === -2 ? 'release_id is empty' : 'release_id is not an integer up to 2147483647');
    if (id !== this.#release) this.#startRun(id);
    else if (this.#pass === 'late' && this.#state === 'load' && this.#cuts.get(id) === batch.firstRow + row) this.#endRun('late');
    if (this.#state === 'orphan') return this.#drop('release not loaded');
    if ((this.#state === 'late') !== (this.#pass === 'late')) return;

    if (this.#extraColumn >= 0) {
      const extra = integerAt(bytes, table, first + this.#extraColumn);
      if (extra === -1) return this.#reject(batch, row, 'extra is not an integer');
      if (extra > 0) return this.#drop('not a performer');
    }
    this.#write(batch, row, first, id);
  }

  /** The hot path: everything is read at its offset, and nothing is allocated. */
  #write(batch: CsvBatch, row: number, first: number, id: number): void {
    const { bytes, table } = batch;
    const { fieldKinds, fieldStarts, fieldEnds } = table;
    const text = this.#text;
    const parts = this.#parts;
    text.reserve(table.rowEnds[row]! - table.rowStarts[row]!);
    const rowStart = text.position;
    text.integer(id);
    const keyStart = text.position;
    let keyEnd = keyStart;
    let extra = 0;
    for (let index = 0; index < parts.length; index++) {
      const part = parts[index]!;
      const { kind, column } = part;
      const field = first + column;
      text.tab();
      if (column < 0) {
        text.null();
        continue;
      }
      const written = fieldKinds[field]!;
      const start = fieldStarts[field]! + (written === 0 ? 0 : 1);
      const end = fieldEnds[field]! - (written === 0 ? 0 : 1);
      if (end <= start && part.missing !== undefined) {
        text.position = rowStart;
        return this.#drop(part.missing);
      }
      if (kind === 'text') {
        if (written === 2) writeText(batch, row, column, text);
        else if (end > start) text.text(bytes, start, end);
        else text.null();
      } else if (kind === 'name') {
        if (written === 2 || end - start > longestIndexedBytes) this.#writeName(batch, row, column);
        else text.text(bytes, start, end);
      } else {
        const value = integerAt(bytes, table, field);
        if (value === -1) {
          text.position = rowStart;
          return this.#reject(batch, row, `${kind === 'extra' ? 'extra' : 'the sequence'} is not an integer up to 2147483647`);
        }
        if (kind === 'extra') text.integer((extra = value > 0 ? 1 : 0));
        else text.integer(value);
      }
      if (index + 1 === this.#keyParts) keyEnd = text.position;
    }
    if (this.#pass === 'late') {
      text.tab();
      text.integer(this.#ordinal++);
      text.endRow();
      return;
    }
    text.endRow();
    this.#keepFirst(rowStart, keyStart, keyEnd, extra);
    if (this.#keys.count >= longestRun.rows || text.position - this.#base >= longestRun.bytes) {
      this.#cuts.set(id, batch.firstRow + row + 1);
      this.#endRun('late');
    }
  }

  /** Takes the row back if the run has its key already. A main credit then makes the earlier row a main credit. */
  #keepFirst(rowStart: number, keyStart: number, keyEnd: number, extra: number): void {
    const text = this.#text;
    const found = this.#keys.find(text, this.#base, keyStart - this.#base, keyEnd - this.#base);
    if (found < 0) {
      this.#keys.add(keyStart - this.#base, keyEnd - this.#base);
      return;
    }
    // Behind the name stand a tab and the digit.
    if (this.#options.table === 'release_artist' && extra === 0) text.bytes[this.#base + this.#keys.endOf(found) + 1] = 0x30;
    text.position = rowStart;
    this.#drop('duplicate');
  }

  #startRun(id: number): void {
    const known = this.#options.loaded.has(id);
    this.#release = id;
    this.#endRun(!known ? 'orphan' : this.#additional || !this.#seen.add(id) ? 'late' : 'load');
  }

  #endRun(next: RunState): void {
    this.#state = next;
    if (next === 'late') this.sawLate = true;
    this.#base = this.#text.position;
    this.#keys.clear();
  }

  #writeName(batch: CsvBatch, row: number, column: number): void {
    const { bytes, table } = batch;
    const field = table.rowFields[row]! + column;
    const plain = table.fieldKinds[field] !== 2;
    const source = plain ? bytes : batch.field(row, column);
    const start = plain ? contentStart(table, field) : 0;
    let end = plain ? contentEnd(table, field) : source.length;
    if (end - start > longestIndexedBytes) {
      end = characterEnd(source, start, longestIndexedBytes);
      this.#options.counts.cut++;
    }
    this.#text.text(source, start, end);
  }

  /** The late pass meets again what the first pass has counted. */
  #drop(reason: string): void {
    if (this.#additional || (this.#state === 'late') === (this.#pass === 'late')) drop(this.#options.counts, reason);
  }

  #reject(batch: CsvBatch, row: number, reason: string): void {
    const counted = this.#additional || (this.#state === 'late' && this.#release >= 0 ? this.#pass === 'late' : this.#pass === 'first');
    if (!counted) return;
    drop(this.#options.counts, 'rejected');
    this.#options.rejects.add(this.#options.layout.path, this.#options.layout.header, batch.firstRow + row, reason, batch.raw(row));
  }
}
