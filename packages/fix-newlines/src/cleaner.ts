// The cleaning: one pass over the bytes, in chunks of any size.

const quote = 0x22;
const comma = 0x2c;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const space = 0x20;
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Where the next byte is. */
const enum At {
  FieldStart,
  /** In a field without quotes, or after a closing quote. */
  Plain,
  /** After a CR outside quotes: a row's end if LF follows. */
  PlainReturn,
  Quoted,
  /** After a quote inside quotes: the closing one, or half of a doubled one. */
  QuotedQuote,
  /** After a CR inside quotes: a following LF belongs to it. */
  QuotedReturn,
}

/** No byte above the comma is a CR, LF, quote or comma: the cheap test that most bytes pass. */
const highestSpecial = comma;

/**
 * Rewrites CSV: every CRLF, lone CR and lone LF inside a field becomes a space, fields are quoted only if they hold a
 * comma or a quote, rows end with CRLF. Every other byte stays. Holds back the row that is not whole yet.
 *
 * @example
 * const cleaner = new Cleaner();
 * for await (const chunk of input) await output.write(cleaner.push(chunk));
 * await output.write(cleaner.end());
 */
export class Cleaner {
  /** Rows so far, the header included. */
  rows = 0;
  /** Fields so far that held a newline. */
  cleaned = 0;
  #at: At = At.FieldStart;
  /** Bytes of the byte order mark so far; all of them once it has passed, or there is none. */
  #mark = 0;
  /** The row in the making, as values without quotes; before it in the same buffer, the whole rows of this chunk. */
  #out: Buffer = Buffer.allocUnsafeSlow(64 * 1024);
  #length = 0;
  /** End of the last whole row. */
  #whole = 0;
  #fieldStart = 0;
  #fields = 0;
  /** The field holds a comma or a quote; it was in quotes; it held a newline. */
  #needsQuotes = false;
  #wasQuoted = false;
  #hadNewline = false;

  /** Bytes of the row that is not whole yet. */
  get held(): number {
    return this.#length - this.#whole;
  }

  /** The whole rows that the chunk brought to an end. Valid until the next call. */
  push(chunk: Uint8Array): Buffer {
    this.#makeRoom(chunk.length);
    const first = this.#mark < byteOrderMark.length ? this.#passMark(chunk) : 0;
    let at = this.#at;
    for (let p = first; p < chunk.length; p++) {
      const byte = chunk[p]!;
      switch (at) {
        case At.PlainReturn:
          if (byte === lineFeed) {
            this.#endRow();
            at = At.FieldStart;
            continue;
          }
          this.#newline();
          at = At.Plain;
          break;
        case At.QuotedReturn:
          at = At.Quoted;
          if (byte === lineFeed) continue;
          break;
        case At.QuotedQuote:
          if (byte === quote) {
            this.#needsQuotes = true;
            this.#out[this.#length++] = quote;
            at = At.Quoted;
            continue;
          }
          at = At.Plain;
          break;
        case At.FieldStart:
          if (byte === quote) {
            this.#wasQuoted = true;
            at = At.Quoted;
            continue;
          }
          at = At.Plain;
          break;
        case At.Plain:
        case At.Quoted:
          break;
      }
      if (byte > highestSpecial) {
        // The rest of a run of ordinary bytes, all at once.
        const out = this.#out;
        let length = this.#length;
        out[length++] = byte;
        let next: number | undefined;
        while (p + 1 < chunk.length && (next = chunk[p + 1]!) > highestSpecial) {
          out[length++] = next;
          p++;
        }
        this.#length = length;
      } else if (at === At.Quoted) {
        if (byte === quote) at = At.QuotedQuote;
        else if (byte === carriageReturn || byte === lineFeed) {
          this.#newline();
          if (byte === carriageReturn) at = At.QuotedReturn;
        } else {
          if (byte === comma) this.#needsQuotes = true;
          this.#out[this.#length++] = byte;
        }
      } else if (byte === comma) {
        this.#endField();
        this.#out[this.#length++] = comma;
        this.#fieldStart = this.#length;
        at = At.FieldStart;
      } else if (byte === lineFeed) {
        this.#endRow();
        at = At.FieldStart;
      } else if (byte === carriageReturn) at = At.PlainReturn;
      else {
        if (byte === quote) this.#needsQuotes = true;
        this.#out[this.#length++] = byte;
      }
    }
    this.#at = at;
    return this.#out.subarray(0, this.#whole);
  }

