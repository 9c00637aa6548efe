// Writes pieces of XML as CSV fields, bytes to bytes: entities decoded, trimmed, newlines cleaned, quoted if need be.
import type { CsvBytes } from './csv-bytes.js';
import { isXmlCharacter } from './repair.js';
import { flags } from './text-scan.js';

const quote = 0x22;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const space = 0x20;
/** From this length on, one native copy is cheaper than a loop. */
const longCopy = 48;

const named: readonly (readonly [Uint8Array, number])[] = [
  [Buffer.from('amp;'), 0x26],
  [Buffer.from('lt;'), 0x3c],
  [Buffer.from('gt;'), 0x3e],
  [Buffer.from('quot;'), 0x22],
  [Buffer.from('apos;'), 0x27],
];

/** Decodes into memory of its own, {@link Decoder.bytes}. */
export class Decoder {
  bytes: Buffer = Buffer.alloc(64 * 1024);

  /**
   * Decodes entities and XML line ends of `source[start, end)`. Returns the decoded length, or -1 for what the strict
   * reader must repair: an undefined entity, a bare `&`, a character that XML forbids.
   */
  decode(source: Uint8Array, start: number, end: number): number {
    // Decoding makes nothing longer.
    if (this.bytes.length < end - start) this.bytes = Buffer.alloc((end - start) * 2);
    const target = this.bytes;
    let length = 0;
    for (let p = start; p < end;) {
      const byte = source[p]!;
      if (byte === 0x26) {
        const semicolon = this.#entityEnd(source, p, end);
        if (semicolon < 0) return -1;
        const code = this.#entity(source, p, semicolon);
        if (code < 0) return -1;
        p = semicolon + 1;
        if (code < 0x80) target[length++] = code;
        else length = encode(code, target, length);
      } else if (byte === carriageReturn) {
        p++;
        if (source[p] !== lineFeed || p >= end) target[length++] = lineFeed;
      } else {
        if (byte === 0xef && source[p + 1] === 0xbf && source[p + 2]! >= 0xbe) return -1; // U+FFFE, U+FFFF
        target[length++] = byte;
        p++;
      }
    }
    return length;
  }

  #entityEnd(source: Uint8Array, p: number, end: number): number {
    const last = Math.min(end, p + 12);
    for (let q = p + 2; q < last; q++) if (source[q] === 0x3b) return q;
    return -1;
  }

  #entity(source: Uint8Array, p: number, semicolon: number): number {
    if (source[p + 1] !== 0x23) {
      for (const [word, code] of named) {
        if (word.length !== semicolon - p || word[0] !== source[p + 1]) continue;
        let i = 1;
        while (i < word.length && source[p + 1 + i] === word[i]) i++;
        if (i === word.length) return code;
      }
      return -1;
    }
    let code = 0;
    if (source[p + 2] === 0x78) {
      if (semicolon === p + 3) return -1;
      for (let q = p + 3; q < semicolon; q++) {
        const digit = hexadecimal(source[q]!);
        if (digit < 0) return -1;
        code = code * 16 + digit;
      }
    } else {
      if (semicolon === p + 2) return -1;
      for (let q = p + 2; q < semicolon; q++) {
        const digit = source[q]! - 0x30;
        if (digit < 0 || digit > 9) return -1;
        code = code * 10 + digit;
      }
    }
    return isXmlCharacter(code) ? code : -1;
  }
}

