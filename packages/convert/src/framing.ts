// Where records begin and end, found on the bytes: from `<release ` to its `</release>`.
//
// One search for the record's name finds both start and end tags. A second start before the end rejects only the first
// record. Comments and CDATA sections may hold anything; they are rare, and begin with `<!`.
//
// It works on any bytes. Releases in their usual shape are framed faster by `release-walk.ts`, which finds the same frames.

import { frameKinds, type FrameTable } from './frame-table.js';

/**
 * A record longer than this is damage. The longest real ones have some 2 MB, and reading one takes up to thirty times its
 * size in memory.
 */
export const longestRecord = 4 * 1024 * 1024;
/** A comment or CDATA section without an end within this many bytes is taken for text, so that it cannot hide the rest. */
const longestMark = 1024 * 1024;

/** More bytes than a tag has from its beginning to the end of its name, for any name that is looked for. */
const longestName = 16;

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;
const exclamation = 0x21;
const commentEnd = Buffer.from('-->');
const cdataEnd = Buffer.from(']]>');
const instructionEnd = Buffer.from('?>');
const trackStart = Buffer.from('<track');

/** Finds the frames of one kind of record. Keeps no state between calls. */
export class Framer {
  readonly #name: Buffer;
  readonly #nests: boolean;
  readonly #countTracks: boolean;

  constructor(record: 'release' | 'artist' | 'label' | 'master') {
    this.#name = Buffer.from(record);
    this.#nests = record === 'label'; // <label> inside <sublabels>
    this.#countTracks = record === 'release';
  }

