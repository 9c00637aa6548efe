// Cuts the stream of bytes into batches of whole records.
import type { Dump } from '@wxyc/dataset';
import { readHead } from './dump-head.js';
import type { DumpDamage } from './dump-source.js';
import { Framer, type FrameTable } from './framing.js';

/** A batch is handed on when it has this many bytes; one long record may make it longer. */
export const batchBytes = 1024 * 1024;

/** Whole records, to be converted by anyone, in any order: it says all about their place in the dump. */
export interface Batch {
  /** Records in bytes `[0, length)`; the rest of the memory is free room. */
  bytes: Uint8Array<ArrayBuffer>;
  length: number;
  /** Uncompressed offset of the first byte. */
  offset: number;
  /** See `frameFields`; offsets are into {@link bytes}. */
  frames: Uint32Array<ArrayBuffer>;
  frameCount: number;
  /** Track elements in the dump before this batch. */
  firstTrack: number;
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
  let firstTrack = 0;
  let left = limit;
  let headRead = false;
  let unframed = 0;
  const frame = (ended: boolean): Batch | undefined => {
    const table: FrameTable = { count: 0, values: new Uint32Array(2048), tracks: 0 };
    let done = framer.frames(buffer, 0, filled, table, ended, left);
    if (ended && !source.damage && table.count < left) done = framer.rest(buffer, done, rootEnd(buffer.subarray(0, filled), done, dump), table);
    unframed = filled - done;
    if (table.count === 0) return undefined;
    const rest = buffer.subarray(done, filled);
    const next = Buffer.from(memory.take(size * 2 + rest.length).buffer);
    rest.copy(next);
    const batch: Batch = { bytes: new Uint8Array(buffer.buffer as ArrayBuffer), length: done, offset, frames: table.values, frameCount: table.count, firstTrack };
    buffer = next;
    filled = rest.length;
    offset += done;
    firstTrack += table.tracks;
    left -= table.count;
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
      const batch = frame(false);
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
  const last = frame(true);
  if (last) yield last;
  if (left <= 0) return {};
  return ending(source, dump, buffer.subarray(0, filled), offset);
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
