/** What shows at a glance that two titles have nothing in common: for each title that has, a release meets thousands that have not. */

import { letterPlaces, type TitleForm } from '@wxyc/text';
import { hashText, sharedBytes, sharedInts, twice } from './hash-set.js';
import { alikeAtMost, ones } from './similarity.js';
import { canHoldParts, isOrdinary, sureLetters } from './title-score.js';

/** Bits of a size: how many letters the loose form has, how many words, how many letters in numbers, and what may be in the title. */
const lengthBits = 12;
const mostLetters = (1 << lengthBits) - 1;
const wordBits = 10;
const mostWords = (1 << wordBits) - 1;
const numberShift = lengthBits + wordBits;
const numberBits = 7;
const mostInNumbers = (1 << numberBits) - 1;
const hasNumbers = mostInNumbers << numberShift;
const holdsParts = 1 << (numberShift + numberBits);
const isUnsure = holdsParts << 1;
const everyLetter = -1;
/** Letters are counted up to here. */
const mostCounted = 255;

/** How long a title is and what may be in it. */
function sizeOf(form: TitleForm): number {
  const inNumbers = form.numbers.reduce((sum, number) => sum + number.length, 0);
  const unsure = form.isAstral || form.key.length > mostCounted || form.words.length > mostWords;
  return (
    signatureSize(
      Math.min(form.key.length, mostLetters),
      Math.min(form.words.length, mostWords),
      inNumbers,
      canHoldParts(form),
    ) | (unsure ? isUnsure : 0)
  );
}

/** The size of a title with this many letters (up to 255) and words, this many of the letters in numbers. */
export function signatureSize(
  letters: number,
  words: number,
  inNumbers: number,
  parts: boolean,
): number {
  const unsure = letters > mostCounted || inNumbers > mostInNumbers;
  return (
    letters |
    (words << lengthBits) |
    (Math.min(inNumbers, mostInNumbers) << numberShift) |
    (parts ? holdsParts : 0) |
    (unsure ? isUnsure : 0)
  );
}

/** A title at a glance: its letters, as in TitleForm, how long it is and what may be in it. */
export interface TitleSigns extends Pick<TitleForm, 'letters' | 'repeated' | 'letterCounts'> {
  /** See {@link signatureSize}. */
  readonly size: number;
  /** Sum of the hashes of its numbers. */
  readonly numberSum: number;
  /** Which pairs of letters are side by side in the loose form, by {@link notePair}. */
  readonly pairs: Int32Array;
  /** The pairs within sequences of ordinary words: any title of which this one is a part has them too. */
  readonly surePairs: Int32Array;
}

/** Units of {@link TitleSigns.pairs}. */
export const pairUnits = 4;

/** Notes two letters in sequence. */
export function notePair(pairs: Int32Array, first: number, second: number): void {
  const bit = (Math.imul(first, 31) + second) & (32 * pairUnits - 1);
  pairs[bit >>> 5]! |= 1 << bit;
}

function notePairs(pairs: Int32Array, text: string): void {
  for (let at = 1; at < text.length; at += 1)
    notePair(pairs, text.charCodeAt(at - 1), text.charCodeAt(at));
}

/** The signs of a title whose form is at hand. */
export class FormSigns implements TitleSigns {
  readonly letters: number;
  readonly repeated: number;
  readonly size: number;
  readonly numberSum: number;
  readonly pairs = new Int32Array(pairUnits);
  readonly surePairs = new Int32Array(pairUnits);

  constructor(private readonly form: TitleForm) {
    this.letters = form.letters;
    this.repeated = form.repeated;
    this.size = sizeOf(form);
    this.numberSum = 0;
    for (const number of form.numbers) this.numberSum = (this.numberSum + hashText(number)) | 0;
    notePairs(this.pairs, form.key);
    let run = '';
    for (const word of form.words) {
      if (isOrdinary(word)) run += word;
      else {
        notePairs(this.surePairs, run);
        run = '';
      }
    }
    notePairs(this.surePairs, run);
  }

  get letterCounts(): Uint8Array {
    return this.form.letterCounts;
  }
}

/** How many numbers are kept for each title. */
const fields = 4 + 2 * pairUnits;