  /**
   * Adds the frames of `bytes[from, to)`, at most `limit` of them, to the table and returns the offset up to which
   * everything is dealt with. The bytes after it are the beginning of a record (or text after the last one). With `ended`,
   * nothing follows: a comment that is still open is text.
   */
  frames(
    bytes: Buffer,
    from: number,
    to: number,
    table: FrameTable,
    ended: boolean,
    limit = Infinity,
  ): number {
    bytes = bytes.subarray(0, to);
    const marks = new Marks(bytes, ended);
    let done = from;
    let clear = from;
    let start = -1;
    let depth = 0;
    let position = from;
    while (table.count < limit) {
      const found = bytes.indexOf(this.#name, position);
      // The byte after the name shows what it is.
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
      if (bytes[found - 1] !== lessThan || !endsName(after)) continue;
      if (start >= 0) {
        if (this.#nests && depth > 1) {
          if (!isSelfClosed(bytes, found)) depth++;
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
      if (isSelfClosed(bytes, found)) {
        position = bytes.indexOf(greaterThan, found) + 1;
        done = this.#add(table, bytes, start, position, marks);
        start = -1;
      }
    }
    const rest = start >= 0 ? start : done;
    if (start < 0 && isBlank(bytes, rest, to)) return to;
    if (to - rest <= longestRecord || table.count >= limit) return rest;
    const end = start >= 0 ? wholeTags(bytes, to) : to;
    this.#push(table, bytes, rest, end, start >= 0 ? frameKinds.endless : frameKinds.stray);
    return end;
  }

  /**
   * After an endless record: the offset in `bytes[0, to)` where its end tag ends or the next record begins; -1 if
   * neither is there yet.
   */
  behindEndless(bytes: Buffer, to: number): number {
    for (
      let found = bytes.indexOf(this.#name);
      found >= 0 && found + this.#name.length < to;
      found = bytes.indexOf(this.#name, found + 1)
    ) {
      const behind = found + this.#name.length;
      if (
        bytes[found - 1] === slash &&
        bytes[found - 2] === lessThan &&
        bytes[behind] === greaterThan
      )
        return behind + 1;
      if (bytes[found - 1] === lessThan && endsName(bytes[behind]!)) return found - 1;
    }
    return -1;
  }

  /** Track elements in `bytes`, as they are counted in records. */
  tracksOf(bytes: Buffer): number {
    return this.#countTracks ? countTracks(bytes, 0, false) : 0;
  }

  /**
   * At the end of a dump: what {@link frames} left over in `bytes[from, end)`, before the root's end tag, is a record
   * without an end, or stray text; white space is nothing. Returns the new end of what is dealt with.
   */
  rest(bytes: Buffer, from: number, end: number, table: FrameTable): number {
    if (isBlank(bytes, from, end)) return from;
    const isRecord = bytes[from] === lessThan && bytes.indexOf(this.#name, from + 1) === from + 1;
    this.#push(table, bytes, from, end, isRecord ? frameKinds.unended : frameKinds.stray);
    return end;
  }

  /** Inside `<sublabels>`, labels are not records: depth 2 marks it, labels inside it go deeper. */
  #sublabels(bytes: Buffer, found: number, depth: number): number {
    if (bytes.toString('latin1', found - 4, found + 7) === '<sublabels>')
      return Math.max(depth, 1) + 1;
    if (bytes.toString('latin1', found - 5, found + 7) === '</sublabels>') return 1;
    return depth;
  }

  #add(table: FrameTable, bytes: Buffer, start: number, end: number, marks: Marks): number {
    const kind = marks.within(start, end) ? frameKinds.marked : frameKinds.plain;
    this.#push(table, bytes, start, end, end - start > longestRecord ? frameKinds.tooLong : kind);
    return end;
  }

  #push(table: FrameTable, bytes: Buffer, start: number, end: number, kind: number): void {
    table.push(
      start,
      end,
      kind,
      this.#countTracks
        ? countTracks(bytes.subarray(0, end), start, kind === frameKinds.marked)
        : 0,
    );
  }
}

/** Where `bytes[0, to)` may be cut without cutting the name of a tag. */
export function wholeTags(bytes: Buffer, to: number): number {
  const last = bytes.subarray(0, to).lastIndexOf(lessThan);
  return last >= to - longestName ? last : to;
}

/**
 * Track elements in `bytes` from `start` on: `<track` before white space, `>` or `/`. Those in comments and CDATA sections
 * (`marked`) are none.
 */
function countTracks(bytes: Buffer, start: number, marked: boolean): number {
  let count = 0;
  const marks = marked ? new Marks(bytes, true) : undefined;
  for (let p = bytes.indexOf(trackStart, start); p >= 0;) {
    const behind = marks ? marks.skip(start, p) : 0;
    if (behind > p) {
      p = bytes.indexOf(trackStart, behind);
      continue;
    }
    const after = bytes[p + 6]!;
    if (endsName(after)) count++;
    p = bytes.indexOf(trackStart, p + 6);
  }
  return count;
}

/** Comments, CDATA sections and other `<!` of a buffer, looked up in ascending order. */
class Marks {
  readonly #bytes: Buffer;
  readonly #to: number;
  readonly #ended: boolean;
  /** The first mark at or after {@link #from}; Infinity if there is none. */
  #mark = -1;
  #from = 0;
  #end = -1;

  constructor(bytes: Buffer, ended: boolean) {
    this.#bytes = bytes;
    this.#to = bytes.length;
    this.#ended = ended;
  }

  /** Whether a mark begins in `[start, end)`. Does not move the look-up. */
  within(start: number, end: number): boolean {
    if (this.#from <= start) return this.#next(start) < end;
    return nextMark(this.#bytes, start, end) < end;
  }

  /**
   * Walks the marks from `from` on. Returns the offset after the one that covers `position`, 0 if none does, and
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

  /** Offset after the mark; `mark` itself if it has no end and is taken for text, Infinity if that is not known yet. */
  #endOf(mark: number): number {
    if (this.#end >= 0) return this.#end;
    const opening = this.#bytes.toString('latin1', mark, Math.min(mark + 9, this.#to));
    const open = this.#ended ? mark : Infinity;
    if (opening.length < 9) return (this.#end = open);
    const comment = opening.startsWith('<!--');
    if (!comment && opening !== '<![CDATA[') return (this.#end = mark);
    const end = this.#bytes.indexOf(comment ? commentEnd : cdataEnd, mark + (comment ? 4 : 9));
    if (end >= 0 && end + 3 <= this.#to)
      return (this.#end = end - mark <= longestMark ? end + 3 : mark);
    return (this.#end = this.#to - mark > longestMark + 3 ? mark : open);
  }
}

function nextMark(bytes: Buffer, from: number, to: number): number {
  for (
    let p = bytes.indexOf(exclamation, from + 1);
    p >= 0 && p < to;
    p = bytes.indexOf(exclamation, p + 1)
  ) {
    if (bytes[p - 1] === lessThan) return p - 1;
  }
  return Infinity;
}

/** Whether the byte ends the name of a start tag. */
function endsName(byte: number): boolean {
  return byte === greaterThan || byte === slash || isSpace(byte);
}

/** XML's white space. */
export function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Whether there are only white space, comments and processing instructions. */
export function isBlank(bytes: Buffer, from: number, to: number): boolean {
  for (let p = from; p < to;) {
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

/**
 * Whether the start tag whose name is at `name` ends with `/>`. A `<` ends it in any case, even in quotes, where XML forbids
 * it: so the answer depends on the tag's own bytes, not on how many have arrived after it.
 */
function isSelfClosed(bytes: Buffer, name: number): boolean {
  let quote = 0;
  for (let p = name; p < bytes.length; p++) {
    const byte = bytes[p]!;
    if (byte === lessThan) return false;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === 0x22 || byte === 0x27) quote = byte;
    else if (byte === greaterThan) return bytes[p - 1] === slash;
  }
  return false;
}
