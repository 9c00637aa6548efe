/**
 * Tells of most releases, by the bytes of their names and titles, that no library album has anything in common with them. It
 * never says so of a release that the classifier would keep or want reviewed: what it cannot read it passes on.
 *
 * A decision costs some microseconds, and a dump has twenty million releases of which one in five gets past this.
 */

import { andWords, articles, bagWord, joinWords, numberWords, romanToDigits } from '@wxyc/text';
import { HashSet, hashStart, hashText, hashUnit } from './hash-set.js';
import type { Classifier } from './classifier.js';
import { NameCache } from './name-cache.js';

const space = 0x20;
const openBracket = 0x28;
const closeBracket = 0x29;
const comma = 0x2c;
const apostrophe = 0x27;

/** Of a byte's place in a word: its lower case, or 0 for what is no letter or digit. */
const wordByte = new Uint8Array(256);
for (let byte = 0x30; byte < 0x7b; byte++) {
  if (byte < 0x3a || byte >= 0x61) wordByte[byte] = byte;
  else if (byte >= 0x41 && byte <= 0x5a) wordByte[byte] = byte + 0x20;
}
/** Bytes that only part the words of a title. */
const breaksTitle = new Uint8Array(256);
for (const character of ' ,.:;()[]-/?#&+*') breaksTitle[character.charCodeAt(0)] = 1;

const longestName = 200;
/** Names that are not plain, remembered. */
const rememberedNames = 64 * 1024;
/** So many letters of a title are looked up; more would tell little more. */
const titleLetters = 10;

/** Kinds of words, by hash. */
const dropped = 1;
const article = 2;
const unsure = 3;

/** Words in names: join words may part a joined credit, which the classifier takes apart. */
const nameWords = new Map<number, number>();
for (const word of joinWords) nameWords.set(hashText(word), unsure);
for (const word of articles) nameWords.set(hashText(word), article);
/** First words of what may be a compilation. */
for (const word of ['various', 'va', 'original', 'soundtrack', 'soundtracks', 'ost', 'compilation', 'compilations']) nameWords.set(hashText(word), unsure);
const bagHashes = new Map<number, number>([...numberWords.keys()].map((word) => [hashText(bagWord(word.replace(/([aou])e+/g, '$1'))), hashText(bagWord(word))]));

/** Words in titles that are read in another way than by their letters. */
const titleWords = new Map<number, number>();
for (const word of [...numberWords.keys(), 'vol', 'vols', 'volumes', 'pt', 'pts', 'parts', 'no', 'i', 'v', 'x']) titleWords.set(hashText(word), unsure);
for (const word of andWords) titleWords.set(hashText(word), dropped);
for (const word of articles) titleWords.set(hashText(word), article);
/** A lead-in such as `Music From the Motion Picture` may be dropped. */
const leadWords = new Set(['original', 'music', 'songs', 'score', 'soundtrack', 'selections'].map(hashText));

export class ReleaseScreen {
  private readonly loose: HashSet;
  private readonly bags: HashSet;
  private readonly titles: HashSet;
  private readonly shortTitles: HashSet;
  private readonly cache = new NameCache(rememberedNames);
  private looseHash = 0;
  private bagSum = 0;
  private readonly decoder = new TextDecoder();

  private names = 0;
  private nameSum = 0;
  private variationSum = 0;
  private found = false;

  constructor(private readonly classifier: Classifier) {
    const { index, listedNames } = classifier;
    this.loose = new HashSet([...index.byLoose.keys(), ...listedNames.loose].map(hashText));
    this.bags = new HashSet([...index.byBag.keys(), ...listedNames.bags].map(bagSumOf));
    const keys = [...index.byTitle.keys(), ...(classifier.hasList ? index.compilationByTitle.keys() : [])];
    this.titles = new HashSet(keys.filter((key) => key.length >= titleLetters).map((key) => hashText(key.slice(0, titleLetters))));
    this.shortTitles = new HashSet(keys.filter((key) => key.length < titleLetters).map(hashText));
  }

