/** Names of plain Latin letters and digits, read from their bytes and without making a string: their signs, and those of the names in a joined one. */

import { andWords, articles, bagWord, joinWords, letterPlaces, numberWords } from '@wxyc/text';
import { hashStart, hashText, hashUnit } from './hash-set.js';
import { wordSign, type NameSigns } from './name-signs.js';
import { PlainText } from './plain-text.js';
import { emptyNameWords } from './telling-words.js';

const space = 0x20;
const bang = 0x21;
const ampersand = 0x26;
const plus = 0x2b;
const comma = 0x2c;
const dash = 0x2d;
const stop = 0x2e;
const openBracket = 0x28;
const closeBracket = 0x29;
const slash = 0x2f;
const apostrophe = 0x27;
const openSquare = 0x5b;
const closeSquare = 0x5d;
const smallE = 0x65;
const smallN = 0x6e;

/** Of a byte's place in a word: its lower case, or 0 for what is no letter or digit. */
export const wordByte = new Uint8Array(256);
for (let byte = 0x30; byte < 0x7b; byte++) {
  if (byte < 0x3a || byte >= 0x61) wordByte[byte] = byte;
  else if (byte >= 0x41 && byte <= 0x5a) wordByte[byte] = byte + 0x20;
}

const longestName = 200;

/** Kinds of words, by hash. */
const article = 1;
/** Parts the names of a joined credit; with a stop behind it it is {@link untelling}. */
const joint = 2;
/** Parts them with a stop behind it too. */
const abbreviatedJoint = 3;
/** No part of a word bag. */
const untelling = 4;
/** May say that the name is a compilation's: the whole name is looked at. */
const unsure = 5;
const kinds = new Map<number, number>();
for (const word of joinWords) kinds.set(hashText(word), untelling);
for (const word of ['and', 'featuring', 'with', 'versus', 'presents', 'meets', 'x']) kinds.set(hashText(word), joint);
for (const word of ['feat', 'ft', 'vs']) kinds.set(hashText(word), abbreviatedJoint);
for (const word of articles) kinds.set(hashText(word), article);
for (const word of ['various', 'va', 'original', 'soundtrack', 'soundtracks', 'ost', 'compilation', 'compilations']) kinds.set(hashText(word), unsure);
const andHashes = new Set([...andWords].map(hashText));
const longestAnd = Math.max(...[...andWords].map(({ length }) => length));
const emptyWords = new Set([...emptyNameWords].map(hashText));
/** Hash of a number's word to that of its digits. */
const numberHashes = new Map<number, number>([...numberWords].map(([word, digits]) => [hashText(bagWord(word) === digits ? withoutUmlautE(word) : word), hashText(digits)]));

/** Of a name, or of one that it joins, what has been read so far. */
class NameInMaking implements NameSigns {
  looseHash = hashStart;
  bagSum = 0;
  letters = 0;
  readonly letterCounts = new Uint8Array(letterPlaces);
  length = 0;
  readonly words: number[] = [];
  /** Words between spaces, and words that tell names apart. */
  count = 0;
  telling = 0;
  private last = 0;

  begin(): void {
    this.looseHash = hashStart;
    this.bagSum = 0;
    this.letters = 0;
    this.letterCounts.fill(0);
    this.length = 0;
    this.last = 0;
    this.words.length = 0;
    this.count = 0;
    this.telling = 0;
  }

  /** Goes on with the loose form: across words, an e behind a, o or u has no weight. */
  addLetters(bytes: Uint8Array, start: number, end: number): void {
    let { looseHash, letters, length, last } = this;
    for (let p = start; p < end; p += 1) {
      const byte = wordByte[bytes[p]!]!;
      if (byte === 0 || (byte === smallE && (last === 0x61 || last === 0x6f || last === 0x75))) continue;
      looseHash = hashUnit(looseHash, byte);
      letters |= 1 << byte;
      this.letterCounts[byte & (letterPlaces - 1)]! += 1;
      length += 1;
      last = byte;
    }
    this.looseHash = looseHash;
    this.letters = letters;
    this.length = length;
    this.last = last;
    this.count += 1;
  }

