// Where records begin and end, found on the bytes: from `<release ` to its `</release>`.
//
// One search for the record's name finds start and end tags alike. A second start before the end rejects the first
// record alone. Comments and CDATA sections may hold anything; they are rare, and told by their `<!`.

import { ByteSearch } from './byte-search.js';

/** Numbers of a frame in {@link FrameTable.values}. */
export const frameSize = 4;
/** `values[4 * i + ...]` of frame i: first byte, byte behind, track elements before it in the batch, {@link frameKinds}. */
export const frameFields = { start: 0, end: 1, tracksBefore: 2, kind: 3 } as const;

export const frameKinds = {
  /** A record without anything unusual. */
  plain: 0,
  /** A record with a comment, CDATA section or the like: for the strict reader. */
  marked: 1,
  /** Rejected: the next record, or the end of the dump, comes before its end. */
  unended: 2,
  /** Rejected: text between the records. */
  stray: 3,
  /** Rejected: no end within {@link longestRecord} bytes. */
  endless: 4,
} as const;

/** A record longer than this is damage. The longest real ones have some 2 MB. */
export const longestRecord = 32 * 1024 * 1024;
/** A comment or CDATA section without an end within this many bytes is taken for text, so that it cannot hide the rest. */
const longestMark = 1024 * 1024;

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const exclamation = 0x21;
const commentEnd = Buffer.from('-->');
const cdataEnd = Buffer.from(']]>');
const instructionEnd = Buffer.from('?>');
const track = new ByteSearch('<track');

export interface FrameTable {
  count: number;
  values: Uint32Array<ArrayBuffer>;
  /** Track elements in all frames. */
  tracks: number;
}

/** Finds the frames of one kind of record. Keeps no state between calls. */
export class Framer {
  readonly #name: string;
  readonly #search: ByteSearch;
  readonly #nests: boolean;
  readonly #countTracks: boolean;

  constructor(record: 'release' | 'artist' | 'label' | 'master') {
    this.#name = record;
    this.#search = new ByteSearch(record);
    this.#nests = record === 'label'; // <label> inside <sublabels>
    this.#countTracks = record === 'release';
  }

  /**
   * Adds the frames of `bytes[from, to)`, at most `limit` of them, to the table and returns the offset up to which all
   * is dealt with. The bytes behind it are the beginning of a record (or text behind the last one). With `ended`
   * nothing follows: a comment that is still open is text.
   */
  frames(bytes: Buffer, from: number, to: number, table: FrameTable, ended: boolean, limit = Infinity): number {
    const marks = new Marks(bytes, to, ended);
    let done = from;
    let clear = from;
    let start = -1;
    let depth = 0;
    let position = from;
    while (table.count < limit) {
      const found = this.#search.find(bytes, position, to);
      // The byte behind the name tells what it is.
      if (found < 0 || found + this.#name.length >= to) break;
      position = found + this.#name.length;
      const behind = marks.skip(clear, found);
      if (behind === Infinity) break;
      clear = Math.max(behind, found);
      if (behind > found) {
        position = behind;
        continue;
      }
      const after = bytes[position]!;
      if (bytes[found - 1] === slash && bytes[found - 2] === lessThan && after === greaterThan) {
        if (start < 0) continue; // an end without a start: stray text
        if (--depth > 0) continue;
        position++;
        done = this.#add(table, bytes, start, position, marks);
        start = -1;
        continue;
      }
      if (this.#nests && after === 0x73 && start >= 0) {
        depth = this.#sublabels(bytes, found, depth);
        continue;
      }
      if (bytes[found - 1] !== lessThan || !(isSpace(after) || after === greaterThan || after === slash)) continue;
      if (start >= 0) {
        if (this.#nests && depth > 1) {
          if (!isSelfClosed(bytes, found, to)) depth++;
          continue;
        }
        this.#push(table, bytes, start, found - 1, frameKinds.unended);
        done = found - 1;
        start = -1;
        if (table.count >= limit) break;
      }
      if (!isBlank(bytes, done, found - 1)) {
        this.#push(table, bytes, done, found - 1, frameKinds.stray);
        done = found - 1;
        if (table.count >= limit) break;
      }
      start = found - 1;
      depth = 1;
      if (isSelfClosed(bytes, found, to)) {
        position = bytes.indexOf(greaterThan, found) + 1;
        done = this.#add(table, bytes, start, position, marks);
        start = -1;
      }
    }
    const rest = start >= 0 ? start : done;
    if (to - rest <= longestRecord || table.count >= limit) return rest;
    this.#push(table, bytes, rest, to, start >= 0 ? frameKinds.endless : frameKinds.stray);
    return to;
  }

  /**
   * At the end of a dump: what {@link frames} left over in `bytes[from, end)`, before the root's end tag, is a record
   * without an end, or stray text; blank is nothing. Returns the new end of what is dealt with.
   */
  rest(bytes: Buffer, from: number, end: number, table: FrameTable): number {
    if (isBlank(bytes, from, end)) return from;
    const isRecord = bytes[from] === lessThan && this.#search.find(bytes, from + 1, from + 1 + this.#name.length) === from + 1;
    this.#push(table, bytes, from, end, isRecord ? frameKinds.unended : frameKinds.stray);
    return end;
  }

  /** Inside `<sublabels>` labels are no records: depth 2 marks it, labels inside go deeper. */
  #sublabels(bytes: Buffer, found: number, depth: number): number {
    if (bytes.toString('latin1', found - 4, found + 7) === '<sublabels>') return Math.max(depth, 1) + 1;
    if (bytes.toString('latin1', found - 5, found + 7) === '</sublabels>') return 1;
    return depth;
  }

