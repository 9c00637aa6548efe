// Converts a batch of records to CSV rows: decides about each record, and reads it fast if nothing is unusual, otherwise strictly.
import { isUtf8 } from 'node:buffer';
import { encodeRow, IdSet, type PackedIds } from '@wxyc/csv';
import { dumpFor, type Dump, type DumpKind, type Profile } from '@wxyc/dataset';
import {
  decisionValues,
  isScored,
  NearestReleases,
  Selection,
  type Decision,
  type PackedSelection,
  type Release,
} from '@wxyc/matching';
import { pythonStrip } from '@wxyc/text';
import type { Batch } from './batches.js';
import {
  addCounts,
  noCounts,
  type BatchResult,
  type RecordCounts,
  type Reject,
} from './batch-result.js';
import { CsvBytes } from './csv-bytes.js';
import { FastReleaseReader } from './fast-release.js';
import { frameFields, frameKinds, frameSize } from './frame-table.js';
import { idOf, rejectionOf, rejectOf } from './rejects.js';
import { idAt } from './record-id.js';
import { artistRows, labelRows, masterRows } from './other-rows.js';
import { readRecord, RecordError, type Element } from './record-tree.js';
import { creditNames, releaseEvidence, releaseRows, type EmitRow } from './release-rows.js';
import { ReleaseScreen, screened } from './screen.js';
import { noRepairs, repairedText, type Repairs } from './repair.js';

/** How to convert, as plain data, so that every worker can build its own converter. */
export interface ConverterOptions {
  kind: DumpKind;
  /** Which columns the files have. */
  profile: Profile;
  /** The only records that are wanted, by their ids. */
  wanted?: PackedIds | undefined;
  /** Write CR and LF inside fields as spaces, as fix-newlines does. */
  cleanNewlines: boolean;
  /** Which releases to let through. Default: all. */
  selection?: PackedSelection | undefined;
  /** Write rows for the decisions file. */
  decisions: boolean;
  /** Report what becomes known about the library's albums. */
  coverage: boolean;
  /** `strict` sends every record to the strict reader; the rows are the same. */
  reader: 'fast' | 'strict';
}

/** The id of a release in its usual shape. */
const plainId = /^<release(?: status="[^"<>]*")? id="([1-9]\d*)"/;
/** The id of its master in its usual shape, and how that of any shape begins. */
const plainMaster = /<master_id(?: is_main_release="[^"<>]*")?>(\d+)<\/master_id>/;
const masterStart = '<master_id';
const newline = /\r\n|\r|\n/g;
const hasNewline = /[\r\n]/;

export class BatchConverter {
  readonly #options: ConverterOptions;
  readonly #dump: Dump;
  readonly #selection: Selection | undefined;
  readonly #files: CsvBytes[];
  readonly #fast: FastReleaseReader | undefined;
  readonly #screen: ReleaseScreen | undefined;
  readonly #nearest: NearestReleases | undefined;
  readonly #wanted: IdSet | undefined;
  #counts = noCounts();
  #repairs = noRepairs();
  #rejects: Reject[] = [];
  #decisions = '';
  /** Mappings met so far. */
  #met = 0;

