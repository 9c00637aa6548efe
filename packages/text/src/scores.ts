/** Three scores of rapidfuzz 3, 0..100, over code points and without any preprocessing, written as plainly as their definitions. */

import { codePoints, compareCodePoints } from './code-points.js';
import { splitWhiteSpace } from './white-space.js';

// rapidfuzz splits a text of only Latin-1 characters at ASCII white space: U+0085 and U+00A0 stay in its words.
const beyondLatin1 = /[^\0-\xff]/;
const asciiSpace = /[\t-\r\x1c-\x20]+/;

/**
 * Normalised indel similarity: how much of both texts is their longest common subsequence.
 *
 * @example
 * ratio('christa ludwig', 'ludwig chribsta'); // 48.275862068965516
 */
export function ratio(a: string, b: string): number {
  const x = codePoints(a);
  const y = codePoints(b);
  const longest = x.length + y.length;
  return longest === 0 ? 100 : (1 - (longest - 2 * commonSubsequence(x, y)) / longest) * 100;
}

/** {@link ratio} of the texts with their words sorted. */
export function tokenSortRatio(a: string, b: string): number {
  return ratio(sortedTokens(a), sortedTokens(b));
}

/**
 * Best of three comparisons between the words that both texts have and what each has beyond; 100 if one text's words
 * are all in the other, 0 if a text has no words.
 */
export function tokenSetRatio(a: string, b: string): number {
  const tokensA = new Set(scoreTokens(a));
  const tokensB = new Set(scoreTokens(b));
  if (tokensA.size === 0 || tokensB.size === 0) return 0;
  const both = [...tokensA].filter((token) => tokensB.has(token));
  const onlyA = [...tokensA].filter((token) => !tokensB.has(token));
  const onlyB = [...tokensB].filter((token) => !tokensA.has(token));
  if (both.length > 0 && (onlyA.length === 0 || onlyB.length === 0)) return 100;
  const restA = codePoints(joinSorted(onlyA));
  const restB = codePoints(joinSorted(onlyB));
  const shared = codePoints(both.join(' ')).length;
  const gap = shared === 0 ? 0 : 1;
  const lengthA = shared + gap + restA.length;
  const lengthB = shared + gap + restB.length;
  const distance = restA.length + restB.length - 2 * commonSubsequence(restA, restB);
  const whole = similarity(distance, lengthA + lengthB);
  if (shared === 0) return whole;
  // The shared words alone against either text: they differ only by the text's other words.
  return Math.max(
    whole,
    similarity(gap + restA.length, shared + lengthA),
    similarity(gap + restB.length, shared + lengthB),
  );
}

/** The words of a text as the token scores see them. */
export function scoreTokens(text: string): string[] {
  if (isSpaced(text)) return text.split(' ');
  if (beyondLatin1.test(text)) return splitWhiteSpace(text);
  return text.split(asciiSpace).filter((token) => token !== '');
}

/** Words of visible ASCII between single spaces: nearly every normal form is like that, and every way of splitting it gives the same. */
export function isSpaced(text: string): boolean {
  let previous = 0x20;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7e || unit < 0x20 || (unit === 0x20 && previous === 0x20)) return false;
    previous = unit;
  }
  return previous !== 0x20;
}

/** Words sorted by code point and joined with single spaces. */
export function sortedTokens(text: string): string {
  return joinSorted(scoreTokens(text));
}

function joinSorted(tokens: string[]): string {
  return tokens.sort(compareCodePoints).join(' ');
}

/** rapidfuzz's formula in its order of operations, so that equal fractions give equal numbers. */
function similarity(distance: number, lengths: number): number {
  return lengths > 0 ? 100 - (100 * distance) / lengths : 100;
}

/** How many bits of each 32-bit word are used: so sums of two limbs and a carry stay small integers. */
const limbBits = 30;
const limbMask = (1 << limbBits) - 1;

/** Length of the longest common subsequence, 30 columns of the table at a time (Hyyrö's bit-parallel recurrence). */
function commonSubsequence(a: Uint32Array, b: Uint32Array): number {
  if (a.length === 0 || b.length === 0) return 0;
  const limbs = Math.ceil(a.length / limbBits);
  const matches = new Map<number, Int32Array>();
  for (let at = 0; at < a.length; at += 1) {
    let bits = matches.get(a[at]!);
    if (!bits) matches.set(a[at]!, (bits = new Int32Array(limbs)));
    bits[Math.trunc(at / limbBits)]! |= 1 << (at % limbBits);
  }
  const state = new Int32Array(limbs).fill(limbMask);
  for (const point of b) {
    const bits = matches.get(point);
    if (!bits) continue;
    let carry = 0;
    for (let limb = 0; limb < limbs; limb += 1) {
      const value = state[limb]!;
      const hit = value & bits[limb]!;
      const sum = value + hit + carry;
      carry = sum >>> limbBits;
      state[limb] = (sum & limbMask) | (value & ~hit);
    }
  }
  let zeros = 0;
  for (let at = 0; at < a.length; at += 1) {
    if (((state[Math.trunc(at / limbBits)]! >>> (at % limbBits)) & 1) === 0) zeros += 1;
  }
  return zeros;
}
