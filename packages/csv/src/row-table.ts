// Where the rows and fields of one batch of CSV bytes are: numbers in typed arrays, no object per row or field.

/** How a field is written in the file. */
export const fieldKinds = {
  /** As it is, without quotes. */
  plain: 0,
  /** In quotes, with none inside. */
  quoted: 1,
  /** In quotes, with doubled quotes inside, or with text after the closing quote: needs unescaping. */
  escaped: 2,
} as const;

const comma = 0x2c;
const quote = 0x22;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The rows found by {@link RowTable.scan}; offsets are into the scanned bytes. Reused from batch to batch. */
export class RowTable {
  rows = 0;
  fields = 0;
  /** Set when the input ended inside a quoted field. */
  openQuote = false;
  /** First field of each row; the entry after the last row is the number of fields. */
  rowFields = new Uint32Array(4096);
  /** First byte of each row; rows end where {@link rowEnds} says, line end included. */
  rowStarts = new Uint32Array(4096);
  rowEnds = new Uint32Array(4096);
  /** Bytes of the field as written, quotes included, line end excluded. */
  fieldStarts = new Uint32Array(16384);
  fieldEnds = new Uint32Array(16384);
  fieldKinds = new Uint8Array(16384);

  /**
   * Finds all whole rows in `bytes[0, end)` and returns how many bytes they take; the rest is the beginning of a row
   * whose end is still to come. With `last` there is no more to come: the row at the end needs no line end.
   * Rows end with LF or CRLF; empty lines are skipped. A lone CR is data.
   */
  scan(bytes: Uint8Array, end: number, last: boolean): number {
    this.rows = 0;
    this.fields = 0;
    this.openQuote = false;
    let position = 0;
    while (position < end) {
      const next = this.#scanRow(bytes, position, end, last);
      if (next < 0) break;
      position = next;
    }
    this.rowFields[this.rows] = this.fields;
    return position;
  }

  /** Adds the row at `rowStart` and returns the offset after it, or -1 if it is not complete. */
  #scanRow(bytes: Uint8Array, rowStart: number, end: number, last: boolean): number {
    const firstField = this.fields;
    let p = rowStart;
    for (;;) {
      const start = p;
      let kind: number = fieldKinds.plain;
      if (bytes[p] === quote && p < end) {
        kind = fieldKinds.quoted;
        p++;
        for (;;) {
          while (p < end && bytes[p] !== quote) p++;
          if (p >= end) return this.#unfinished(firstField, true);
          if (p + 1 >= end) {
            if (!last) return this.#unfinished(firstField, true);
            p++;
            break;
          }
          if (bytes[p + 1] !== quote) {
            p++;
            break;
          }
          kind = fieldKinds.escaped;
          p += 2;
        }
        const textStart = p;
        while (p < end && bytes[p] !== comma && bytes[p] !== lineFeed) p++;
        const textEnd =
          p > textStart && bytes[p - 1] === carriageReturn && bytes[p] !== comma ? p - 1 : p;
        if (textEnd > textStart) kind = fieldKinds.escaped;
      } else {
        let byte: number | undefined;
        while (p < end && (byte = bytes[p]) !== comma && byte !== lineFeed) p++;
      }
      if (p >= end && !last) return this.#unfinished(firstField, false);
      const atComma = p < end && bytes[p] === comma;
      const fieldEnd = !atComma && p > start && bytes[p - 1] === carriageReturn ? p - 1 : p;
      if (this.fields === this.fieldStarts.length) this.#growFields();
      this.fieldStarts[this.fields] = start;
      this.fieldEnds[this.fields] = fieldEnd;
      this.fieldKinds[this.fields++] = kind;
      p++;
      if (atComma) continue;
      p = Math.min(p, end); // the last row may lack its line end
      if (this.fields - firstField === 1 && fieldEnd === start) {
        this.fields = firstField; // an empty line
        return p;
      }
      // One entry is kept free for the number of fields after the last row.
      if (this.rows + 1 === this.rowStarts.length) this.#growRows();
      this.rowFields[this.rows] = firstField;
      this.rowStarts[this.rows] = rowStart;
      this.rowEnds[this.rows++] = p;
      return p;
    }
  }

  #unfinished(firstField: number, inQuotes: boolean): number {
    this.fields = firstField;
    this.openQuote = inQuotes;
    return -1;
  }

  #growFields(): void {
    this.fieldStarts = doubled(this.fieldStarts);
    this.fieldEnds = doubled(this.fieldEnds);
    const kinds = new Uint8Array(this.fieldKinds.length * 2);
    kinds.set(this.fieldKinds);
    this.fieldKinds = kinds;
  }

  #growRows(): void {
    this.rowFields = doubled(this.rowFields);
    this.rowStarts = doubled(this.rowStarts);
    this.rowEnds = doubled(this.rowEnds);
  }
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
