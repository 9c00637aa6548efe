/** rapidfuzz's `ratio` as 0..1, fast for short plain texts, of which decisions compare millions. */

import { ratio } from '@wxyc/text';

const table = new Int32Array(128);

/**
 * Normalised indel similarity, 0..1. A result below `atLeast` may be any number below it.
 *
 * @example
 * similarity('wiedlin', 'weidlin'); // 0.857…
 */
export function similarity(a: string, b: string, atLeast = 0): number {
  if (a === b) return 1;
  const lengths = a.length + b.length;
  const short = a.length <= b.length ? a : b;
  const long = short === a ? b : a;
  if (2 * short.length < atLeast * lengths) return 0;
  if (short.length > 31 || short.length === 0) return ratio(a, b) / 100;
  // Hyyrö's bit-parallel longest common subsequence: a bit for each character of the shorter text.
  let plain = true;
  for (let at = 0; at < short.length; at += 1) {
    const unit = short.charCodeAt(at);
    if (unit < 128) table[unit]! |= 1 << at;
    else plain = false;
  }
  let state = -1;
  if (plain) {
    for (let at = 0; at < long.length; at += 1) {
      const unit = long.charCodeAt(at);
      if (unit >= 128) {
        plain = false;
        break;
      }
      const hit = state & table[unit]!;
      state = ((state + hit) | (state - hit)) | 0;
    }
  }
  for (let at = 0; at < short.length; at += 1) {
    const unit = short.charCodeAt(at);
    if (unit < 128) table[unit] = 0;
  }
  if (!plain) return ratio(a, b) / 100;
  return 1 - (lengths - 2 * zeros(state, short.length)) / lengths;
}

/** Zero bits among the lowest `count`. */
function zeros(bits: number, count: number): number {
  let rest = ~bits & (count === 31 ? 0x7fffffff : (1 << count) - 1);
  rest -= (rest >>> 1) & 0x55555555;
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
