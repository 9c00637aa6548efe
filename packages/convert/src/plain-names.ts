// Whether the library has an artist, told from a name's bytes alone: for names of plain letters, digits and the like, as
// nearly all are. A dump asks for some ten names a release, most of them new; making strings of them took longer than
// reading them.
//
// `normalizeArtist` and `isCompilationArtist` are the rules; names for which they do more than what is done here are left
// to them.
import { NameCache } from './name-cache.js';

const space = 0x20;
const openBracket = 0x28;
const closeBracket = 0x29;
const comma = 0x2c;

/** Of a byte's place in a plain name: its lower case, or 0 for one that makes a name no plain one. */
const lowerCase = new Uint8Array(256);
for (let byte = 0x20; byte < 0x7f; byte++) lowerCase[byte] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
// Ampersands and apostrophes are rewritten, and brackets may be dropped.
for (const special of "&'[]") lowerCase[special.charCodeAt(0)] = 0;

/** Longer names are not worth a thought. */
const longestName = 256;

/** Beginnings of names that may be compilations, by their first three letters. */
const compilationBeginnings = new Set(['var', 'v/a', 'v.a', 'sou', 'com'].map((text) => beginning(Buffer.from(text))));

export class PlainNames {
  readonly #forms: NameCache;
  readonly #form = new Uint8Array(longestName);

  /** @param forms the library's artists in normal form; those with a letter beyond ASCII equal no plain name */
  constructor(forms: Iterable<string>) {
    const plain = [...forms].map((form) => Buffer.from(form)).filter((bytes) => bytes.length <= longestName && bytes.every((byte) => byte < 0x80));
    this.#forms = new NameCache(plain.length + 1, plain.reduce((sum, { length }) => sum + length, 1));
    for (const bytes of plain) if (this.#forms.get(bytes, 0, bytes.length) < 0) this.#forms.add(bytes, 0, bytes.length, 1);
  }

  /** 1 if the name in `bytes[start, end)` is an artist of the library, 0 if not, -1 if it is no plain name. */
  look(bytes: Uint8Array, start: number, end: number): number {
    while (start < end && bytes[start] === space) start++;
    while (start < end && bytes[end - 1] === space) end--;
    if (bytes[end - 1] === closeBracket) {
      end = this.#withoutNumber(bytes, start, end);
      if (end < 0) return -1;
    }
    if (end - start > longestName || start === end) return -1;
    const form = this.#form;
    let length = 0;
    let previous = 0;
    for (let p = start; p < end; p++) {
      const byte = lowerCase[bytes[p]!]!;
      // `Beatles, The` is turned round, and several spaces are one.
      if (byte === 0 || (byte === space && (previous === space || previous === comma))) return -1;
      form[length++] = byte;
      previous = byte;
    }
    if (length >= 3 && compilationBeginnings.has(beginning(form))) return -1;
    return this.#forms.get(form, 0, length) === 1 ? 1 : 0;
  }

  /** The end of the name without its Discogs number, `(2)`; -1 if nothing would be left. */
  #withoutNumber(bytes: Uint8Array, start: number, end: number): number {
    let p = end - 2;
    while (p > start && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p--;
    if (p < start || p === end - 2 || bytes[p] !== openBracket) return end;
    while (p > start && bytes[p - 1] === space) p--;
    return p === start ? -1 : p;
  }
}

function beginning(bytes: Uint8Array): number {
  return bytes[0]! | (bytes[1]! << 8) | (bytes[2]! << 16);
}
