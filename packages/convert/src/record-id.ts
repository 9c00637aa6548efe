// The id of a record in its usual place, read from the bytes.
import type { DumpKind } from '@wxyc/dataset';

const master = Buffer.from('<master id="');
const release = Buffer.from('<release ');
const attribute = Buffer.from(' id="');
const tagEnd = Buffer.from('>');
const element = Buffer.from('<id>');

/** Most ids are at the beginning, after a few images at most. */
const nearBytes = 16 * 1024;

/** A release's start tag has a status beside the id, and nothing else. */
const tagBytes = 256;

/**
 * The id of the record in `bytes[start, end)`; 0 if it is not where it always is. An artist's or a label's own id is in the first
 * `<id>`: nothing before it has one.
 */
export function idAt(bytes: Buffer, start: number, end: number, kind: DumpKind): number {
  let p: number;
  let close: number;
  if (kind === 'master') {
    if (bytes.compare(master, 0, master.length, start, Math.min(end, start + master.length)) !== 0)
      return 0;
    p = start + master.length;
    close = 0x22;
  } else if (kind === 'release') {
    const tag = bytes.subarray(start, Math.min(end, start + tagBytes));
    const found = tag.indexOf(attribute);
    if (tag.indexOf(release) !== 0 || found < 0 || found > tag.indexOf(tagEnd)) return 0;
    p = start + found + attribute.length;
    close = 0x22;
  } else {
    const found = bytes.subarray(start, Math.min(end, start + nearBytes)).indexOf(element);
    if (found < 0) return 0;
    p = start + found + element.length;
    close = 0x3c;
  }
  let id = 0;
  for (let digits = 0; digits < 10 && p < end; digits++, p++) {
    const digit = bytes[p]! - 0x30;
    if (digit < 0 || digit > 9) break;
    id = id * 10 + digit;
  }
  return bytes[p] === close ? id : 0;
}
