/** rapidfuzz's `ratio` as 0..1, fast for short plain texts: decisions compare millions of them. */

import { ratio } from '@wxyc/text';

/** For each character of the shorter text, the places where it occurs, as bits. */
const table = new Int32Array(128);
const others = new Map<number, number>();

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
  // Characters of two units count as one, so lengths in units would mislead.
  if (2 * short.length < atLeast * lengths && !surrogates.test(a) && !surrogates.test(b)) return 0;
  if (short.length > 31 || short.length === 0) return ratio(a, b) / 100;
  // Hyyrö's bit-parallel longest common subsequence: a bit for each character of the shorter text.
  if (!fill(short)) {
    clear(short);
    return ratio(a, b) / 100;
  }
  let state = -1;
  let hasSurrogates = false;
  for (let at = 0; at < long.length; at += 1) {
    const unit = long.charCodeAt(at);
    if (isSurrogate(unit)) {
      hasSurrogates = true;
      break;
    }
    const hit = state & (unit < 128 ? table[unit]! : (others.get(unit) ?? 0));
    state = (state + hit) | (state - hit) | 0;
  }
  clear(short);
  // Characters beyond the basic plane are two units each, and must count as one.
  if (hasSurrogates) return ratio(a, b) / 100;
  return 1 - (lengths - 2 * zeros(state, short.length)) / lengths;
}

/** Notes where each character occurs; false if one is beyond the basic plane. */
function fill(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 128) table[unit]! |= 1 << at;
    else if (isSurrogate(unit)) return false;
    else others.set(unit, (others.get(unit) ?? 0) | (1 << at));
  }
  return true;
}

function clear(text: string): void {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 128) table[unit] = 0;
  }
  if (others.size > 0) others.clear();
}

const surrogates = /[\ud800-\udfff]/;
const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;

/** Zero bits among the lowest `count`. */
function zeros(bits: number, count: number): number {
  let rest = ~bits & (count === 31 ? 0x7fffffff : (1 << count) - 1);
  rest -= (rest >>> 1) & 0x55555555;
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/** What two titles with this many letters in common score at most, compared word by word or letter by letter. */
export function alikeAtMost(
  common: number,
  letters: number,
  words: number,
  otherLetters: number,
  otherWords: number,
): number {
  const spaces = Math.max(0, words - 1);
  const otherSpaces = Math.max(0, otherWords - 1);
  const byWords =
    (2 * (common + Math.min(spaces, otherSpaces))) /
    (letters + spaces + otherLetters + otherSpaces);
  return Math.max(byWords, (2 * common) / (letters + otherLetters));
}

/** How many bits are set. */
export function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
