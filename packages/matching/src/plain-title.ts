/** Titles of ASCII and single letters of any script, read from their bytes without making a string: hashes and signatures of all their readings. */

import { andWords, articles, letterPlaces, numberWords, romanToDigits } from '@wxyc/text';
import type { ArtistTable } from './artist-table.js';
import { hashStart, hashText, hashUnit } from './hash-set.js';
import type { TitleGlance } from './title-glance.js';
import { seriesWords } from './telling-words.js';
import {
  notePair,
  pairUnits,
  signatureSize,
  type SignatureTable,
  type TitleSigns,
} from './title-signature.js';

const space = 0x20;
const bang = 0x21;
const apostrophe = 0x27;
const comma = 0x2c;
const dash = 0x2d;
const stop = 0x2e;
const zero = 0x30;
const smallA = 0x61;
const smallE = 0x65;
const smallO = 0x6f;
const smallS = 0x73;
const smallU = 0x75;

/** What a unit of a folded title does. */
const letter = 1;
const digit = 2;
/** Separates words. */
const breaks = 3;
/** Separates words, and an edition may follow it. */
const edges = 4;
/** Separates words, and the title has parts that are titles. */
const parts = 5;
// Beyond ASCII there are only letters.
const kinds = new Uint8Array(0x10000).fill(letter, 0x80);
for (let byte = 0x61; byte <= 0x7a; byte += 1) kinds[byte] = letter;
for (let byte = 0x30; byte <= 0x39; byte += 1) kinds[byte] = digit;
for (const character of ' ?#&*-.,!+~') kinds[character.charCodeAt(0)] = breaks;
for (const character of ':;()[]{}') kinds[character.charCodeAt(0)] = edges;
kinds['/'.charCodeAt(0)] = parts;

/** Words, by hash, that are not read by their letters. */
const dropped = 1;
const article = 2;
/** May be an edition at the end of a title. */
const edition = 3;
/** Depends on its neighbours, or on the words before it: the full reader takes the title. */
const unsure = 4;
const wordKinds = new Map<number, number>();
for (const word of ['no', 'i', 'v', 'x', 'soundtrack']) wordKinds.set(hashText(word), unsure);
for (const word of ['ep', 'lp', 'ost', 'remastered']) wordKinds.set(hashText(word), edition);
for (const word of andWords) wordKinds.set(hashText(word), dropped);
for (const word of articles) wordKinds.set(hashText(word), article);
/** Words that are spelled as others. */
const spelledAs = new Map<number, Uint16Array>();
const spell = (word: string, as: string): unknown =>
  spelledAs.set(
    hashText(word),
    Uint16Array.from(as, (character) => character.charCodeAt(0)),
  );
for (const word of ['vol', 'vols', 'volumes']) spell(word, 'volume');
for (const word of ['pt', 'pts', 'parts']) spell(word, 'part');
for (const [word, digits] of numberWords) spell(word, digits);
/** What may begin a title without being part of it. */
const leads = new Set(
  ['original', 'music', 'songs', 'score', 'soundtrack', 'selections'].map(hashText),
);
const series = new Set([...seriesWords].map(hashText));
/** What stands for the artist's name. */
const selfTitled = new Set(['st', 'selftitled', 'untitled', 'eponymous'].map(hashText));

/** Titles with more places where an edition may begin are left to the full reader. */
const mostReadings = 6;
const mostWords = 64;

/** One way to read a title. */
export class PlainReading implements TitleSigns, TitleGlance {
  /** Hash of the loose form. */
  hash = 0;
  /** As in TitleForm. */
  letters = 0;
  repeated = 0;
  /** Letters of the loose form. */
  length = 0;
  /** As in TitleSigns. */
  size = 0;
  numberSum = 0;
  private readonly pairList = new Int32Array(pairUnits);
  private readonly surePairList = new Int32Array(pairUnits);
  private hasPairs = false;

  constructor(
    private readonly title: PlainTitle,
    private readonly at: number,
  ) {}

  mayHoldName(names: ArtistTable, id: number): boolean {
    return (
      names.isWithin(id, this.letters, this.length) &&
      this.title.mayHaveName(this.at, names.looseHash(id))
    );
  }

