// Cuts the stream of bytes into batches of whole records.
import type { Dump } from '@wxyc/dataset';
import { readHead } from './dump-head.js';
import { damageText, type DumpDamage } from './dump-source.js';
import { FrameTable, frameFields, frameKinds, frameSize } from './frame-table.js';
import { isBlank, isSpace, longestRecord } from './framing.js';
import { RecordFinder } from './record-finder.js';

/** A batch is handed on when it has this many bytes; one long record may make it longer. */
const batchBytes = 1024 * 1024;
/** A batch that is longer than this holds a long record, and is converted with no other at the same time. */
export const sharedBatch = 2 * batchBytes;

/** The root's end tag with white space in it. */
const longestEndTag = 256;

/** Whole records that any thread can convert, in any order: the batch has everything about their place in the dump. */
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

/** How a dump ended: undefined if as it should, or one sentence for the error. */
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
  /** Read at most this many records. Default: all. */
  limit?: number | undefined;
  /** Bytes of a batch. Default {@link batchBytes}. */
  size?: number | undefined;
  /** For tests: whether releases are walked. Default true. */
  walks?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

/** Hands out memory for batches and takes it back. */
export interface BatchMemory {
  take(size: number): Uint8Array<ArrayBuffer>;
}

/**
 * The records of a dump in batches, in order. Returns how the dump ended.
 *
 * Throws a BadInputError before the first batch if it is not a dump.
 */
export async function* batches(
  source: ByteSource,
  dump: Dump,
  memory: BatchMemory,
  options: BatchOptions = {},
): AsyncGenerator<Batch, DumpEnd, void> {
  const { limit = Infinity, size = batchBytes, walks = true, signal } = options;
  const finder = new RecordFinder(dump.kind, walks);
  const table = new FrameTable();
  finder.reserve(size * 2);
  let filled = 0;
  let offset = 0;
  let firstTrack = 0;
  let left = limit;
  let headRead = false;
  let unframed = 0;
  /** Whether what comes next still belongs to a record that was given up because of its length. */
  let insideEndless = false;
  const drop = (length: number): void => {
    finder.bytes.copyWithin(0, length, filled);
    filled -= length;
    offset += length;
  };
  /** Behind the root's end tag there may be any number of zeros, which must not count as a record that is too long. */
  const dropPadding = (): void => {
    const bytes = finder.bytes.subarray(0, filled);
    const root = rootEnd(bytes, dump);
    if (root < 0 || !isBlank(bytes, 0, root)) return;
    const end = endOfText(bytes);
    offset += filled - end;
    filled = end;
  };
  const cut = (ended: boolean): Batch | undefined => {
    table.clear();
    if (insideEndless) {
      const { length, found, tracks } = finder.skipEndless(filled);
      // A record without an end extends to the root's end tag.
      const root = ended && !found ? rootEnd(finder.bytes.subarray(0, filled), dump) : -1;
      drop(root >= 0 ? root : length);
      firstTrack += tracks;
      insideEndless = !found && root < 0;
      if (insideEndless) return undefined;
    }
    if (filled > longestRecord) dropPadding();
    let length = finder.frames(filled, table, ended, left);
    const { bytes } = finder;
    if (ended && !source.damage && table.count < left)
      length = finder.rest(
        length,
        Math.max(length, rootEnd(bytes.subarray(0, filled), dump)),
        table,
      );
    unframed = filled - length;
    if (table.count === 0) {
      drop(length);
      return undefined;
    }
    insideEndless =
      table.values[(table.count - 1) * frameSize + frameFields.kind] === frameKinds.endless;
    // Nearly all batches have at most this size, so that their memory can be used for the next ones.
    const records = memory.take(Math.max(length, Math.ceil(size * 1.3)));
    bytes.copy(records, 0, 0, length);
    const batch: Batch = {
      bytes: records,
      length,
      offset,
      frames: table.values.slice(0, table.count * frameSize),
      frameCount: table.count,
      firstTrack,
    };
    drop(length);
    firstTrack += table.tracks;
    left -= table.count;
    return batch;
  };
  for await (const chunk of source.chunks(signal)) {
    let taken = 0;
    while (taken < chunk.length) {
      const part = Math.min(chunk.length - taken, Math.max(size - filled, Math.ceil(size / 4)));
      finder.reserve(filled + part);
      filled += chunk.copy(finder.bytes, filled, taken, taken + part);
      taken += part;
      if (!headRead) {
        const head = readHead(source.path, finder.bytes.subarray(0, filled), false);
        if (!head) continue;
        headRead = true;
        drop(head.end);
      }
      // After a failed attempt the unfinished record must have grown by half before the next one: no quadratic search.
      if (filled < size || filled < Math.min(unframed * 1.5, longestRecord + 1)) continue;
      const batch = cut(false);
      if (batch) yield batch;
      if (left <= 0) return {};
    }
  }
  if (!headRead) drop(readHead(source.path, finder.bytes.subarray(0, filled), true)!.end);
  const last = cut(true);
  if (last) yield last;
  if (left <= 0) return {};
  return ending(source, dump, finder.bytes.subarray(0, filled), offset);
}

/** Offset of the root's end tag, if only white space and comments follow it, and zeros of a copy in blocks; otherwise -1. */
function rootEnd(bytes: Buffer, dump: Dump): number {
  const found = bytes.lastIndexOf(`</${dump.root}`);
  if (found < 0) return -1;
  const tag = /^<\/[a-z]+\s*>/.exec(bytes.toString('latin1', found, found + longestEndTag));
  return tag && isBlank(bytes, found + tag[0].length, endOfText(bytes)) ? found : -1;
}

/** Where the white space and the zeros begin with which the bytes end. */
function endOfText(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || isSpace(bytes[end - 1]!))) end--;
  return end;
}

function ending(source: ByteSource, dump: Dump, rest: Buffer, offset: number): DumpEnd {
  const start = rest.indexOf(`<${dump.record}`);
  const inside =
    start >= 0 ? `, inside the ${dump.record} that begins at byte ${offset + start}` : '';
  if (source.damage) {
    return { problem: `${damageText(source.path, source.damage)}${inside}` };
  }
  if (
    rootEnd(rest, dump) >= 0 ||
    rest.toString('latin1', 0, dump.root.length + 2) === `</${dump.root}`
  )
    return {};
  return {
    problem: `${source.path} is cut off at byte ${source.length} of the uncompressed data${inside || `: </${dump.root}> is missing`}`,
  };
}
