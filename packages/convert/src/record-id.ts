// The id of a record in its usual place, read from the bytes.
import type { DumpKind } from '@wxyc/dataset';

const master = Buffer.from('<master id="');
const artist = Buffer.from('<id>');

/** Most ids stand at the beginning, behind a few images at most. */
const nearBytes = 16 * 1024;

/**
 * The id of the master or artist in `bytes[start, end)`; 0 if it is not where it always is. An artist's own is the first `<id>`: what
 * stands before it has none.
 */
export function idAt(bytes: Buffer, start: number, end: number, kind: DumpKind): number {
  let p: number;
  let close: number;
  if (kind === 'master') {
    if (bytes.compare(master, 0, master.length, start, Math.min(end, start + master.length)) !== 0)
      return 0;
    p = start + master.length;
    close = 0x22;
  } else {
    const found = bytes.subarray(start, Math.min(end, start + nearBytes)).indexOf(artist);
    if (found < 0) return 0;
    p = start + found + artist.length;
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
