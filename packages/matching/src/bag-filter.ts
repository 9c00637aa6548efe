/**
 * Which phrases have enough characters in common with a pattern, in any order, to be worth an alignment.
 *
 * The longest common subsequence of two texts is at most the number of characters that they share as bags, so a phrase
 * that fails here cannot reach the score. 32 phrases are counted at once: for "the phrase has at least k times the
 * character c" there is a column with one bit a phrase; the columns of the pattern's characters are added bit by bit
 * (carry-save adders) into seven words that hold 32 counters.
 */

import type { Pattern } from './pattern.js';
import type { PhraseTable } from './phrase-table.js';

/** Characters with columns of their own; the rest share some, which only makes the bound weaker. */
const ownClasses = 56;
const sharedClasses = 8;
const classes = ownClasses + sharedClasses;
/** A character is counted up to this often; what a pattern has beyond is granted to every phrase. */
const levels = 6;
/** Columns are added seven at a time: two adder steps turn seven bits into one number of three bits. */
const group = 7;
/** The counters have seven bits. A pattern of more characters is not filtered. */
const longestPattern = 126;

export class BagFilter {
  /** Words of 32 phrases, by length of the phrase. */
  readonly wordCount: number;
  /** Phrase at bit b of word w, at `32 * w + b`; -1 for none. */
  readonly phraseAt: Int32Array;
  /** Of each word the length of its first and of its last phrase. */
  readonly shortest: Int32Array;
  readonly longest: Int32Array;
  private readonly classOf: Uint8Array;
  /** Number of the column for class c and level k, at `c * levels + k`; 0 is the empty column. */
  private readonly columnOf = new Int32Array(classes * levels);
  /** Words of column n: from `n * stride` on; a stride is a whole number of vectors. */
  readonly columns: Int32Array;
  private readonly stride: number;
  private readonly counts = new Int32Array(classes);
  /** Where the columns of the pattern begin, a whole number of groups. */
  readonly offsets = new Int32Array(longestPattern + group);
  offsetCount = 0;
  /** Characters of the pattern that every phrase is taken to have. */
  granted = 0;
  private patternLength = 0;
  private readonly order: Int32Array;

  constructor(table: PhraseTable, symbolCount: number) {
    this.classOf = classesOf(table, symbolCount);
    const byLength = sortedByLength(table.lengths());
    this.wordCount = Math.ceil(table.count / 32);
    this.stride = 4 * Math.ceil(this.wordCount / 4);
    this.phraseAt = new Int32Array(this.wordCount * 32).fill(-1);
    this.phraseAt.set(byLength);
    this.shortest = new Int32Array(this.wordCount);
    this.longest = new Int32Array(this.wordCount);
    for (let word = 0; word < this.wordCount; word += 1) {
      this.shortest[word] = table.lengthOf(byLength[word * 32]!);
      this.longest[word] = table.lengthOf(byLength[Math.min(word * 32 + 31, table.count - 1)]!);
    }
    this.order = new Int32Array(this.wordCount);
    this.columns = this.fillColumns(table);
  }

  /** Takes a new pattern. */
  set(pattern: Pattern): void {
    this.patternLength = pattern.length;
    this.offsetCount = 0;
    this.granted = 0;
    if (pattern.length > longestPattern) return;
    for (let at = 0; at < pattern.length; at += 1) {
      const symbol = pattern.symbols[at]!;
      if (symbol === 0) continue;
      const bag = this.classOf[symbol]!;
      const level = this.counts[bag]!++;
      if (level >= levels) this.granted += 1;
      else this.addColumn(this.columnOf[bag * levels + level]!);
    }
    for (let at = 0; at < pattern.length; at += 1) this.counts[this.classOf[pattern.symbols[at]!]!] = 0;
    while (this.offsetCount % group !== 0) this.offsets[this.offsetCount++] = 0;
  }

  /** The words in the order of how near the length of their phrases is to the pattern's: the best matches come first. */
  nearestFirst(): Int32Array {
    const { order, shortest, wordCount, patternLength } = this;
    let above = 0;
    let end = wordCount;
    while (above < end) {
      const middle = (above + end) >> 1;
      if (shortest[middle]! < patternLength) above = middle + 1;
      else end = middle;
    }
    let below = above - 1;
    for (let at = 0; at < wordCount; at += 1) {
      const takeAbove =
        below < 0 || (above < wordCount && shortest[above]! - patternLength <= patternLength - this.longest[below]!);
      order[at] = takeAbove ? above++ : below--;
    }
    return order;
  }

  /**
   * Bits of the phrases of a word that may reach the similarity `numerator / denominator`, where the similarity of two
   * phrases is twice their common characters over the sum of their lengths.
   */
  candidates(word: number, numerator: number, denominator: number): number {
    // The shortest phrase of the word has the lowest threshold, the longest one the most characters to share.
    const needed = Math.ceil((numerator * (this.patternLength + this.shortest[word]!)) / (2 * denominator));
    if (needed > this.patternLength || needed > this.longest[word]!) return 0;
    if (this.patternLength > longestPattern) return -1;
    return this.atLeast(word, needed - this.granted);
  }

