/** {@link PlainAlignment} with vectors of 128 bits, and patterns in one word of 64 (`phrase-alignment.wat`). */

import type { BagFilter } from './bag-filter.js';
import { unknown, type Lexicon } from './lexicon.js';
import type { Pattern } from './pattern.js';
import { PlainAlignment, type Best, type PhraseAlignment } from './phrase-alignment.js';
import { phraseAlignmentWasm } from './phrase-alignment-wasm.js';
import type { PhraseTable } from './phrase-table.js';

/** A pattern's places are the bits of 64; a longer one is left to the plain way. */
const mostPlaces = 64;
/** Products of lengths are 32-bit numbers in the module: a list with a phrase of more characters is left to the plain way. */
const longestPhrase = 2 ** 20;
/** The filter's words of 32 phrases that make a vector. */
const filterWords = 4;
const page = 64 * 1024;

/** Indexes, in 32-bit numbers, into what the module finds at the beginning of its memory. */
const head = {
  best: 0,
  numerator: 1,
  denominator: 2,
  length: 3,
  columns: 4,
  columnCount: 5,
  granted: 6,
  blocks: 7,
  shortest: 8,
  longest: 9,
  phraseAt: 10,
  ranks: 11,
  shared: 12,
  starts: 13,
  wordStarts: 14,
  wordMasks: 15,
  size: 16,
} as const;

/** Hands out memory from the beginning on: first to count it, then to use it. */
class Layout {
  end = 4 * head.size;

  /** Address of room for so many bytes. */
  take(bytes: number): number {
    const address = this.end;
    this.end = address + 16 * Math.ceil(bytes / 16);
    return address;
  }
}

export class VectorAlignment implements PhraseAlignment {
  readonly shared: Int32Array;
  private readonly plain: PlainAlignment;
  private readonly run: (above: number) => void;
  private readonly head: Int32Array;
  private readonly shortest: Int32Array;
  private readonly columnsAt: number;
  /** Addresses of the columns to add. */
  private readonly added: Int32Array;
  /** Two numbers for each symbol, and for each word of the pattern. */
  private readonly masks: Int32Array;
  private readonly wordMasks: Int32Array;
  /** Of each word of the lexicon. */
  private readonly positions: Int32Array;

  /** @throws RangeError if the memory cannot be had */
  constructor(
    module: WebAssembly.Module,
    table: PhraseTable,
    private readonly filter: BagFilter,
    ranks: Int32Array,
    lexicon: Lexicon,
  ) {
    const { columns, longest, phraseAt, shortest, wordCount } = filter;
    const blocks = Math.ceil(wordCount / filterWords);
    const symbolCount = table.start[table.count]!;
    const tokenCount = table.tokenStart[table.count]!;
    const layout = new Layout();
    const addedAt = layout.take(4 * filter.offsets.length);
    const wordMasksAt = layout.take(8 * mostPlaces);
    const masksAt = layout.take(8 * lexicon.symbolCount);
    const positionsAt = layout.take(4 * lexicon.tokenCount);
    this.columnsAt = layout.take(4 * columns.length);
    const shortestAt = layout.take(4 * blocks);
    const longestAt = layout.take(4 * blocks);
    const phraseAtAt = layout.take(4 * 32 * filterWords * blocks);
    const ranksAt = layout.take(4 * table.count);
    const sharedAt = layout.take(4 * table.count);
    const startsAt = layout.take(4 * (table.count + 1));
    const wordStartsAt = layout.take(4 * (table.count + 1));
    const symbolsAt = layout.take(4 * symbolCount);
    const wordsAt = layout.take(8 * tokenCount);

    const memory = new WebAssembly.Memory({ initial: Math.ceil(layout.end / page) });
    this.run = new WebAssembly.Instance(module, { matching: { memory } }).exports['align'] as (above: number) => void;
    const numbers = (address: number, count: number): Int32Array => new Int32Array(memory.buffer, address, count);
    this.head = numbers(0, head.size);
    this.added = numbers(addedAt, filter.offsets.length);
    this.masks = numbers(masksAt, 2 * lexicon.symbolCount);
    this.wordMasks = numbers(wordMasksAt, 2 * mostPlaces);
    this.positions = numbers(positionsAt, lexicon.tokenCount);
    this.shared = numbers(sharedAt, table.count);
    this.shortest = numbers(shortestAt, blocks);
    this.plain = new PlainAlignment(table, filter, ranks, this.shared);

    this.head[head.columns] = addedAt;
    this.head[head.blocks] = blocks;
    this.head[head.shortest] = shortestAt;
    this.head[head.longest] = longestAt;
    this.head[head.phraseAt] = phraseAtAt;
    this.head[head.ranks] = ranksAt;
    this.head[head.shared] = sharedAt;
    this.head[head.starts] = startsAt;
    this.head[head.wordStarts] = wordStartsAt;
    this.head[head.wordMasks] = wordMasksAt;
    numbers(this.columnsAt, columns.length).set(columns);
    numbers(phraseAtAt, 32 * filterWords * blocks).fill(-1).set(phraseAt);
    numbers(ranksAt, table.count).set(ranks);
    const longestOf = numbers(longestAt, blocks);
    for (let block = 0; block < blocks; block += 1) {
      this.shortest[block] = shortest[block * filterWords]!;
      longestOf[block] = longest[Math.min((block + 1) * filterWords, wordCount) - 1]!;
    }
    numbers(startsAt, table.count + 1).forEach((_, phrase, starts) => (starts[phrase] = symbolsAt + 4 * table.start[phrase]!));
    numbers(wordStartsAt, table.count + 1).forEach((_, phrase, starts) => (starts[phrase] = wordsAt + 8 * table.tokenStart[phrase]!));
    numbers(symbolsAt, symbolCount).forEach((_, at, symbols) => (symbols[at] = masksAt + 8 * table.symbols[at]!));
    const words = numbers(wordsAt, 2 * tokenCount);
    for (let at = 0; at < tokenCount; at += 1) {
      words[2 * at] = positionsAt + 4 * table.tokens[at]!;
      words[2 * at + 1] = 4 * table.tokenLengths[at]!;
    }
  }