  /** Begins a release. */
  begin(): void {
    this.names = 0;
    this.nameSum = 0;
    this.variationSum = 0;
    this.found = false;
  }

  /**
   * Looks at a main credit: name in `bytes[start, end)`, printed name in `bytes[variationStart, variationEnd)`, empty if there is
   * none. Bytes are UTF-8 without entities.
   */
  credit(bytes: Uint8Array, start: number, end: number, variationStart: number, variationEnd: number): void {
    if (this.found || start === end) return;
    this.names += 1;
    const name = this.look(bytes, start, end);
    const variation = variationStart === variationEnd ? name : this.look(bytes, variationStart, variationEnd);
    this.nameSum = (this.nameSum + name) | 0;
    this.variationSum = (this.variationSum + variation) | 0;
  }

  /** Whether a credit is known to the library, so that the release must be decided. Call it behind the last one. */
  creditsMayMatch(): boolean {
    if (this.found || this.names < 2) return this.found;
    return this.nameSum === 0 || this.bags.has(this.nameSum) || this.variationSum === 0 || this.bags.has(this.variationSum);
  }

  /** Whether an album of the library may have the title in `bytes[start, end)`. */
  titleMayMatch(bytes: Uint8Array, start: number, end: number): boolean {
    while (start < end && bytes[start] === space) start += 1;
    while (start < end && bytes[end - 1] === space) end -= 1;
    let hash = hashStart;
    let letters = 0;
    let words = 0;
    for (let p = start; p < end; ) {
      let byte = wordByte[bytes[p]!]!;
      if (byte === 0) {
        if (breaksTitle[bytes[p]!] === 0 && bytes[p] !== apostrophe) return true;
        p += 1;
        continue;
      }
      // The whole word first: some are read in another way.
      let wordHash = hashStart;
      let q = p;
      let digits = 0;
      let length = 0;
      for (; q < end; q += 1) {
        byte = wordByte[bytes[q]!]!;
        if (byte === 0) {
          if (bytes[q] !== apostrophe) break;
          // Goin' is going.
          if (length >= 4 && wordByte[bytes[q - 1]!] === 0x6e && wordByte[bytes[q - 2]!] === 0x69 && (q + 1 === end || wordByte[bytes[q + 1]!] === 0)) return true;
          continue;
        }
        length += 1;
        if (byte < 0x3a) digits += 1;
        wordHash = hashUnit(wordHash, byte);
      }
      // 007, 3rd, 1,000; and what may stand behind an apostrophe that is none of ASCII.
      if (digits > 0 && (digits < length || bytes[p] === 0x30 || bytes[q] === comma)) return true;
      if (q < end && breaksTitle[bytes[q]!] === 0) return true;
      const kind = titleWords.get(wordHash);
      if (kind === unsure || (words === 0 && leadWords.has(wordHash)) || isRoman(bytes, p, q)) return true;
      const skips = kind === dropped || (kind === article && words === 0 && this.hasWordBehind(bytes, q, end));
      // An edition behind it may leave the article alone as the title.
      if (skips && this.shortTitles.has(wordHash)) return true;
      if (kind !== dropped) words += 1;
      if (!skips) {
        for (; p < q; p += 1) {
          byte = wordByte[bytes[p]!]!;
          if (byte === 0) continue;
          hash = hashUnit(hash, byte);
          letters += 1;
          if (letters === titleLetters) return this.titles.has(hash);
          if (this.shortTitles.has(hash)) return true;
        }
      }
      p = q;
    }
    return letters === 0;
  }

  private hasWordBehind(bytes: Uint8Array, from: number, end: number): boolean {
    for (let p = from; p < end; p += 1) if (wordByte[bytes[p]!] !== 0 || bytes[p]! >= 0x80) return true;
    return false;
  }