  constructor(options: ConverterOptions) {
    this.#options = options;
    this.#dump = dumpFor(options.kind, options.profile);
    if (options.wanted) this.#wanted = IdSet.of(options.wanted);
    if (options.selection && options.kind === 'release')
      this.#selection = new Selection(options.selection);
    const classifier = this.#selection?.classifier;
    // Only the decisions file has what a pruned release came near to.
    if (classifier) classifier.namesNearest = options.decisions;
    if (classifier && options.coverage) {
      this.#nearest = new NearestReleases(classifier.basis.library);
      this.#nearest.observe(classifier);
    }
    this.#files = this.#dump.files.map(() => new CsvBytes());
    if (options.reader === 'strict' || options.kind !== 'release') return;
    this.#fast = new FastReleaseReader(this.#files, options.cleanNewlines, options.profile);
    if (this.#selection) this.#screen = new ReleaseScreen(this.#selection);
  }

  /** `spare` is memory for the output, used if it is large enough. */
  convert(batch: Batch, spare?: ArrayBuffer): BatchResult {
    this.#counts = noCounts();
    this.#repairs = noRepairs();
    this.#rejects = [];
    this.#decisions = '';
    for (const file of this.#files) file.clear();
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.length);
    // Invalid UTF-8 is looked for in the whole batch first: that is nearly free.
    const valid = isUtf8(bytes);
    const { frames, firstTrack } = batch;
    let last = -1;
    let lastEnd = 0;
    for (let at = 0; at < batch.frameCount * frameSize; at += frameSize) {
      const start = frames[at]!;
      this.#counts.read++;
      const reason =
        rejectionOf(frames[at + frameFields.kind]!) ??
        this.#record(bytes, frames, at, firstTrack + frames[at + frameFields.tracksBefore]!, valid);
      if (reason === undefined) {
        last = start;
        lastEnd = frames[at + frameFields.end]!;
        continue;
      }
      this.#counts.rejected++;
      this.#rejects.push(rejectOf(batch, at, this.#dump.kind, reason));
    }
    return {
      ...this.#output(spare),
      counts: this.#counts,
      repairs: this.#repairs,
      rejects: this.#rejects,
      decisions: this.#decisions,
      met: this.#newlyMet(),
      ...(this.#nearest ? { albums: this.#nearest.takeNews() } : {}),
      lastId: last < 0 ? null : idOf(bytes.subarray(last, lastEnd), this.#dump.kind),
    };
  }

  #newlyMet(): string[] {
    const keys = this.#selection?.classifier?.metKeys;
    if (!keys || keys.size === this.#met) return [];
    const met = [...keys].slice(this.#met);
    this.#met = keys.size;
    return met;
  }

  /** Converts the record whose frame begins at `frames[at]`; returns the reason if it must be rejected. */
  #record(
    bytes: Buffer,
    frames: Uint32Array,
    at: number,
    firstTrack: number,
    valid: boolean,
  ): string | undefined {
    const start = frames[at]!;
    const end = frames[at + frameFields.end]!;
    const id = this.#wanted ? idAt(bytes, start, end, this.#dump.kind) : 0;
    // Ids in their usual places need not be read from the tree.
    if (id > 0 && !this.#wanted!.has(id)) {
      this.#counts.filtered++;
      return undefined;
    }
    if (
      this.#fast &&
      (id > 0 || !this.#wanted) &&
      frames[at + frameFields.kind] === frameKinds.walked &&
      (valid || isUtf8(bytes.subarray(start, end)))
    ) {
      if (this.#readFast(this.#fast, bytes, frames, at, firstTrack)) return undefined;
    }
    try {
      const repairs = noRepairs();
      const record = readRecord(repairedText(bytes.subarray(start, end), repairs));
      this.#strict(record, firstTrack, repairs);
      return undefined;
    } catch (error) {
      if (error instanceof RecordError) return error.message;
      throw error;
    }
  }

  /** Returns false, with nothing done, if the record is for the strict reader. */
  #readFast(
    reader: FastReleaseReader,
    bytes: Buffer,
    frames: Uint32Array,
    at: number,
    firstTrack: number,
  ): boolean {
    const start = frames[at]!;
    const end = frames[at + frameFields.end]!;
    const screen = this.#screen;
    if (!screen) {
      if (!reader.read(bytes, start, end, firstTrack)) return false;
      this.#counts.written++;
      return true;
    }
    const found = screen.check(bytes, frames, at);
    if (found === screened.unsure) return false;
    const selection = this.#selection!;
    if (found === screened.out) {
      this.#counts[selection.matchedOnly ? 'pruned' : 'filtered']++;
      return true;
    }
    const { keep, review } = this.#counts;
    const decisions = this.#decisions;
    if (found === screened.kept) {
      const id = this.#nearest ? idAt(bytes, start, end, this.#dump.kind) : undefined;
      if (id === 0) return false;
      if (id !== undefined) selection.classifier!.noteKept(id);
      this.#counts.keep++;
    }
    if (this.#nearest && found === screened.passes) {
      // It stays because of its artist; which album it is still matters.
      const release = this.#evidence(screen, bytes, start, end);
      if (!release) return false;
      selection.classifier!.decide(release);
    }
    if (found === screened.decide) {
      const release = this.#evidence(screen, bytes, start, end);
      if (!release) return false;
      const decision = selection.classifier!.decideScreened(release);
      if (!this.#take(release.id, decision)) {
        this.#counts[selection.matchedOnly ? 'pruned' : 'filtered']++;
        return true;
      }
    }
    if (reader.read(bytes, start, end, firstTrack)) {
      this.#counts.written++;
      return true;
    }
    // The strict reader decides again.
    this.#counts.keep = keep;
    this.#counts.review = review;
    this.#decisions = decisions;
    return false;
  }

  /** What the library's decision needs of the release that the screen has just read; undefined if there is something unusual. */
  #evidence(screen: ReleaseScreen, bytes: Buffer, start: number, end: number): Release | undefined {
    const id = plainId.exec(bytes.toString('latin1', start, start + 200))?.[1];
    const title = screen.title();
    const credits = screen.credits();
    if (id === undefined || title === undefined || credits === undefined) return undefined;
    let masterId = 0;
    if (this.#selection!.classifier!.ownsByIds) {
      const record = bytes.toString('latin1', start, end);
      const master = plainMaster.exec(record);
      // The last one counts, however it is spelt.
      if (record.includes(masterStart, master ? master.index + 1 : 0)) return undefined;
      if (master) masterId = Number(master[1]);
    }
    return asLoaded({ id: Number(id), masterId, title, credits });
  }

  #strict(record: Element, firstTrack: number, repairs: Repairs): void {
    const rows: [number, readonly (string | number)[]][] = [];
    const emit: EmitRow = (file, values) => rows.push([file, values]);
    let fate: keyof RecordCounts = 'written';
    switch (this.#dump.kind) {
      case 'release':
        releaseRows(record, firstTrack, this.#options.profile, emit);
        // Releases that are not wanted are not decided either.
        if (this.#isWanted(rows)) fate = this.#select(record);
        break;
      case 'artist':
        artistRows(record, this.#options.profile, emit);
        break;
      case 'label':
        if (!labelRows(record, emit)) fate = 'nameless';
        break;
      case 'master':
        masterRows(record, emit);
    }
    if (fate === 'written' && !this.#isWanted(rows)) fate = 'filtered';
    this.#counts[fate]++;
    if (fate !== 'written') return;
    addCounts(this.#repairs, repairs);
    for (const [file, values] of rows)
      this.#files[file]!.row(this.#options.cleanNewlines ? values.map(withoutNewlines) : values);
  }

  /** Whether the record is wanted, by the id in its first row. */
  #isWanted(rows: readonly [number, readonly (string | number)[]][]): boolean {
    return this.#wanted?.has(Number(rows[0]![1][0])) ?? true;
  }

  #select(record: Element): keyof RecordCounts {
    const selection = this.#selection;
    if (!selection) return 'written';
    const release = asLoaded(releaseEvidence(record));
    const { passes, decision } = selection.select(
      release,
      selection.names !== undefined &&
        creditNames(record).some((name) => selection.passesName(name)),
    );
    if (this.#nearest && !decision) selection.classifier!.decide(release);
    if (decision)
      return this.#take(release.id, decision)
        ? 'written'
        : selection.matchedOnly
          ? 'pruned'
          : 'filtered';
    return passes ? 'written' : 'filtered';
  }

  /** Counts and notes a decision; true if the release stays. Counts only what stays: the caller counts the others. */
  #take(id: number, decision: Decision): boolean {
    if (this.#options.decisions && isScored(decision))
      this.#decisions += encodeRow(decisionValues(id, decision));
    if (decision.decision === 'KEEP') this.#counts.keep++;
    else if (decision.decision === 'REVIEW') this.#counts.review++;
    return decision.decision !== 'PRUNE';
  }

  #output(spare: ArrayBuffer | undefined): Pick<BatchResult, 'output' | 'lengths' | 'rows'> {
    const lengths = this.#files.map(({ length }) => length);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const memory =
      spare && spare.byteLength >= total ? spare : new ArrayBuffer(Math.max(total, 256 * 1024));
    const output = new Uint8Array(memory);
    let offset = 0;
    for (const file of this.#files) {
      output.set(file.bytes.subarray(0, file.length), offset);
      offset += file.length;
    }
    return { output, lengths, rows: this.#files.map(({ rows }) => rows) };
  }
}

/** A release as the database will hold it: decisions must be the same there. */
function asLoaded({ credits, title, ...ids }: Release): Release {
  return {
    ...ids,
    title: loaded(title),
    credits: credits.map(({ name, variation = '', artistId }) => ({
      name: loaded(name),
      variation: loaded(variation),
      artistId,
    })),
  };
}

/** A value without newlines, trimmed. */
function loaded(value: string): string {
  return pythonStrip(hasNewline.test(value) ? value.replace(newline, ' ') : value);
}

function withoutNewlines(value: string | number): string | number {
  return typeof value === 'string' ? value.replace(newline, ' ') : value;
}
