// Records that cannot be read: why, and what is reported about them.
import type { DumpKind } from '@wxyc/dataset';
import type { Reject } from './batch-result.js';
import type { Batch } from './batches.js';
import { frameFields, frameKinds } from './frame-table.js';
import { longestRecord } from './framing.js';

/** The raw text of a reject is cut here. */
const longestRaw = 1024 * 1024;
const tooLong = `longer than ${longestRecord / 1024 / 1024} MB, which no record is`;
const reasons: Record<number, string> = {
  [frameKinds.unended]: 'no closing tag before the next record or the end of the dump',
  [frameKinds.stray]: 'text between the records',
  [frameKinds.endless]: tooLong,
  [frameKinds.tooLong]: tooLong,
};

/** Why a frame of this kind is not a record; undefined if it may be one. */
export const rejectionOf = (frameKind: number): string | undefined => reasons[frameKind];

/** The reject for the frame at `frames[at]`. */
export function rejectOf(batch: Batch, at: number, kind: DumpKind, reason: string): Reject {
  const start = batch.frames[at]!;
  const end = batch.frames[at + frameFields.end]!;
  const { buffer, byteOffset } = batch.bytes;
  const record = Buffer.from(buffer, byteOffset + start, end - start);
  return {
    id: idOf(record, kind),
    offset: batch.offset + start,
    reason,
    raw: record.toString('utf8', 0, longestRaw),
  };
}

/** The id that a damaged record still shows: in its tag, or in an element that an artist or a label may have behind any number of images. */
export function idOf(record: Buffer, kind: DumpKind): string | null {
  const inTag = kind === 'release' || kind === 'master';
  const start = inTag ? 0 : Math.max(0, record.indexOf('<id>'));
  const pattern = inTag
    ? /^<\w+\s[^<>]*?\bid\s*=\s*["']([^"'<>]{1,40})["']/
    : /<id>([^<]{1,40})<\/id>/;
  return pattern.exec(record.toString('latin1', start, start + 4096))?.[1] ?? null;
}
