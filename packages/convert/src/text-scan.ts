// The inner loops of the fast reader: where a text or an attribute's value ends, and whether it holds anything special.

/** What matters about a piece of text for writing it. The flags of its bytes are combined. */
export const flags = {
  /** `&`. */
  entity: 1,
  comma: 2,
  quote: 4,
  lineFeed: 8,
  /** A CR, or a byte that may begin a noncharacter: the piece is decoded byte by byte. */
  decode: 16,
  /** Bytes beyond ASCII. */
  wide: 32,
  /** A control character, a bare `>` or, in attributes, white space other than the blank: for the strict reader. */
  unusual: 64,
} as const;

const stop = 128;

const textClasses = new Uint8Array(256);
const attributeClasses = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) {
  let common = 0;
  if (byte < 0x20) common = flags.unusual;
  else if (byte >= 0x80) common = byte === 0xef ? flags.wide | flags.decode : flags.wide;
  else if (byte === 0x26) common = flags.entity;
  else if (byte === 0x2c) common = flags.comma;
  textClasses[byte] = common;
  attributeClasses[byte] = common;
}
textClasses[0x09] = 0;
textClasses[0x0a] = flags.lineFeed;
textClasses[0x0d] = flags.decode;
textClasses[0x22] = flags.quote;
textClasses[0x3c] = stop;
textClasses[0x3e] = flags.unusual; // `]]>` is an error, and `>` is never written bare in a dump
attributeClasses[0x22] = stop;
attributeClasses[0x3c] = flags.unusual;

/** The flags of the last scan: a second return value. */
export let scanned = 0;

/** Offset of the first `<` from `p` on; there must be one. */
export function scanText(bytes: Uint8Array, p: number): number {
  let seen = 0;
  let found = textClasses[bytes[p]!]!;
  while (found !== stop) {
    seen |= found;
    found = textClasses[bytes[++p]!]!;
  }
  scanned = seen;
  return p;
}

/** Offset of the first `"` from `p` on, or `end`. */
export function scanAttribute(bytes: Uint8Array, p: number, end: number): number {
  let seen = 0;
  while (p < end) {
    const found = attributeClasses[bytes[p]!]!;
    if (found === stop) break;
    seen |= found;
    p++;
  }
  scanned = seen;
  return p;
}

/** Whether the bytes of an ASCII word are at `p`. */
export function standsAt(bytes: Uint8Array, p: number, word: Uint8Array): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[p + i] !== word[i]) return false;
  return true;
}
