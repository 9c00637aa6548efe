/** A name above this many bytes of UTF-8 does not fit a btree index row; such a value is cut at a character boundary. */
export const longestIndexedBytes = 2600;

/** Where a name in `bytes[start, end)` has to end for an index: at its own end or earlier, and between two characters. */
export function indexedEnd(bytes: Uint8Array, start: number, end: number): number {
  if (end - start <= longestIndexedBytes) return end;
  let cut = start + longestIndexedBytes;
  while (cut > start && (bytes[cut]! & 0xc0) === 0x80) cut--;
  return cut;
}