function hexadecimal(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function encode(code: number, target: Uint8Array, length: number): number {
  if (code < 0x800) target[length++] = 0xc0 | (code >> 6);
  else {
    if (code < 0x10000) target[length++] = 0xe0 | (code >> 12);
    else {
      target[length++] = 0xf0 | (code >> 18);
      target[length++] = 0x80 | ((code >> 12) & 0x3f);
    }
    target[length++] = 0x80 | ((code >> 6) & 0x3f);
  }
  target[length++] = 0x80 | (code & 0x3f);
  return length;
}

/** Length of the white space character beyond ASCII that begins at `p`, by Python's list; 0 for any other character. */
function wideSpaceAt(bytes: Uint8Array, p: number, end: number): number {
  const first = bytes[p]!;
  if (first === 0xc2)
    return p + 2 <= end && (bytes[p + 1] === 0x85 || bytes[p + 1] === 0xa0) ? 2 : 0;
  if (first < 0xe1 || first > 0xe3 || p + 3 > end) return 0;
  const second = bytes[p + 1]!;
  const third = bytes[p + 2]!;
  if (first === 0xe1) return second === 0x9a && third === 0x80 ? 3 : 0; // U+1680
  if (first === 0xe3) return second === 0x80 && third === 0x80 ? 3 : 0; // U+3000
  if (second === 0x80)
    return third <= 0x8a || third === 0xa8 || third === 0xa9 || third === 0xaf ? 3 : 0; // U+2000..
  return second === 0x81 && third === 0x9f ? 3 : 0; // U+205F
}

/** The trimmed piece's bounds after {@link trim}: second return values. */
export let trimmedEnd = 0;

/**
 * Trims as Python's `str.strip` does; control characters other than tab, LF and CR do not get here. Returns the new
 * start and sets {@link trimmedEnd}.
 */
export function trim(bytes: Uint8Array, start: number, end: number, seen: number): number {
  if ((seen & flags.wide) === 0) {
    while (start < end && bytes[start]! <= space) start++;
    while (start < end && bytes[end - 1]! <= space) end--;
    trimmedEnd = end;
    return start;
  }
  for (let width = 1; start < end && width > 0; start += width)
    width = bytes[start]! <= space ? 1 : wideSpaceAt(bytes, start, end);
  for (let width = 1; start < end && width > 0; end -= width) {
    if (bytes[end - 1]! <= space) width = 1;
    else if (bytes[end - 1]! < 0x80) width = 0;
    else if (end - start >= 2 && bytes[end - 2] === 0xc2) width = wideSpaceAt(bytes, end - 2, end);
    else width = end - start >= 3 ? wideSpaceAt(bytes, end - 3, end) : 0;
  }
  trimmedEnd = end;
  return start;
}

/** Writes fields of one reader; with `cleanNewlines`, CR and LF as spaces. */
export class FieldWriter {
  readonly #cleanNewlines: boolean;
  readonly #decoder = new Decoder();

  constructor(cleanNewlines: boolean) {
    this.#cleanNewlines = cleanNewlines;
  }

  /** Appends a number. Room must be reserved. */
  number(out: CsvBytes, value: number): void {
    const { bytes } = out;
    let digits = 1;
    for (let power = 10; power <= value; power *= 10) digits++;
    let p = out.length + digits;
    out.length = p;
    do {
      const rest = Math.floor(value / 10);
      bytes[--p] = 0x30 + value - rest * 10;
      value = rest;
    } while (value > 0);
  }

  /** Appends bytes as they are. Room must be reserved. */
  copy(out: CsvBytes, source: Buffer, start: number, end: number): void {
    const { bytes } = out;
    let { length } = out;
    if (end - start < longCopy) while (start < end) bytes[length++] = source[start++]!;
    else length += source.copy(bytes, length, start, end);
    out.length = length;
  }

  /**
   * Appends the piece `source[start, end)` with what a scan has `seen` in it. Room for twice its length must be
   * reserved. Returns false, with nothing written, for a piece that the strict reader must repair.
   */
  field(out: CsvBytes, source: Buffer, start: number, end: number, seen: number): boolean {
    if (start === end) return true;
    if (seen & (flags.entity | flags.decode)) {
      end = this.#decoder.decode(source, start, end);
      if (end < 0) return false;
      source = this.#decoder.bytes;
      start = 0;
      seen |= flags.comma | flags.wide; // whatever the entities stood for
    }
    start = trim(source, start, end, seen);
    if (seen & (flags.comma | flags.quote | flags.lineFeed))
      this.#special(out, source, start, trimmedEnd);
    else this.copy(out, source, start, trimmedEnd);
    return true;
  }

  /** Like {@link field}, but neither quoted nor cleaned: for a field that is first put together from parts. */
  part(out: CsvBytes, source: Buffer, start: number, end: number, seen: number): boolean {
    if (seen & (flags.entity | flags.decode)) {
      end = this.#decoder.decode(source, start, end);
      if (end < 0) return false;
      source = this.#decoder.bytes;
      start = 0;
      seen |= flags.wide;
    }
    start = trim(source, start, end, seen);
    this.copy(out, source, start, trimmedEnd);
    return true;
  }

  /** Whether {@link field} would take the piece. */
  isSound(source: Buffer, start: number, end: number, seen: number): boolean {
    return (
      (seen & (flags.entity | flags.decode)) === 0 || this.#decoder.decode(source, start, end) >= 0
    );
  }

  /** A field that may hold commas, quotes or newlines. */
  #special(out: CsvBytes, source: Buffer, start: number, end: number): void {
    const cleans = this.#cleanNewlines;
    let needsQuotes = false;
    let plain = true;
    for (let p = start; p < end; p++) {
      const byte = source[p]!;
      if (byte > 0x2c) continue;
      if (byte === 0x2c) needsQuotes = true;
      else if (byte === quote) {
        needsQuotes = true;
        plain = false;
      } else if (byte === lineFeed || byte === carriageReturn) {
        if (cleans) plain = false;
        else needsQuotes = true;
      }
    }
    if (needsQuotes) out.bytes[out.length++] = quote;
    if (plain) this.copy(out, source, start, end);
    else {
      const { bytes } = out;
      let { length } = out;
      for (let p = start; p < end; p++) {
        const byte = source[p]!;
        if (byte === quote) bytes[length++] = quote;
        if (cleans && (byte === carriageReturn || byte === lineFeed)) {
          if (byte === carriageReturn && p + 1 < end && source[p + 1] === lineFeed) p++;
          bytes[length++] = space;
        } else bytes[length++] = byte;
      }
      out.length = length;
    }
    if (needsQuotes) out.bytes[out.length++] = quote;
  }
}