  addTelling(bagHash: number): void {
    this.bagSum = (this.bagSum + 2 * bagHash) | 0;
    this.telling += 1;
  }
}

export class PlainName {
  /** The name as a whole. */
  readonly whole = new NameInMaking();
  /** A number of Discogs' stands behind it. */
  hasNumber = false;
  private readonly pool: NameInMaking[] = [];
  private count = 0;
  private readonly text = new PlainText();

  /** How many names a joined one is made of; 0 for a single name. */
  get parts(): number {
    return this.count > 1 ? this.count : 0;
  }

  /** One of them. */
  part(at: number): NameSigns {
    return this.pool[at]!;
  }

  /** Reads the name in `bytes[from, to)`, UTF-8; false if it is not plain: then nothing is known of it. */
  read(source: Uint8Array, from: number, to: number): boolean {
    if (!this.text.read(source, from, to)) return false;
    const { bytes } = this.text;
    let start = 0;
    let end = this.text.length;
    while (start < end && bytes[start] === space) start += 1;
    while (start < end && bytes[end - 1] === space) end -= 1;
    const all = end;
    end = withoutBrackets(bytes, start, end);
    this.hasNumber = end < all;
    const withoutMarks = withoutApostrophes(bytes, start, end);
    if (withoutMarks < 0) return false;
    end = withoutMarks;
    if (end <= start || end - start > longestName) return false;
    this.whole.begin();
    this.count = 0;
    const behind = articleBehind(bytes, start, end);
    if (behind > 0) {
      // `Beatles, The`: the article stands in front.
      const length = end - behind - 2;
      const word = hashBytes(bytes, behind + 2, end);
      if (length > 1 && !emptyWords.has(word)) this.whole.words.push(wordSign(word, length));
      this.whole.count = 1;
      end = behind;
    }
    return this.readWords(bytes, start, end);
  }

  private begin(): NameInMaking {
    const part = (this.pool[this.count++] ??= new NameInMaking());
    part.begin();
    return part;
  }

  private readWords(bytes: Uint8Array, start: number, end: number): boolean {
    const { whole } = this;
    let part = this.begin();
    part.count = whole.count;
    for (const word of whole.words) part.words.push(word);
    for (let p = start; p < end; p += 1) {
      const first = p;
      let kind: number | undefined;
      let isJoint = false;
      let marks = 0;
      const mark = bytes[p]!;
      if ((mark === ampersand || mark === plus || mark === dash || mark === slash) && (p + 1 === end || bytes[p + 1] === space)) {
        isJoint = true;
        p += 1;
      }
      while (!isJoint && p < end && bytes[p] !== space) {
        const from = p;
        let word = hashStart;
        let umlautWord = hashStart;
        let previous = 0;
        for (let byte = wordByte[bytes[p]!]!; p < end && byte !== 0; p += 1, byte = p < end ? wordByte[bytes[p]!]! : 0) {
          word = hashUnit(word, byte);
          if (byte === smallE && (previous === 0x61 || previous === 0x6f || previous === 0x75)) continue;
          umlautWord = hashUnit(umlautWord, byte);
          previous = byte;
        }
        const length = p - from;
        if (length === 0) return false;
        kind = kinds.get(word);
        if (kind === unsure) return false;
        if (kind === undefined) {
          const bagHash = numberHashes.get(umlautWord) ?? umlautWord;
          whole.addTelling(bagHash);
          part.addTelling(bagHash);
        }
        if ((kind === undefined || kind === article) && length > 1 && !emptyWords.has(word)) {
          const sign = wordSign(word, length);
          whole.words.push(sign);
          part.words.push(sign);
        }
        // A word between names that is hyphenated to another is something else.
        const stands = kind === undefined || kind === article;
        if (from > first && !stands) return false;
        if (p === end || bytes[p] === space || bytes[p] === comma) break;
        marks += 1;
        const hyphen = bytes[p] === dash;
        const marked = p;
        if (hyphen) p += 1;
        else while (p < end && (bytes[p] === stop || bytes[p] === bang)) p += 1;
        if (!stands && (hyphen || p - marked > 1 || bytes[marked] !== stop)) return false;
        const goesOn = p < end && bytes[p] !== space;
        // R.E.M. is one word, and P!nk is Pink.
        if (hyphen !== goesOn) return false;
        if (!goesOn) break;
      }
      if (p === first) return false;
      const hasComma = p < end && bytes[p] === comma;
      // Names in a list; an article there may belong in front.
      if (hasComma && (p + 1 >= end || bytes[p + 1] !== space || kind !== undefined)) return false;
      if (kind === abbreviatedJoint || (kind === joint && marks === 0)) isJoint = true;
      if (!isJoint && !isAnd(bytes, first, p)) {
        const leads = kind === article && marks === 0;
        addWord(whole, bytes, first, p, leads);
        addWord(part, bytes, first, p, leads);
      }
      if (!isJoint && !hasComma) continue;
      // Joints at an end or side by side, and names of nothing but articles, are for the whole look.
      if (p >= end || part.telling === 0) return false;
      if (kind !== undefined && isJoint && !isAnd(bytes, first, p)) whole.addLetters(bytes, first, p);
      part = this.begin();
      if (hasComma) p += 1;
    }
    return part.telling > 0;
  }
}