  /** Sum of the hashes of a name's telling words; sets {@link found} if the library may know it. */
  private look(bytes: Uint8Array, start: number, end: number): number {
    if (this.isPlain(bytes, start, end)) {
      if (this.loose.has(this.looseHash) || this.bags.has(this.bagSum)) this.found = true;
      return this.bagSum;
    }
    const known = this.cache.get(bytes, start, end);
    if (known !== undefined) {
      if (known & 1) this.found = true;
      return known & ~1;
    }
    const name = this.decoder.decode(bytes.subarray(start, end));
    const value = bagSumOf(this.classifier.bagOf(name)) | (this.classifier.meets(name) ? 1 : 0);
    this.cache.add(bytes, start, end, value);
    if (value & 1) this.found = true;
    return value & ~1;
  }

  /** Reads a name of plain letters, digits and spaces, perhaps with a Discogs number; false for any other. */
  private isPlain(bytes: Uint8Array, start: number, end: number): boolean {
    while (start < end && bytes[start] === space) start += 1;
    while (start < end && bytes[end - 1] === space) end -= 1;
    if (bytes[end - 1] === closeBracket) end = withoutNumber(bytes, start, end);
    if (end <= start || end - start > longestName) return false;
    let loose = hashStart;
    let sum = 0;
    let words = 0;
    let telling = 0;
    for (let p = start; p < end; p += 1) {
      let word = hashStart;
      let umlautWord = hashStart;
      let previous = 0;
      const first = p;
      for (; p < end && bytes[p] !== space; p += 1) {
        const byte = wordByte[bytes[p]!]!;
        if (byte === 0) return false;
        word = hashUnit(word, byte);
        if (byte === 0x65 && (previous === 0x61 || previous === 0x6f || previous === 0x75)) continue;
        umlautWord = hashUnit(umlautWord, byte);
        previous = byte;
      }
      if (p === first) return false;
      const kind = nameWords.get(word);
      if (kind === unsure) return false;
      words += 1;
      if (kind !== article) {
        telling += 1;
        sum = (sum + 2 * (bagHashes.get(umlautWord) ?? umlautWord)) | 0;
      }
      if (kind === article && words === 1) continue;
      loose = this.looseWord(bytes, first, p, loose);
    }
    // Nothing but articles, or nothing but one word: read by the classifier.
    if (telling === 0) return false;
    this.looseHash = loose;
    this.bagSum = sum;
    return true;
  }

  /** Goes on with a loose form's hash: across words, an e behind a, o or u has no weight. */
  private looseWord(bytes: Uint8Array, start: number, end: number, hash: number): number {
    let previous = start > 0 && hash !== hashStart ? this.lastLoose : 0;
    for (let p = start; p < end; p += 1) {
      const byte = wordByte[bytes[p]!]!;
      if (byte === 0x65 && (previous === 0x61 || previous === 0x6f || previous === 0x75)) continue;
      hash = hashUnit(hash, byte);
      previous = byte;
    }
    this.lastLoose = previous;
    return hash;
  }

  private lastLoose = 0;
}

/** Sum of the hashes of a bag's words, even: the order of the words does not matter. */
export function bagSumOf(bag: string): number {
  let sum = 0;
  for (const word of bag.split(' ')) if (word !== '') sum = (sum + 2 * hashText(word)) | 0;
  return sum;
}

function isRoman(bytes: Uint8Array, start: number, end: number): boolean {
  const first = wordByte[bytes[start]!];
  if (first !== 0x69 && first !== 0x76 && first !== 0x78 && first !== 0x6d) return false;
  return romanToDigits(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1').toLowerCase()) !== undefined;
}

/** The end of a name without its Discogs number; `start` if nothing would be left. */
function withoutNumber(bytes: Uint8Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p -= 1;
  if (p < start || p === end - 2 || bytes[p] !== openBracket) return end;
  while (p > start && bytes[p - 1] === space) p -= 1;
  return p;
}