  #add(table: FrameTable, bytes: Buffer, start: number, end: number, marks: Marks): number {
    this.#push(table, bytes, start, end, marks.within(start, end) ? frameKinds.marked : frameKinds.plain);
    return end;
  }

  #push(table: FrameTable, bytes: Buffer, start: number, end: number, kind: number): void {
    const at = table.count * frameSize;
    if (at === table.values.length) {
      const larger = new Uint32Array(Math.max(table.values.length * 2, 1024));
      larger.set(table.values);
      table.values = larger;
    }
    table.values[at] = start;
    table.values[at + 1] = end;
    table.values[at + 2] = table.tracks;
    table.values[at + 3] = kind;
    table.count++;
    if (this.#countTracks) table.tracks += countTracks(bytes, start, end, kind === frameKinds.marked);
  }
}

/**
 * Track elements in `bytes[start, end)`: `<track` before white space, `>` or `/`. Those in comments and CDATA sections
 * (`marked`) are none.
 */
export function countTracks(bytes: Buffer, start: number, end: number, marked: boolean): number {
  let count = 0;
  const marks = marked ? new Marks(bytes, end, true) : undefined;
  for (let p = track.find(bytes, start, end); p >= 0; ) {
    const behind = marks ? marks.skip(start, p) : 0;
    if (behind > p) {
      p = track.find(bytes, behind, end);
      continue;
    }
    const after = bytes[p + 6]!;
    if (after === greaterThan || isSpace(after) || after === slash) count++;
    p = track.find(bytes, p + 6, end);
  }
  return count;
}

/** Comments, CDATA sections and other `<!` of a buffer, looked up in ascending order. */
class Marks {
  readonly #bytes: Buffer;
  readonly #to: number;
  readonly #ended: boolean;
  /** The first mark at or behind {@link #from}; Infinity for none. */
  #mark = -1;
  #from = 0;
  #end = -1;

  constructor(bytes: Buffer, to: number, ended: boolean) {
    this.#bytes = bytes;
    this.#to = to;
    this.#ended = ended;
  }

  /** Whether a mark begins in `[start, end)`. Leaves the look-up where it is. */
  within(start: number, end: number): boolean {
    if (this.#from <= start) return this.#next(start) < end;
    return nextMark(this.#bytes, start, end) < end;
  }

  /**
   * Walks the marks from `from` on. Returns the offset behind the one that covers `position`, 0 if none does, and
   * Infinity if it is not known yet because the bytes end first.
   */
  skip(from: number, position: number): number {
    let mark = this.#next(from);
    while (mark < position) {
      const end = this.#endOf(mark);
      if (end > position) return end;
      mark = this.#next(Math.max(end, mark + 2));
    }
    return 0;
  }

  #next(from: number): number {
    if (from < this.#from || from > this.#mark) {
      this.#from = from;
      this.#mark = nextMark(this.#bytes, from, this.#to);
      this.#end = -1;
    }
    return this.#mark;
  }

  /** Offset behind the mark; `mark` itself if it has no end and is taken for text, Infinity if that is not known yet. */
  #endOf(mark: number): number {
    if (this.#end >= 0) return this.#end;
    const opening = this.#bytes.toString('latin1', mark, Math.min(mark + 9, this.#to));
    const open = this.#ended ? mark : Infinity;
    if (opening.length < 9) return (this.#end = open);
    const comment = opening.startsWith('<!--');
    if (!comment && opening !== '<![CDATA[') return (this.#end = mark);
    const end = this.#bytes.indexOf(comment ? commentEnd : cdataEnd, mark + (comment ? 4 : 9));
    if (end >= 0 && end + 3 <= this.#to) return (this.#end = end - mark <= longestMark ? end + 3 : mark);
    return (this.#end = this.#to - mark > longestMark + 3 ? mark : open);
  }
}

function nextMark(bytes: Buffer, from: number, to: number): number {
  for (let p = bytes.indexOf(exclamation, from + 1); p >= 0 && p < to; p = bytes.indexOf(exclamation, p + 1)) {
    if (bytes[p - 1] === lessThan) return p - 1;
  }
  return Infinity;
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** White space, comments and processing instructions only. */
function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let p = from; p < to; ) {
    if (isSpace(bytes[p]!)) {
      p++;
      continue;
    }
    if (bytes[p] !== lessThan) return false;
    const comment = bytes.toString('latin1', p, p + 4) === '<!--';
    if (!comment && bytes[p + 1] !== 0x3f) return false;
    const end = bytes.indexOf(comment ? commentEnd : instructionEnd, p + 2);
    if (end < 0 || end >= to) return false;
    p = end + (comment ? 3 : 2);
  }
  return true;
}

/** Whether the start tag whose name stands at `name` ends with `/>`. */
function isSelfClosed(bytes: Buffer, name: number, to: number): boolean {
  let quote = 0;
  for (let p = name; p < to; p++) {
    const byte = bytes[p]!;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === greaterThan) return bytes[p - 1] === slash;
    else if (byte === lessThan) return false;
  }
  return false;
}