/** What a {@link SignatureTable} is made of. */
export interface SignatureTableData {
  /** Where the titles of each owner begin. */
  readonly starts: Int32Array;
  /** Letters, repeated letters, size, sum of numbers, pairs and sure pairs of each, in turn. */
  readonly values: Int32Array;
  /** For each title, how often it has each letter. */
  readonly counts: Uint8Array;
  /** For each title, what it is the title of. */
  readonly items: Int32Array;
}

/** Collects titles. */
export class SignatureTableBuilder {
  private readonly owners: number[] = [];
  private readonly items: number[] = [];
  private readonly values: number[] = [];
  private counts = new Uint8Array(1024 * letterPlaces);

  /** Adds a title of an item; an owner's titles keep their order. */
  add(owner: number, item: number, signs: TitleSigns): void {
    const { letters, repeated, letterCounts, size, numberSum, pairs, surePairs } = signs;
    const at = this.owners.length * letterPlaces;
    if (at === this.counts.length) this.counts = twice(this.counts);
    this.counts.set(letterCounts, at);
    this.owners.push(owner);
    this.items.push(item);
    this.values.push(letters, repeated, size, numberSum, ...pairs, ...surePairs);
  }

  /** @param owners How many owners there are. */
  finish(owners: number): SignatureTableData {
    const { length } = this.owners;
    const starts = sharedInts(owners + 1);
    for (const owner of this.owners) starts[owner + 1]! += 1;
    for (let owner = 0; owner < owners; owner += 1) starts[owner + 1]! += starts[owner]!;
    const values = sharedInts(fields * length);
    const counts = sharedBytes(this.counts.subarray(0, letterPlaces * length));
    const items = sharedInts(length);
    const next = starts.slice();
    for (let at = 0; at < length; at += 1) {
      const place = next[this.owners[at]!]!++;
      items[place] = this.items[at]!;
      for (let field = 0; field < fields; field += 1)
        values[fields * place + field] = this.values[fields * at + field]!;
      for (let letter = 0; letter < letterPlaces; letter += 1)
        counts[letterPlaces * place + letter] = this.counts[letterPlaces * at + letter]!;
    }
    return { starts, values, counts, items };
  }
}

/** Signatures of titles by their owner. */
export class SignatureTable {
  private readonly starts: Int32Array;
  private readonly values: Int32Array;
  private readonly counts: Uint8Array;
  private readonly items: Int32Array;

  constructor({ starts, values, counts, items }: SignatureTableData) {
    this.items = items;
    this.starts = starts;
    this.values = values;
    this.counts = counts;
  }

  /** Place of an owner's first title; those of the next owner follow its last. */
  start(owner: number): number {
    return this.starts[owner]!;
  }

  /** What the title at a place belongs to. */
  item(place: number): number {
    return this.items[place]!;
  }

  /** Whether the title at a place and one with these signs may differ in their numbers, and be alike by `least` or more otherwise. */
  mayDifferInNumbers(
    place: number,
    { letterCounts, size, numberSum }: TitleSigns,
    least: number,
  ): boolean {
    const ownSize = this.values[fields * place + 2]!;
    const either = ownSize | size;
    if (this.values[fields * place + 3] === numberSum) return false;
    if ((either & isUnsure) !== 0) return true;
    const own = lengthOf(ownSize) - inNumbersOf(ownSize);
    const other = lengthOf(size) - inNumbersOf(size);
    const spaces = Math.max(0, Math.min(wordsOf(ownSize), wordsOf(size)) - 1);
    const common = Math.min(own, other, this.common(place, letterCounts));
    return 2 * (common + spaces) >= least * (own + other + 2 * spaces);
  }

  /** Whether the title at a place may score `least` or more against one with these signs; true if a glance cannot rule it out. */
  mayScore(place: number, title: TitleSigns, least: number): boolean {
    const own = this.values[fields * place]!;
    const ownSize = this.values[fields * place + 2]!;
    const { letters, repeated, size } = title;
    const either = ownSize | size;
    if ((either & isUnsure) !== 0 || ((either & holdsParts) !== 0 && this.mayBePart(place, title)))
      return true;
    const lengths = lengthOf(ownSize) + lengthOf(size);
    // Volume 1 is not Volume 7; but 1 2 is 12.
    if (this.values[fields * place + 3] !== title.numberSum)
      return least <= 0 || (own === letters && lengths === 2 * lengthOf(size));
    // A letter that only one has, or has twice, must be dropped or added.
    if (
      ones(own ^ letters) + ones(this.values[fields * place + 1]! ^ repeated) >
      (1 - least) * (lengths + wordsOf(ownSize) + wordsOf(size))
    )
      return false;
    return this.mostAlike(place, ownSize, title) >= least;
  }

