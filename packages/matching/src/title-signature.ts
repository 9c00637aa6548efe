/** Of titles, what tells at a glance that they have nothing in common: a release meets thousands of those for one that has. */

import { letterPlaces, type TitleForm } from '@wxyc/text';
import { sharedBytes, sharedInts, twice } from './hash-set.js';
import { alikeAtMost, ones } from './similarity.js';
import { canHoldParts, sureLetters } from './title-score.js';

/** Bits of a size: letters of the loose form, words, letters that are numbers, and what may be in the title. */
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

/** What a glance at a title needs beside its letters: how long it is and what may be in it. */
export function sizeOf(form: TitleForm): number {
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

/** The same of a title of so many letters and words, up to 255 letters, so many of them in numbers. */
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

/** Which letters a title has, and has more than once, and how often, as in TitleForm. */
export type TitleLetters = Pick<TitleForm, 'letters' | 'repeated' | 'letterCounts'>;

/** What a {@link SignatureTable} is made of. */
export interface SignatureTableData {
  /** Where the titles of each owner begin. */
  readonly starts: Int32Array;
  /** Letters, repeated letters and size of each, in turn. */
  readonly values: Int32Array;
  /** Of each how often it has each letter. */
  readonly counts: Uint8Array;
  /** Of each what it is the title of. */
  readonly items: Int32Array;
}

/** Takes titles up. */
export class SignatureTableBuilder {
  private readonly owners: number[] = [];
  private readonly items: number[] = [];
  private readonly values: number[] = [];
  private counts = new Uint8Array(1024 * letterPlaces);

  /** Adds a title of something; those of one owner keep their order. */
  add(
    owner: number,
    item: number,
    { letters, repeated, letterCounts }: TitleLetters,
    size: number,
  ): void {
    const at = this.owners.length * letterPlaces;
    if (at === this.counts.length) this.counts = twice(this.counts);
    this.counts.set(letterCounts, at);
    this.owners.push(owner);
    this.items.push(item);
    this.values.push(letters, repeated, size);
  }

  /** @param owners How many there are. */
  finish(owners: number): SignatureTableData {
    const { length } = this.owners;
    const starts = sharedInts(owners + 1);
    for (const owner of this.owners) starts[owner + 1]! += 1;
    for (let owner = 0; owner < owners; owner += 1) starts[owner + 1]! += starts[owner]!;
    const values = sharedInts(3 * length);
    const counts = sharedBytes(this.counts.subarray(0, letterPlaces * length));
    const items = sharedInts(length);
    const next = starts.slice();
    for (let at = 0; at < length; at += 1) {
      const place = next[this.owners[at]!]!++;
      items[place] = this.items[at]!;
      for (let value = 0; value < 3; value += 1)
        values[3 * place + value] = this.values[3 * at + value]!;
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

  /** Whether the title at a place and one of this size may be different in numbers, and alike by `least` or more but for those. */
  mayDifferInNumbers(
    place: number,
    { letterCounts }: TitleLetters,
    size: number,
    least: number,
  ): boolean {
    const ownSize = this.values[3 * place + 2]!;
    const either = ownSize | size;
    if ((either & hasNumbers) === 0) return false;
    if ((either & isUnsure) !== 0) return true;
    const own = lengthOf(ownSize) - inNumbersOf(ownSize);
    const other = lengthOf(size) - inNumbersOf(size);
    const spaces = Math.max(0, Math.min(wordsOf(ownSize), wordsOf(size)) - 1);
    const common = Math.min(own, other, this.common(place, letterCounts));
    return 2 * (common + spaces) >= least * (own + other + 2 * spaces);
  }

  /** Whether the title at a place may score `least` or more against one of this size; true where a glance does not tell. */
  mayScore(place: number, title: TitleLetters, size: number, least: number): boolean {
    const own = this.values[3 * place]!;
    const ownSize = this.values[3 * place + 2]!;
    const { letters, repeated } = title;
    const either = ownSize | size;
    if (
      (either & isUnsure) !== 0 ||
      ((either & holdsParts) !== 0 && this.mayBePart(place, title, size))
    )
      return true;
    const lengths = lengthOf(ownSize) + lengthOf(size);
    // What one has, or has twice, and the other does not must be dropped or added.
    if (
      ones(own ^ letters) + ones(this.values[3 * place + 1]! ^ repeated) >
      (1 - least) * (lengths + wordsOf(ownSize) + wordsOf(size))
    )
      return false;
    return this.mostAlike(place, ownSize, title.letterCounts, size) >= least;
  }

  /** Whether the letters of the title at a place, or of this one, are all in the other, as often. */
  mayContain(place: number, title: TitleLetters): boolean {
    return (
      this.isWithin(place, title, true, everyLetter) ||
      this.isWithin(place, title, false, everyLetter)
    );
  }

  /** Whether those of the letters `which` that the title at a place has are all in the other (`own`), or the other's in it. */
  private isWithin(
    place: number,
    { letters, letterCounts }: TitleLetters,
    own: boolean,
    which: number,
  ): boolean {
    const mine = this.values[3 * place]!;
    if (((own ? mine & ~letters : letters & ~mine) & which) !== 0) return false;
    const from = letterPlaces * place;
    for (let letter = 0; letter < letterPlaces; letter += 1) {
      if ((which & (1 << letter)) === 0) continue;
      const more = this.counts[from + letter]! - letterCounts[letter]!;
      if (own ? more > 0 : more < 0) return false;
    }
    return true;
  }

  /** Whether the shorter of two titles may be a whole part of the longer: but for numbers, its letters are in it, as often. */
  private mayBePart(place: number, title: TitleLetters, size: number): boolean {
    const ownSize = this.values[3 * place + 2]!;
    const isShorter = lengthOf(ownSize) <= lengthOf(size);
    // Of two of one length either may be the part.
    const isEven = lengthOf(ownSize) === lengthOf(size);
    const long = isEven ? ownSize | size : isShorter ? size : ownSize;
    const short = isEven ? long : isShorter ? ownSize : size;
    if ((long & holdsParts) === 0) return false;
    return this.isWithin(
      place,
      title,
      isShorter,
      (short & hasNumbers) !== 0 ? sureLetters : everyLetter,
    );
  }

  /** What two titles score at most, by how often both have each letter. */
  private mostAlike(place: number, ownSize: number, counts: Uint8Array, size: number): number {
    return alikeAtMost(
      this.common(place, counts),
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
