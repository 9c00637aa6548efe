/** Rows in PostgreSQL's COPY text format, written byte by byte into one growing buffer. */

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const backslash = 0x5c;

/** The buffer of rows not yet handed on. Every method appends at {@link position}. */
export class CopyText {
  bytes: Buffer;
  position = 0;

  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
  }

  /** Makes room for a row whose fields have this many bytes before escaping. */
  reserve(fieldBytes: number): void {
    const needed = this.position + fieldBytes * 2 + 128;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.position);
    this.bytes = larger;
  }

  tab(): void {
    this.bytes[this.position++] = tab;
  }

  endRow(): void {
    this.bytes[this.position++] = lineFeed;
  }

  null(): void {
    this.bytes[this.position++] = backslash;
    this.bytes[this.position++] = 0x4e;
  }

  boolean(value: boolean): void {
    this.bytes[this.position++] = value ? 0x74 : 0x66;
  }

  /** A non-negative integer. */
  integer(value: number): void {
    if (value < 10) {
      this.bytes[this.position++] = 0x30 + value;
      return;
    }
    const { bytes } = this;
    let end = this.position + 1;
    for (let rest = value; rest >= 10; rest = (rest / 10) | 0) end++;
    this.position = end;
    do {
      const rest = (value / 10) | 0;
      bytes[--end] = 0x30 + (value - rest * 10);
      value = rest;
    } while (value > 0);
  }

  /** A text field from `source[start, end)`, escaped. */
  text(source: Uint8Array, start: number, end: number): void {
    const out = this.bytes;
    let position = this.position;
    for (let p = start; p < end; p++) {
      const byte = source[p]!;
      if (byte > carriageReturn && byte !== backslash) {
        out[position++] = byte;
        continue;
      }
      const letter =
        byte === backslash
          ? backslash
          : byte === tab
            ? 0x74
            : byte === lineFeed
              ? 0x6e
              : byte === carriageReturn
                ? 0x72
                : 0;
      if (letter) {
        out[position++] = backslash;
        out[position++] = letter;
      } else {
        out[position++] = byte;
      }
    }
    this.position = position;
  }

  /** Hands out the bytes before `end`; the rest moves to the beginning of a new buffer. */
  take(end: number, capacity: number): Buffer {
    const taken = this.bytes.subarray(0, end);
    const rest = this.position - end;
    const fresh = Buffer.allocUnsafeSlow(Math.max(capacity, rest * 2));
    this.bytes.copy(fresh, 0, end, this.position);
    this.bytes = fresh;
    this.position = rest;
    return taken;
  }
}