  /** Whether the shorter of two titles, the one at a place and one with these signs, may begin the other; it must have at least this many letters and words. */
  mayBegin(place: number, title: TitleSigns, letters: number, words: number): boolean {
    const ownSize = this.values[fields * place + 2]!;
    const { size } = title;
    if (((ownSize | size) & isUnsure) !== 0) return true;
    const isShorter = wordsOf(ownSize) < wordsOf(size);
    const short = isShorter ? ownSize : size;
    if (lengthOf(short) < letters || wordsOf(short) < words) return false;
    return (
      wordsOf(ownSize) !== wordsOf(size) &&
      this.pairsWithin(place, title, isShorter) &&
      this.isWithin(place, title, isShorter, everyLetter)
    );
  }

  /** Whether those of the letters `which` that the title at a place has are all in the other (`own`), or the other's in it. */
  private isWithin(
    place: number,
    { letters, letterCounts }: TitleSigns,
    own: boolean,
    which: number,
  ): boolean {
    const mine = this.values[fields * place]!;
    if (((own ? mine & ~letters : letters & ~mine) & which) !== 0) return false;
    const from = letterPlaces * place;
    for (let letter = 0; letter < letterPlaces; letter += 1) {
      if ((which & (1 << letter)) === 0) continue;
      const more = this.counts[from + letter]! - letterCounts[letter]!;
      if (own ? more > 0 : more < 0) return false;
    }
    return true;
  }

  /** Whether the shorter of two titles may be a complete part of the longer: apart from numbers, its letters are all in it, as often. */
  private mayBePart(place: number, title: TitleSigns): boolean {
    const { size } = title;
    const ownSize = this.values[fields * place + 2]!;
    const isShorter = lengthOf(ownSize) <= lengthOf(size);
    // If both are equally long, either may be the part.
    const isEven = lengthOf(ownSize) === lengthOf(size);
    const long = isEven ? ownSize | size : isShorter ? size : ownSize;
    const short = isEven ? long : isShorter ? ownSize : size;
    if ((long & holdsParts) === 0) return false;
    // What is read as a number may be written differently in the whole.
    const letters = (short & hasNumbers) !== 0 ? sureLetters : everyLetter;
    return (
      this.isWithin(place, title, isShorter, letters) &&
      (isEven || this.pairsWithin(place, title, isShorter))
    );
  }

  /** Whether the pairs of letters that the title at a place cannot do without are all in the other (`own`), or the other's in it. */
  private pairsWithin(place: number, { pairs, surePairs }: TitleSigns, own: boolean): boolean {
    const from = fields * place + 4;
    for (let unit = 0; unit < pairUnits; unit += 1) {
      const beside = own
        ? this.values[from + pairUnits + unit]! & ~pairs[unit]!
        : surePairs[unit]! & ~this.values[from + unit]!;
      if (beside !== 0) return false;
    }
    return true;
  }

  /** What two titles score at most, by how often both have each letter. */
  private mostAlike(place: number, ownSize: number, { letterCounts, size }: TitleSigns): number {
    return alikeAtMost(
      this.common(place, letterCounts),
      lengthOf(ownSize),
      wordsOf(ownSize),
      lengthOf(size),
      wordsOf(size),
    );
  }

  /** How many letters the title at a place has in common with one that has these. */
  private common(place: number, counts: Uint8Array): number {
    const from = letterPlaces * place;
    let common = 0;
    for (let letter = 0; letter < letterPlaces; letter += 1) {
      const own = this.counts[from + letter]!;
      const other = counts[letter]!;
      common += own < other ? own : other;
    }
    return common;
  }
}

const lengthOf = (size: number): number => size & mostLetters;
const wordsOf = (size: number): number => (size >>> lengthBits) & mostWords;
const inNumbersOf = (size: number): number => (size >>> numberShift) & mostInNumbers;
