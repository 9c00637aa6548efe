/** Names that went through the wrong encoding, or through HTML, before they came into the library. */

import { isUtf8 } from 'node:buffer';
import { decodeEntities } from './html-entities.js';

export interface RepairedText {
  text: string;
  /** What was wrong; undefined for a text that is as it should be. */
  fault?: 'HTML entities' | 'encoded twice' | 'Windows-1252, not UTF-8' | 'not UTF-8';
  /** Whether {@link text} is certainly what was meant. */
  repaired: boolean;
}

/** Windows-1252 where it differs from Latin-1: 0x80 to 0x9F. */
const windows =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178';
const byteOf = new Map([...windows].map((character, index) => [character, 0x80 + index]));
/** UTF-8 read as Windows-1252 has one of these before each of its other characters. */
const twiceEncoded =
  /[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]/;

/** Makes the repairs of a text that are certain. If it holds a U+FFFD, `bytes` are its bytes in the file, in UTF-8. */
export function repairText(text: string, bytes?: Buffer): RepairedText {
  if (text.includes('\uFFFD')) {
    if (!bytes || isUtf8(bytes)) return { text, repaired: false, fault: 'not UTF-8' };
    const wide = bytes.filter((byte) => byte >= 0x80);
    // In this range these are letters, and in the Macintosh's and DOS's encodings almost none.
    const letters = wide.every((byte) => byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7);
    return letters
      ? { text: bytes.toString('latin1'), repaired: true, fault: 'Windows-1252, not UTF-8' }
      : { text, repaired: false, fault: 'not UTF-8' };
  }
  const once = decodeTwice(text);
  if (once !== undefined)
    return { text: decodeEntities(once) ?? once, repaired: true, fault: 'encoded twice' };
  const decoded = decodeEntities(text);
  return decoded === undefined
    ? { text, repaired: true }
    : { text: decodeTwice(decoded) ?? decoded, repaired: true, fault: 'HTML entities' };
}

/** The text if all of it beyond ASCII is UTF-8 that was taken for Windows-1252; undefined if not. */
function decodeTwice(text: string): string | undefined {
  if (!twiceEncoded.test(text)) return undefined;
  const bytes = Buffer.alloc(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const byte = code < 0x100 ? code : byteOf.get(text[i]!);
    if (byte === undefined) return undefined;
    bytes[i] = byte;
  }
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined;
}
