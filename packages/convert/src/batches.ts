// Cuts the stream of bytes into batches of whole records.
import type { Dump } from '@wxyc/dataset';
import { readHead } from './dump-head.js';
import type { DumpDamage } from './dump-source.js';
import { FrameTable } from './frame-table.js';
import { endsName, Framer, isSelfClosed } from './framing.js';

const releaseStart = Buffer.from('<release');
const releaseEnd = Buffer.from('</release>');
const lessThan = 0x3c;

/** A batch is handed on when it has this many bytes; one long record may make it longer. */
export const batchBytes = 1024 * 1024;

/** Whole records, to be converted by anyone, in any order: it says all about their place in the dump. */
export interface Batch {
  /** Its place among the dump's batches. */
  index: number;
  /** Records in bytes `[0, length)`; the rest of the memory is free room. */
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
  /** Uncompressed offset of the first byte. */
  offset: number;
}

/** How a dump ended: undefined for the right way, else one sentence for the error. */
export interface DumpEnd {
  problem?: string;
}

/** Where the bytes come from. */
export interface ByteSource {
  readonly path: string;
  /** Uncompressed bytes so far. */
  readonly length: number;
  /** Set when the bytes ended too early. */
  readonly damage?: DumpDamage | undefined;
  chunks(signal?: AbortSignal): AsyncIterable<Buffer>;
}

export interface BatchOptions {
  /** Read at most so many records. Default: all. */
  limit?: number;
  /** Bytes of a batch. Default {@link batchBytes}. */
  size?: number;
  signal?: AbortSignal | undefined;
}

/** Hands out memory for batches and takes it back. */
export interface BatchMemory {
  take(size: number): Uint8Array<ArrayBuffer>;
}

/**
 * The records of a dump in batches, in order. Returns how the dump ended.
 *
 * Throws a BadInputError before the first batch if it is no dump.
 */
export async function* batches(source: ByteSource, dump: Dump, memory: BatchMemory, options: BatchOptions = {}): AsyncGenerator<Batch, DumpEnd, void> {
  const { limit = Infinity, size = batchBytes, signal } = options;
  const framer = new Framer(dump.kind);
  const chunks = source.chunks(signal);
  let buffer = Buffer.from(memory.take(size * 2).buffer);
  let filled = 0;
  let offset = 0;
  let index = 0;
  let left = limit;
  let headRead = false;
  let unframed = 0;
  const table = new FrameTable();
  const cut = (ended: boolean): Batch | undefined => {
    let done = ended || left < Infinity ? 0 : lastEnd(buffer.subarray(0, filled), dump);
    if (done === 0) {
      table.clear();
      done = framer.frames(buffer, 0, filled, table, ended, left);
      if (ended && !source.damage && table.count < left) done = framer.rest(buffer, done, rootEnd(buffer.subarray(0, filled), done, dump), table);
      left -= table.count;
    }
    unframed = filled - done;
    if (done === 0) return undefined;
    const rest = buffer.subarray(done, filled);
    const next = Buffer.from(memory.take(size * 2 + rest.length).buffer);
    rest.copy(next);
    const batch: Batch = { index: index++, bytes: new Uint8Array(buffer.buffer as ArrayBuffer), length: done, offset };
    buffer = next;
    filled = rest.length;
    offset += done;
    return batch;
  };
  for await (const chunk of chunks) {
    let taken = 0;
    while (taken < chunk.length) {
      if (filled === buffer.length) buffer = grown(buffer, filled, memory);
      const part = Math.min(chunk.length - taken, buffer.length - filled, Math.max(size - filled, Math.ceil(size / 4)));
      filled += chunk.copy(buffer, filled, taken, taken + part);
      taken += part;
      if (!headRead) {
        const head = readHead(source.path, buffer.subarray(0, filled), false);
        if (!head) continue;
        headRead = true;
        buffer.copyWithin(0, head.end, filled);
        filled -= head.end;
        offset += head.end;
      }
      // After a failed attempt the unfinished record must have grown by half before the next one: no quadratic search.
      if (filled < size || filled < unframed * 1.5) continue;
      const batch = cut(false);
      if (batch) yield batch;
      if (left <= 0) return {};
    }
  }
  if (!headRead) {
    const head = readHead(source.path, buffer.subarray(0, filled), true)!;
    buffer.copyWithin(0, head.end, filled);
    filled -= head.end;
    offset += head.end;
  }
  const last = cut(true);
  if (last) yield last;
  if (left <= 0) return {};
  return ending(source, dump, buffer.subarray(0, filled), offset);
}

/**
 * Offset behind the last record in the bytes, found from their end on; 0 where that takes a closer look. Only releases
 * come in such numbers that it matters.
 */
function lastEnd(bytes: Buffer, dump: Dump): number {
  if (dump.kind !== 'release' || hasMark(bytes)) return 0;
  const endTag = bytes.lastIndexOf(releaseEnd);
  if (endTag <= 0) return 0;
  let start = bytes.lastIndexOf(releaseStart, endTag);
  // `<released>` begins like it.
  while (start > 0 && !endsName(bytes[start + releaseStart.length]!)) start = bytes.lastIndexOf(releaseStart, start - 1);
  // It must be that record's own end, not a second one.
  if (start < 0 || !endsName(bytes[start + releaseStart.length]!) || isSelfClosed(bytes, start + 1) || bytes.indexOf(releaseEnd, start) !== endTag) return 0;
  return endTag + releaseEnd.length;
}

/** Whether there is the beginning of a comment, a CDATA section or the like. */
function hasMark(bytes: Buffer): boolean {
  for (let p = bytes.indexOf('!'); p >= 0; p = bytes.indexOf('!', p + 1)) if (bytes[p - 1] === lessThan) return true;
  return false;
}

function grown(buffer: Buffer, filled: number, memory: BatchMemory): Buffer<ArrayBuffer> {
  const larger = Buffer.from(memory.take(buffer.length * 2).buffer);
  buffer.copy(larger, 0, 0, filled);
  return larger;
}

/** Offset of the root's end tag behind `from`, with nothing but white space behind it; `from` if there is none. */
function rootEnd(bytes: Buffer, from: number, dump: Dump): number {
  const found = bytes.lastIndexOf(`</${dump.root}`);
  return found >= from && /^<\/[a-z]+\s*>\s*$/.test(bytes.toString('latin1', found)) ? found : from;
}

function ending(source: ByteSource, dump: Dump, rest: Buffer, offset: number): DumpEnd {
  const start = rest.indexOf(`<${dump.record}`);
  const inside = start >= 0 ? `, inside the ${dump.record} that begins at byte ${offset + start}` : '';
  if (source.damage) {
    return { problem: `${source.path} is damaged at byte ${source.damage.offset} of the uncompressed data (${source.damage.reason})${inside}` };
  }
  if (rootEnd(rest, 0, dump) > 0 || rest.toString('latin1', 0, dump.root.length + 2) === `</${dump.root}`) return {};
  return { problem: `${source.path} is cut off at byte ${source.length} of the uncompressed data${inside || `: </${dump.root}> is missing`}` };
}
