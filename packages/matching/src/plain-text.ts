/** Names and titles as lower-case ASCII, from their bytes and without making a string. */

import { fold } from '@wxyc/text';

const longest = 400;
const firstLead = 0xc2;
const lastLead = 0xc9;

/** What a character of two bytes is folded to, one letter or two (the second in the upper byte), where that is plain; else 0. */
const folded = new Uint16Array(((lastLead + 1) & 0x3f) << 6);
for (let point = 0x80; point < folded.length; point += 1) {
  const letters = fold(String.fromCodePoint(point));
  if (/^[a-z]{1,2}$/.test(letters))
    folded[point] = letters.charCodeAt(0) | (letters.length > 1 ? letters.charCodeAt(1) << 8 : 0);
}

/** Of ASCII, its lower case. */
const lower = new Uint8Array(128);
for (let unit = 0; unit < 128; unit += 1)
  lower[unit] = unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;

export class PlainText {
  /** The text that was read last, in `[0, length)`. */
  readonly bytes = new Uint8Array(longest * 2);
  length = 0;

  /** Reads UTF-8 in `bytes[start, end)`; false if it is long, or has other characters than ASCII and accented Latin letters. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > longest) return false;
    const out = this.bytes;
    let length = 0;
    for (let p = start; p < end; p += 1) {
      const byte = bytes[p]!;
      if (byte < 0x80) {
        out[length++] = lower[byte]!;
        continue;
      }
      if (byte < firstLead || byte > lastLead) return false;
      p += 1;
      const letters = folded[((byte & 0x1f) << 6) | (bytes[p]! & 0x3f)]!;
      if (letters === 0) return false;
      out[length++] = letters & 0xff;
      if (letters > 0xff) out[length++] = letters >>> 8;
    }
    this.length = length;
    return true;
  }
}
