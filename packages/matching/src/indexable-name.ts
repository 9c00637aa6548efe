/** Names as the cache holds them. */

import { indexedEnd, longestIndexedBytes } from '@wxyc/dataset';

/** Import cuts names that are too long for a btree index, at the end of a character; cut here too, they are decided the same before and after. */
export function indexable(name: string): string {
  // A UTF-16 unit takes three bytes at most.
  if (name.length * 3 <= longestIndexedBytes || Buffer.byteLength(name) <= longestIndexedBytes)
    return name;
  const bytes = Buffer.from(name);
  return bytes.toString('utf8', 0, indexedEnd(bytes, 0, bytes.length));
}
