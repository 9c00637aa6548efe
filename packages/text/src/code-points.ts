/** Strings as code points: scores and sort orders must not depend on how JavaScript stores them. */

/** The code points of a text; a lone surrogate counts as one. */
export function codePoints(text: string): Uint32Array {
  const points = new Uint32Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const point = text.codePointAt(at)!;
    if (point > 0xffff) at += 1;
    points[length++] = point;
  }
  return points.subarray(0, length);
}

/**
 * Orders by code point, as Python sorts strings and PostgreSQL's "C" collation sorts UTF-8. The default order of
 * JavaScript puts astral characters before U+E000..FFFF.
 */
export function compareCodePoints(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let at = 0; at < shorter; at += 1) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Sorts in place by {@link compareCodePoints}. */
export function sortCodePoints(texts: string[]): string[] {
  // Without astral characters both orders are the same, and JavaScript's own is many times faster.
  return texts.some(hasSurrogate) ? texts.sort(compareCodePoints) : texts.sort();
}

function hasSurrogate(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit >= 0xd800 && unit < 0xe000) return true;
  }
  return false;
}

// Surrogates stand for code points above all of the basic plane.
const rank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