  mayScore(signatures: SignatureTable, place: number, least: number): boolean {
    return signatures.mayScore(place, this, least);
  }

  mayDifferInNumbers(signatures: SignatureTable, place: number, least: number): boolean {
    return signatures.mayDifferInNumbers(place, this, least);
  }

  /** Forgets what was noted about another title. */
  begin(): void {
    this.hasPairs = false;
  }

  get pairs(): Int32Array {
    this.fillPairs();
    return this.pairList;
  }

  get surePairs(): Int32Array {
    this.fillPairs();
    return this.surePairList;
  }

  private fillPairs(): void {
    if (this.hasPairs) return;
    this.hasPairs = true;
    this.pairList.fill(0);
    this.surePairList.fill(0);
    // They are needed for few titles.
    this.title.notePairs(this.words, this.pairList, this.surePairList);
  }
  /** As TitleForm.letterCounts. */
  readonly letterCounts = new Uint8Array(letterPlaces);
  /** How many of the title's words it has. */
  words = 0;
}

export class PlainTitle {
  private readonly all = Array.from(
    { length: mostReadings },
    (_, at) => new PlainReading(this, at),
  );
  private count = 0;
  // What was read so far.
  private hash = hashStart;
  private letters = 0;
  private repeated = 0;
  private length = 0;
  private words = 0;
  /** How many of its letters belong to numbers. */
  private inNumbers = 0;
  private numberSum = 0;
  private partsAhead = false;
  private hasEdition = false;
  /** There are symbols before the first word: if no words follow, they are the title. */
  private hasSigns = false;
  private hasDropped = false;
  /** For each word, whether it {@link isOrdinary}. */
  private readonly ordinary = new Uint8Array(mostWords);
  private readonly counts = new Uint8Array(letterPlaces);
  /** An article that is dropped if anything follows it. */
  private leading = 0;
  /** The loose form, and where its words begin. */
  private readonly key = new Uint16Array(1024);
  private readonly starts = new Int32Array(mostWords);
  /** Hashes of the names that its first words may be and, for one reading, its last words. */
  private readonly beginnings: number[] = [];
  private readonly ends: number[] = [];
  /** The reading that {@link ends} belong to; -1 before there are {@link beginnings}. */
  private begun = -1;

  /** In how many ways it may be read: as a whole, and without what may be an edition at its end. If that is not an edition, there is one reading too many. */
  get size(): number {
    return this.count;
  }

  /** The ways to read it, the shortest first. */
  reading(at: number): PlainReading {
    return this.all[at]!;
  }

  /** Whether nothing in it may be an edition or a part, so that it has only one reading. */
  get isWhole(): boolean {
    return this.count === 1 && !this.partsAhead && !this.hasEdition;
  }

  /** The same, all of them. */
  get readings(): readonly PlainReading[] {
    return this.all.slice(0, this.count);
  }

  /** Words of the longest reading, which begins with all others. */
  get wordCount(): number {
    return this.words;
  }

  /** The loose form of the longest reading; overwritten by the next title. */
  get loose(): Uint16Array {
    return this.key.subarray(0, this.length);
  }

  /** Whether `units[start, end)` is the loose form of the longest reading. */
  isLoose(units: Uint16Array, start: number, end: number): boolean {
    if (end - start !== this.length) return false;
    for (let at = 0; at < this.length; at += 1)
      if (this.key[at] !== units[start + at]) return false;
    return true;
  }

  /** Hash of a word, spelled as in titles' loose forms. */
  wordHash(word: number): number {
    const end = word + 1 < this.words ? this.starts[word + 1]! : this.length;
    let hash = hashStart;
    for (let at = this.starts[word]!; at < end; at += 1) hash = hashUnit(hash, this.key[at]!);
    return hash;
  }