  /**
   * The last row, if it lacks its line end. Returns undefined if the input ends inside quotes.
   */
  end(): Buffer | undefined {
    this.#makeRoom(0);
    if (this.#at === At.Quoted || this.#at === At.QuotedReturn) return undefined;
    if (this.#at !== At.FieldStart || this.#fields > 0) this.#endRow();
    this.#at = At.FieldStart;
    return this.#out.subarray(0, this.#whole);
  }

  /** The first field begins behind a byte order mark, which stays. Returns how many bytes of the chunk belong to it. */
  #passMark(chunk: Uint8Array): number {
    let p = 0;
    for (; p < chunk.length && chunk[p] === byteOrderMark[this.#mark]; p++, this.#mark++)
      this.#out[this.#length++] = chunk[p]!;
    if (this.#mark === byteOrderMark.length) this.#fieldStart = this.#length;
    else if (p < chunk.length) {
      // What looked like one so far is text.
      if (this.#mark > 0) this.#at = At.Plain;
      this.#mark = byteOrderMark.length;
    }
    return p;
  }

  #newline(): void {
    this.#hadNewline = true;
    this.#out[this.#length++] = space;
  }

  #endField(): void {
    if (this.#needsQuotes) this.#quote();
    if (this.#hadNewline) this.cleaned++;
    this.#fields++;
    this.#needsQuotes = false;
    this.#wasQuoted = false;
    this.#hadNewline = false;
  }

  #endRow(): void {
    const only = this.#fields === 0;
    const empty = only && this.#length === this.#fieldStart;
    if (empty && this.#wasQuoted) {
      // The only field of its row, empty: without quotes the row would be gone.
      this.#out[this.#length++] = quote;
      this.#out[this.#length++] = quote;
    }
    if (!empty || this.#wasQuoted) this.rows++;
    this.#endField();
    this.#out[this.#length++] = carriageReturn;
    this.#out[this.#length++] = lineFeed;
    this.#fields = 0;
    this.#fieldStart = this.#length;
    this.#whole = this.#length;
  }

  /** Puts the field after {@link #fieldStart} in quotes, back to front in place. */
  #quote(): void {
    const out = this.#out;
    let quotes = 0;
    for (let p = this.#fieldStart; p < this.#length; p++) if (out[p] === quote) quotes++;
    let from = this.#length - 1;
    this.#length += quotes + 2;
    let to = this.#length - 1;
    out[to--] = quote;
    if (quotes === 0) out.copyWithin(this.#fieldStart + 1, this.#fieldStart, from + 1);
    else {
      while (from >= this.#fieldStart) {
        const byte = out[from--]!;
        out[to--] = byte;
        if (byte === quote) out[to--] = quote;
      }
    }
    out[this.#fieldStart] = quote;
  }

  /** Moves the unfinished row to the front and makes room for a chunk, in case every byte of it becomes three. */
  #makeRoom(size: number): void {
    const rest = this.#length - this.#whole;
    // The unfinished field itself may still double: its quotes are added at its end.
    const needed = rest * 2 + size * 3 + 16;
    const target = needed > this.#out.length ? Buffer.allocUnsafeSlow(needed * 2) : this.#out;
    this.#out.copy(target, 0, this.#whole, this.#length);
    this.#fieldStart -= this.#whole;
    this.#length = rest;
    this.#whole = 0;
    this.#out = target;
  }
}
