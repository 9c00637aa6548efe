// CSV as Python's csv module writes it: minimal quoting, CRLF row ends.

const needsQuotes = /[",\r\n]/;

/** Quotes the field only if it holds a comma, a quote, CR or LF; quotes inside are doubled. */
export function encodeField(value: string): string {
  return needsQuotes.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/**
 * One row with its line end. `null` and `undefined` are written as empty.
 *
 * @example
 * encodeRow([1, 'Say "yes"', null]) // '1,"Say ""yes""",\r\n'
 */
export function encodeRow(values: readonly (string | number | null | undefined)[]): string {
  let row = '';
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (i > 0) row += ',';
    if (value !== null && value !== undefined)
      row += typeof value === 'string' ? encodeField(value) : String(value);
  }
  // Python quotes the only field of a row if it is empty: an empty line would not be a row.
  return row === '' && values.length === 1 ? '""\r\n' : row + '\r\n';
}