  /** Reads a title as {@link PlainText} has it, `units[0, length)`, which it may overwrite; false if looking at its words is not enough. */
  read(units: Uint16Array, length: number): boolean {
    this.begin();
    for (let p = 0; p < length;) {
      const kind = kinds[units[p]!]!;
      if (kind === letter || kind === digit || units[p] === apostrophe) {
        const end = this.word(units, p, length);
        if (end < 0) return false;
        p = end;
        continue;
      }
      if (kind === 0) return false;
      if (kind === edges || (units[p] === dash && (p === 0 || units[p - 1] === space))) {
        if (!this.edge()) return false;
        this.partsAhead = true;
      } else if (
        kind === parts ||
        ((units[p] === 0x2b || units[p] === 0x7e) && p > 0 && units[p - 1] === space)
      )
        this.partsAhead = true;
      if (units[p] !== space) this.hasSigns = true;
      p += 1;
    }
    return this.edge() && this.count > 0 && !selfTitled.has(this.all[this.count - 1]!.hash);
  }

  /** Whether a reading may begin or end with an artist's name whose loose form has this hash. */
  mayHaveName(at: number, looseHash: number): boolean {
    if (this.begun < 0) this.readBeginnings();
    if (this.begun !== at + 1) this.readEnds(at);
    return this.beginnings.includes(looseHash) || this.ends.includes(looseHash);
  }

  private readBeginnings(): void {
    this.beginnings.length = 0;
    this.begun = 0;
    for (let word = 1; word < this.words; word += 1) {
      const end = this.starts[word]!;
      this.beginnings.push(looseHash(this.key, 0, end));
      // Timbaland's Shock Value.
      if (this.key[end - 1] === smallS) this.beginnings.push(looseHash(this.key, 0, end - 1));
    }
  }

  private readEnds(at: number): void {
    const { words, length } = this.all[at]!;
    this.ends.length = 0;
    this.begun = at + 1;
    for (let word = 1; word < words; word += 1)
      this.ends.push(looseHash(this.key, this.starts[word]!, length));
  }

  private begin(): void {
    this.count = 0;
    this.hash = hashStart;
    this.letters = 0;
    this.repeated = 0;
    this.length = 0;
    this.begun = -1;
    this.words = 0;
    this.inNumbers = 0;
    this.numberSum = 0;
    this.partsAhead = false;
    this.hasEdition = false;
    this.hasSigns = false;
    this.hasDropped = false;
    this.counts.fill(0);
    this.leading = 0;
  }

  /** Reads the word at a place; returns its end, or -1 for a word that its letters do not settle. */
  private word(units: Uint16Array, from: number, length: number): number {
    let p = from;
    let word = hashStart;
    let digits = 0;
    let count = 0;
    let marked = false;
    for (; p < length; p += 1) {
      const unit = units[p]!;
      if (unit === apostrophe) {
        // 12'' is a format, Goin' is going, and words with more than one apostrophe may be either.
        if (marked) return -1;
        if (
          count >= 4 &&
          units[p - 1] === 0x6e &&
          units[p - 2] === 0x69 &&
          (p + 1 === length || kinds[units[p + 1]!] !== letter)
        )
          return -1;
        marked = true;
        continue;
      }
      const kind = kinds[unit]!;
      if (kind !== letter && kind !== digit) break;
      if (kind === digit) digits += 1;
      word = hashUnit(word, unit);
      // Skips the apostrophe, which does not count: what follows the word has not been looked at.
      units[from + count] = unit;
      count += 1;
    }
    if (count === 0) return p;
    // R.E.M., 1,000, M!x.
    const behind = p + 1 < length ? kinds[units[p + 1]!]! : 0;
    if (
      p < length &&
      (behind === letter || behind === digit) &&
      (units[p] === stop || units[p] === comma || units[p] === bang)
    )
      return -1;
    const isNumber = digits === count;
    // 3rd, 007.
    if (
      digits > 0 &&
      (isNumber ? units[from] === zero && count > 1 : kinds[units[from]!] === digit)
    )
      return -1;
    if (marked && digits > 0) return -1;
    const kind = wordKinds.get(word);
    if (
      kind === unsure ||
      (this.words === 0 && this.leading === 0 && leads.has(word)) ||
      isRoman(units, from, from + count)
    )
      return -1;
    if (kind === dropped) {
      this.hasDropped = true;
      return p;
    }
    if (kind === edition) {
      if (!this.edge()) return -1;
      this.hasEdition = true;
    }
    if (kind === article && this.words === 0 && this.leading === 0) {
      // A single article that nothing follows is the title.
      this.leading = p;
      return p;
    }
    this.leading = -1;
    if (this.words === mostWords) return -1;
    this.starts[this.words++] = this.length;
    const other = spelledAs.get(word);
    if (other) {
      if (other[0]! < smallA) this.number(hashText(String.fromCharCode(...other)), other.length);
      this.ordinary[this.words - 1] = 0;
      this.add(other, 0, other.length);
    } else {
      if (isNumber) this.number(word, count);
      const isOrdinary =
        digits === 0 && !series.has(word) && !isRomanLetters(units, from, from + count);
      this.ordinary[this.words - 1] = Number(isOrdinary);
      this.add(units, from, from + count);
    }
    return p;
  }