/** A leading article is not in the loose form. */
function addWord(name: NameInMaking, bytes: Uint8Array, start: number, end: number, isArticle: boolean): void {
  if (isArticle && name.count === 0) name.count = 1;
  else name.addLetters(bytes, start, end);
}

function isAnd(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start <= longestAnd && andHashes.has(hashBytes(bytes, start, end));
}

function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = hashStart;
  for (let p = start; p < end; p += 1) hash = hashUnit(hash, bytes[p]!);
  return hash;
}

/** Where `, the` begins at the end of a name; -1 if no article stands there. */
function articleBehind(bytes: Uint8Array, start: number, end: number): number {
  let p = end;
  while (p > start && bytes[p - 1] !== space) p -= 1;
  return p - 2 > start && bytes[p - 2] === comma && kinds.get(hashBytes(bytes, p, end)) === article ? p - 2 : -1;
}

/** Moves what is behind apostrophes over them; the new end, or -1 where an n between two of them is an and. */
function withoutApostrophes(bytes: Uint8Array, start: number, end: number): number {
  let to = start;
  for (let p = start; p < end; p += 1) {
    const byte = bytes[p]!;
    if (byte === apostrophe && p + 2 < end && bytes[p + 1] === smallN && bytes[p + 2] === apostrophe) return -1;
    if (byte !== apostrophe) bytes[to++] = byte;
  }
  return to;
}

function withoutUmlautE(word: string): string {
  return word.replace(/([aou])e+/g, '$1');
}

/** The end of a name without the numbers and brackets behind it; what would leave nothing stays. */
function withoutBrackets(bytes: Uint8Array, start: number, end: number): number {
  for (let rest = end; ; ) {
    const shorter = bytes[rest - 1] === closeBracket ? withoutNumber(bytes, start, rest) : bytes[rest - 1] === closeSquare ? withoutBracket(bytes, start, rest) : rest;
    if (shorter === rest || shorter <= start) return rest;
    rest = shorter;
  }
}

/** The end of a name without its Discogs number. */
function withoutNumber(bytes: Uint8Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p -= 1;
  if (p < start || p === end - 2 || bytes[p] !== openBracket) return end;
  while (p > start && bytes[p - 1] === space) p -= 1;
  return p;
}

/** The end of a name without the bracket at its end. */
function withoutBracket(bytes: Uint8Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && bytes[p] !== openSquare && bytes[p] !== closeSquare) p -= 1;
  if (p < start || bytes[p] !== openSquare) return end;
  while (p > start && bytes[p - 1] === space) p -= 1;
  return p;
}
