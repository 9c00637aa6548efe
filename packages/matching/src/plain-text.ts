/** Names and titles as folded UTF-16 units, from their bytes without making a string. */

import { foldedAlone } from '@wxyc/text';

/** In bytes of UTF-8. */
const longest = 400;

/** Lower case of ASCII. */
const lower = new Uint8Array(128);
for (let unit = 0; unit < 128; unit += 1)
  lower[unit] = unit >= 0x41 && unit <= 0x5a ? unit + 0x20 : unit;

const unknown = -1;
const notPlain = 0;
/** What other units are folded to: one letter, or two with the second in the upper half. */
const folded = new Int32Array(0x10000).fill(unknown);

/** Only what is a letter whatever its neighbours are is plain. */
function foldLetter(unit: number): number {
  const character = String.fromCharCode(unit);
  const small = character.toLowerCase();
  // What is folded to letters without being one, such as ™, separates words where a name is not folded.
  const letters =
    small.length === 1 && aLetter.test(character) ? foldedAlone(small.charCodeAt(0)) : undefined;
  return letters !== undefined && oneOrTwoLetters.test(letters) && !notSingle.test(letters)
    ? letters.charCodeAt(0) | (letters.length > 1 ? letters.charCodeAt(1) << 16 : 0)
    : notPlain;
}
const aLetter = /^\p{L}$/u;
const oneOrTwoLetters = /^\p{L}{1,2}$/u;
/** Surrogates, and the apostrophe that Unicode counts as a letter. */
const notSingle = /[\ud800-\udfff\u02bc]/;

export class PlainText {
  /** The text that was read last, in `[0, length)`: ASCII in lower case, and folded letters of all scripts. */
  readonly units = new Uint16Array(longest);
  length = 0;

  /** Reads UTF-8 in `bytes[start, end)`; false if it is long, or has characters other than ASCII and single letters. */
  read(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start > longest) return false;
    const out = this.units;
    let length = 0;
    for (let p = start; p < end; p += 1) {
      const byte = bytes[p]!;
      if (byte < 0x80) {
        out[length++] = lower[byte]!;
        continue;
      }
      let unit: number;
      if (byte < 0xe0) unit = ((byte & 0x1f) << 6) | (bytes[++p]! & 0x3f);
      else if (byte < 0xf0) {
        unit = ((byte & 0x0f) << 12) | ((bytes[p + 1]! & 0x3f) << 6) | (bytes[p + 2]! & 0x3f);
        p += 2;
      } else return false;
      const known = folded[unit]!;
      const letters = known === unknown ? (folded[unit] = foldLetter(unit)) : known;
      if (letters === notPlain) return false;
      out[length++] = letters & 0xffff;
      const second = letters >>> 16;
      if (second !== 0) out[length++] = second;
    }
    this.length = length;
    return true;
  }
}