  private number(hash: number, length: number): void {
    this.inNumbers += length;
    this.numberSum = (this.numberSum + hash) | 0;
  }

  private add(units: Uint16Array, from: number, to: number): void {
    let { hash, letters, repeated } = this;
    for (let at = from; at < to; at += 1) {
      const unit = units[at]!;
      this.key[this.length++] = unit;
      hash = hashUnit(hash, unit);
      repeated |= letters & (1 << unit);
      letters |= 1 << unit;
      const place = unit & (letterPlaces - 1);
      if (this.counts[place]! < 255) this.counts[place]! += 1;
    }
    this.hash = hash;
    this.letters = letters;
    this.repeated = repeated;
  }

  /** Notes that the title may end here; false if the letters do not settle what ends here, or there are too many such places. */
  private edge(): boolean {
    // Words that do not count are the title if there are no others.
    if (this.words === 0) return this.leading <= 0 && !this.hasDropped && !this.hasSigns;
    const last = this.count > 0 ? this.all[this.count - 1]! : undefined;
    if (last && last.length === this.length && last.hash === this.hash) {
      last.size = this.sizeSoFar();
      return true;
    }
    if (this.count === mostReadings || selfTitled.has(this.hash)) return false;
    const reading = this.all[this.count++]!;
    reading.hash = this.hash;
    reading.letters = this.letters;
    reading.repeated = this.repeated;
    reading.length = this.length;
    reading.words = this.words;
    reading.letterCounts.set(this.counts);
    reading.size = this.sizeSoFar();
    reading.numberSum = this.numberSum;
    reading.begin();
    return true;
  }

  /** Notes the pairs of letters of the first words; see TitleSigns. */
  notePairs(words: number, pairs: Int32Array, surePairs: Int32Array): void {
    const { key, starts, ordinary } = this;
    for (let word = 0; word < words; word += 1) {
      const start = starts[word]!;
      const end = word + 1 < this.words ? starts[word + 1]! : this.length;
      for (let at = Math.max(1, start); at < end; at += 1) {
        notePair(pairs, key[at - 1]!, key[at]!);
        const isSure = ordinary[word] === 1 && (at > start || ordinary[word - 1] === 1);
        if (isSure) notePair(surePairs, key[at - 1]!, key[at]!);
      }
    }
  }

  private sizeSoFar(): number {
    return signatureSize(this.length, this.words, this.inNumbers, this.partsAhead);
  }
}

const romanLetters = new Set([...'ivxmcdl'].map((character) => character.charCodeAt(0)));

function isRomanLetters(units: Uint16Array, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (!romanLetters.has(units[at]!)) return false;
  return true;
}

/** Hash of the loose form of a name with these letters: an e after a, o or u does not count. */
function looseHash(letters: Uint16Array, start: number, end: number): number {
  let hash = hashStart;
  let last = 0;
  for (let at = start; at < end; at += 1) {
    const unit = letters[at]!;
    if (unit === smallE && (last === smallA || last === smallO || last === smallU)) continue;
    hash = hashUnit(hash, unit);
    last = unit;
  }
  return hash;
}

/** Whether the word in `units[start, end)` is read as a Roman numeral. */
function isRoman(units: Uint16Array, start: number, end: number): boolean {
  const first = units[start]!;
  if (first !== 0x69 && first !== 0x76 && first !== 0x78 && first !== 0x6d) return false;
  return romanToDigits(String.fromCharCode(...units.subarray(start, end))) !== undefined;
}