  private atLeast(word: number, needed: number): number {
    if (needed <= 0) return -1;
    const { columns, offsets, offsetCount } = this;
    let c0 = 0;
    let c1 = 0;
    let c2 = 0;
    let c3 = 0;
    let c4 = 0;
    let c5 = 0;
    let c6 = 0;
    for (let at = 0; at < offsetCount; at += group) {
      const x1 = columns[offsets[at]! + word]!;
      const x2 = columns[offsets[at + 1]! + word]!;
      const x3 = columns[offsets[at + 2]! + word]!;
      const x4 = columns[offsets[at + 3]! + word]!;
      const x5 = columns[offsets[at + 4]! + word]!;
      const x6 = columns[offsets[at + 5]! + word]!;
      const x7 = columns[offsets[at + 6]! + word]!;
      // Full adders: sum = a ^ b ^ c, carry = majority.
      const h1 = x1 ^ x2;
      const s1 = h1 ^ x3;
      const k1 = (x1 & x2) | (h1 & x3);
      const h2 = x4 ^ x5;
      const s2 = h2 ^ x6;
      const k2 = (x4 & x5) | (h2 & x6);
      const h3 = s1 ^ s2;
      const ones = h3 ^ x7;
      const k3 = (s1 & s2) | (h3 & x7);
      const h4 = k1 ^ k2;
      const twos = h4 ^ k3;
      const fours = (k1 & k2) | (h4 & k3);
      // Adds ones + 2 twos + 4 fours to the counters.
      let carry = c0 & ones;
      c0 ^= ones;
      const h5 = c1 ^ twos;
      const t1 = (c1 & twos) | (h5 & carry);
      c1 = h5 ^ carry;
      const h6 = c2 ^ fours;
      const t2 = (c2 & fours) | (h6 & t1);
      c2 = h6 ^ t1;
      carry = c3 & t2;
      c3 ^= t2;
      const t4 = c4 & carry;
      c4 ^= carry;
      const t5 = c5 & t4;
      c5 ^= t4;
      c6 ^= t5;
    }
    // Compares 32 counters with the threshold, from the lowest bit to the highest.
    let bits = -1;
    bits = needed & 1 ? c0 & bits : c0 | bits;
    bits = needed & 2 ? c1 & bits : c1 | bits;
    bits = needed & 4 ? c2 & bits : c2 | bits;
    bits = needed & 8 ? c3 & bits : c3 | bits;
    bits = needed & 16 ? c4 & bits : c4 | bits;
    bits = needed & 32 ? c5 & bits : c5 | bits;
    bits = needed & 64 ? c6 & bits : c6 | bits;
    return bits;
  }

  private addColumn(column: number): void {
    if (column !== 0) this.offsets[this.offsetCount++] = column * this.stride;
  }

  private fillColumns(table: PhraseTable): Int32Array {
    const { classOf, columnOf, counts, phraseAt, stride } = this;
    const { start, symbols } = table;
    // Column 0 stays empty. Columns get their places as they turn up; most characters never occur six times.
    let columns = new Int32Array(Math.max(4, stride) * 64);
    let count = 1;
    for (let position = 0; position < table.count; position += 1) {
      const number = phraseAt[position]!;
      const word = position >> 5;
      const bit = 1 << (position & 31);
      for (let at = start[number]!; at < start[number + 1]!; at += 1) {
        const bag = classOf[symbols[at]!]!;
        const level = counts[bag]!++;
        if (level >= levels) continue;
        let column = columnOf[bag * levels + level]!;
        if (column === 0) {
          column = columnOf[bag * levels + level] = count++;
          if (count * stride > columns.length) {
            const larger = new Int32Array(columns.length * 2);
            larger.set(columns);
            columns = larger;
          }
        }
        columns[column * stride + word]! |= bit;
      }
      for (let at = start[number]!; at < start[number + 1]!; at += 1) counts[classOf[symbols[at]!]!] = 0;
    }
    return columns;
  }
}

/** Places of the lengths, those of the shortest first and equal ones in their order; a counting sort. */
export function sortedByLength(lengths: Int32Array): Int32Array {
  let longest = 0;
  for (const length of lengths) longest = Math.max(longest, length);
  const next = new Int32Array(longest + 2);
  for (const length of lengths) next[length + 1]! += 1;
  for (let length = 0; length <= longest; length += 1) next[length + 1]! += next[length]!;
  const sorted = new Int32Array(lengths.length);
  for (let at = 0; at < lengths.length; at += 1) sorted[next[lengths[at]!]!++] = at;
  return sorted;
}

/** The most frequent symbols get a class of their own. */
function classesOf(table: PhraseTable, symbolCount: number): Uint8Array {
  const frequency = new Int32Array(symbolCount);
  for (let at = 0; at < table.start[table.count]!; at += 1) frequency[table.symbols[at]!]! += 1;
  const ranked = Int32Array.from({ length: symbolCount }, (_, symbol) => symbol).sort(
    (a, b) => frequency[b]! - frequency[a]! || a - b,
  );
  const classOf = new Uint8Array(symbolCount);
  ranked.forEach((symbol, rank) => {
    classOf[symbol] = rank < ownClasses ? rank : ownClasses + (symbol % sharedClasses);
  });
  return classOf;
}
