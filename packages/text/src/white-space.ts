/**
 * White space as Python's `str` methods see it. JavaScript's `trim` and `\s` differ: they leave U+001C..1F and U+0085
 * alone and take U+FEFF away.
 */

const space =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const run = new RegExp(`[${space}]+`);

/** Whether one UTF-16 unit is white space; all of Python's white space is in the basic plane. */
export function isWhiteSpace(unit: number): boolean {
  if (unit < 0x80)
    return unit === 0x20 || (unit >= 0x09 && unit <= 0x0d) || (unit >= 0x1c && unit <= 0x1f);
  if (unit < 0x1680) return unit === 0x85 || unit === 0xa0;
  if (unit > 0x3000) return false;
  return (
    (unit >= 0x2000 && unit <= 0x200a) ||
    unit === 0x1680 ||
    unit === 0x2028 ||
    unit === 0x2029 ||
    unit === 0x202f ||
    unit === 0x205f ||
    unit === 0x3000
  );
}

/**
 * Python's `str.strip()`.
 *
 * @example
 * pythonStrip('\u0085 Björk\x1f'); // 'Björk'
 */
export function pythonStrip(text: string): string {
  let start = 0;
  while (start < text.length && isWhiteSpace(text.charCodeAt(start))) start += 1;
  return start === 0 ? stripEnd(text) : stripEnd(text.slice(start));
}

/** Python's `str.rstrip()`. */
export function stripEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isWhiteSpace(text.charCodeAt(end - 1))) end -= 1;
  return end === text.length ? text : text.slice(0, end);
}

/** Python's `str.split()`: the runs between white space, never an empty one. */
export function splitWhiteSpace(text: string): string[] {
  const stripped = pythonStrip(text);
  return stripped === '' ? [] : stripped.split(run);
}