  align(pattern: Pattern, best: Best): void {
    if (pattern.length > mostPlaces) return this.plain.align(pattern, best);
    const { filter } = this;
    filter.set(pattern);
    this.head[head.best] = best.phrase;
    this.head[head.numerator] = best.numerator;
    this.head[head.denominator] = best.denominator;
    this.head[head.length] = pattern.length;
    this.head[head.granted] = filter.granted;
    this.head[head.columnCount] = filter.offsetCount;
    for (let at = 0; at < filter.offsetCount; at += 1) this.added[at] = this.columnsAt + 4 * filter.offsets[at]!;
    this.enter(pattern);
    this.run(firstAtLeast(this.shortest, pattern.length));
    this.leave(pattern);
    best.phrase = this.head[head.best]!;
    best.numerator = this.head[head.numerator]!;
    best.denominator = this.head[head.denominator]!;
  }

  /** Writes where the pattern has which characters and words. */
  private enter({ length, symbols, tokenCount, tokenLengths, tokens }: Pattern): void {
    const { masks, positions, wordMasks } = this;
    for (let at = 0; at < length; at += 1) {
      if (symbols[at] !== unknown) masks[2 * symbols[at]! + (at >> 5)]! |= 1 << (at & 31);
    }
    let from = 0;
    for (let word = 0; word < tokenCount; word += 1) {
      const to = from + tokenLengths[word]! + (word > 0 ? 1 : 0);
      wordMasks[2 * word] = bitsBetween(from, to);
      wordMasks[2 * word + 1] = bitsBetween(from - 32, to - 32);
      if (tokens[word] !== unknown) positions[tokens[word]!] = word + 1;
      from = to;
    }
  }

  private leave({ length, symbols, tokenCount, tokens }: Pattern): void {
    const { masks, positions } = this;
    for (let at = 0; at < length; at += 1) {
      masks[2 * symbols[at]!] = 0;
      masks[2 * symbols[at]! + 1] = 0;
    }
    for (let word = 0; word < tokenCount; word += 1) positions[tokens[word]!] = 0;
  }
}

/** Bits `[from, to)` of a word of 32; what is outside of it is left out. */
function bitsBetween(from: number, to: number): number {
  if (from >= 32 || to <= 0) return 0;
  return (-1 << Math.max(from, 0)) & (-1 >>> Math.max(32 - to, 0));
}

/** Place of the first number that is not below `least`, in ascending order. */
function firstAtLeast(numbers: Int32Array, least: number): number {
  let first = 0;
  let end = numbers.length;
  while (first < end) {
    const middle = (first + end) >> 1;
    if (numbers[middle]! < least) first = middle + 1;
    else end = middle;
  }
  return first;
}

/** The fastest way that this machine knows. */
export function createAlignment(table: PhraseTable, filter: BagFilter, ranks: Int32Array, lexicon: Lexicon): PhraseAlignment {
  const wasm = Buffer.from(phraseAlignmentWasm, 'base64');
  const usable = typeof WebAssembly !== 'undefined' && WebAssembly.validate(wasm) && (filter.longest.at(-1) ?? 0) <= longestPhrase;
  if (!usable) return new PlainAlignment(table, filter, ranks);
  try {
    return new VectorAlignment(new WebAssembly.Module(wasm), table, filter, ranks, lexicon);
  } catch {
    // Its memory reserves gigabytes of addresses, which a limit (ulimit -v) may refuse.
    return new PlainAlignment(table, filter, ranks);
  }
}
