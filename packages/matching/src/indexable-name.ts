/** Names as the cache holds them. */

import { indexedEnd, longestIndexedBytes } from '@wxyc/dataset';

/** Import cuts what no btree index can hold, at the end of a character; so a decision is the same before and after it. */
export function indexable(name: string): string {
  // A UTF-16 unit takes three bytes at most.
  if (name.length * 3 <= longestIndexedBytes || Buffer.byteLength(name) <= longestIndexedBytes)
    return name;
  const bytes = Buffer.from(name);
  return bytes.toString('utf8', 0, indexedEnd(bytes, 0, bytes.length));
}
