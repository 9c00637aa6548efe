// A growing buffer of CSV rows, as bytes.
import { encodeField } from '@wxyc/csv';

const comma = 0x2c;
const firstBytes = 64 * 1024;
/** Memory beyond this, which one long record needed, is released. */
const keptBytes = 4 * 1024 * 1024;

/** Rows of one file. `bytes[0, length)` is filled; writers that fill `bytes` themselves call {@link reserve} first. */
export class CsvBytes {
  bytes: Buffer<ArrayBuffer>;
  length = 0;
  rows = 0;

  constructor(size = firstBytes) {
    this.bytes = Buffer.from(new ArrayBuffer(size));
  }

  clear(): void {
    this.length = 0;
    this.rows = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.from(new ArrayBuffer(firstBytes));
  }

  /** Makes room for this many more bytes. */
  reserve(size: number): void {
    if (this.length + size <= this.bytes.length) return;
    const larger = Buffer.from(
      new ArrayBuffer(Math.max(this.bytes.length * 2, this.length + size)),
    );
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** Appends a row of values that are neither quoted nor encoded yet. */
  row(values: readonly (string | number)[]): void {
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.bytes[this.length++] = comma;
      const value = values[i]!;
      this.text(typeof value === 'string' ? encodeField(value) : String(value));
    }
    this.end();
  }

  /** Ends the row. */
  end(): void {
    this.reserve(2);
    this.bytes[this.length++] = 0x0d;
    this.bytes[this.length++] = 0x0a;
    this.rows++;
  }

  /** Appends text as UTF-8, and leaves room for a separator. */
  text(value: string): void {
    // A UTF-16 unit becomes at most three bytes.
    this.reserve(value.length * 3 + 2);
    this.length += this.bytes.write(value, this.length);
  }
}
