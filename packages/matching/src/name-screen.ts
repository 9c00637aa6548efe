/**
 * Looks names up by their bytes: whether a list of artists may hold them, and what they add to a joined credit. A name of plain
 * Latin letters and digits needs no string; of others what was found is remembered.
 */

import { articles, bagWord, joinWords, numberWords } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import { HashSet, hashStart, hashText, hashUnit } from './hash-set.js';
import { indexable } from './indexable-name.js';
import { NameCache } from './name-cache.js';
import { PlainText } from './plain-text.js';

const space = 0x20;
const bang = 0x21;
const dash = 0x2d;
const stop = 0x2e;
const openBracket = 0x28;
const closeBracket = 0x29;

/** Of a byte's place in a word: its lower case, or 0 for what is no letter or digit. */
export const wordByte = new Uint8Array(256);
for (let byte = 0x30; byte < 0x7b; byte++) {
  if (byte < 0x3a || byte >= 0x61) wordByte[byte] = byte;
  else if (byte >= 0x41 && byte <= 0x5a) wordByte[byte] = byte + 0x20;
}

const longestName = 200;
/** Names that are not plain, remembered. */
const rememberedNames = 64 * 1024;

/** Kinds of words, by hash. */
const article = 1;
/** A word that may part a joined credit, or begin the name of a compilation: the whole name is looked at. */
const unsure = 2;
const words = new Map<number, number>();
for (const word of joinWords) words.set(hashText(word), unsure);
for (const word of articles) words.set(hashText(word), article);
for (const word of ['various', 'va', 'original', 'soundtrack', 'soundtracks', 'ost', 'compilation', 'compilations']) words.set(hashText(word), unsure);
/** Hash of a number's word to that of its digits. */
const numberHashes = new Map<number, number>([...numberWords].map(([word, digits]) => [hashText(bagWord(word) === digits ? word.replace(/([aou])e+/g, '$1') : word), hashText(digits)]));

/** What a {@link NameScreen} looks for. */
export interface KnownNames {
  loose: Iterable<string>;
  bags: Iterable<string>;
  /** The same, exactly. */
  meets(name: ArtistSpelling): boolean;
}

export class NameScreen {
  private readonly loose: HashSet;
  private readonly bags: HashSet;
  private readonly cache = new NameCache(rememberedNames);
  private readonly decoder = new TextDecoder();
  private readonly text = new PlainText();
  /** Whether the name looked at last is plain; if so its {@link looseHash} and {@link bagSum} are known. */
  wasPlain = false;
  looseHash = 0;
  bagSum = 0;
  /** Last letter that went into the loose form's hash. */
  private lastLoose = 0;

  private readonly isExact: boolean;

  /** @param options Without `isExact` one name in 50,000 that is not known is taken for one that is. */
  constructor(
    private readonly known: KnownNames,
    options: { isExact: boolean },
  ) {
    this.isExact = options.isExact;
    this.loose = new HashSet([...known.loose].map(hashText));
    this.bags = new HashSet([...known.bags].map(bagSumOf));
  }

  /**
   * Looks at the name in `bytes[start, end)`, UTF-8.
   *
   * @returns The sum of its words' hashes; the lowest bit is set if the name is known.
   */
  look(bytes: Uint8Array, start: number, end: number): number {
    this.wasPlain = this.isPlain(bytes, start, end);
    if (this.wasPlain) {
      // Hashes say no for certain, and yes in all likelihood.
      if (!this.loose.has(this.looseHash) && !this.bags.has(this.bagSum)) return this.bagSum;
      if (!this.isExact) return this.bagSum | 1;
    }
    const remembered = this.cache.get(bytes, start, end);
    if (remembered !== undefined) return remembered;
    const name = new ArtistSpelling(indexable(this.decoder.decode(bytes.subarray(start, end))));
    const value = bagSumOf(name.bag) | (this.known.meets(name) ? 1 : 0);
    this.cache.add(bytes, start, end, value);
    return value;
  }

  /** Whether names with these sums, added up, may be known as a joint one. */
  mayBeJoint(sum: number): boolean {
    return sum === 0 || this.bags.has(sum);
  }

  /** Reads a name of Latin letters, digits and spaces, with marks behind or between its words and perhaps a Discogs number; false for any other. */
  private isPlain(source: Uint8Array, from: number, to: number): boolean {
    if (!this.text.read(source, from, to)) return false;
    const { bytes } = this.text;
    let start = 0;
    let end = this.text.length;
    while (start < end && bytes[start] === space) start += 1;
    while (start < end && bytes[end - 1] === space) end -= 1;
    if (bytes[end - 1] === closeBracket) end = withoutNumber(bytes, start, end);
    if (end <= start || end - start > longestName) return false;
    let loose = hashStart;
    let sum = 0;
    let count = 0;
    let telling = 0;
    // Between spaces, and in it words between marks.
    for (let p = start; p < end; p += 1) {
      const first = p;
      let kind: number | undefined;
      let hasMarks = false;
      while (p < end && bytes[p] !== space) {
        let word = hashStart;
        let umlautWord = hashStart;
        let previous = 0;
        for (let byte = wordByte[bytes[p]!]!; p < end && byte !== 0; p += 1, byte = p < end ? wordByte[bytes[p]!]! : 0) {
          word = hashUnit(word, byte);
          if (byte === 0x65 && (previous === 0x61 || previous === 0x6f || previous === 0x75)) continue;
          umlautWord = hashUnit(umlautWord, byte);
          previous = byte;
        }
        if (word === hashStart) return false;
        kind = words.get(word);
        if (kind === unsure) return false;
        if (kind !== article) {
          telling += 1;
          sum = (sum + 2 * (numberHashes.get(umlautWord) ?? umlautWord)) | 0;
        }
        if (p === end || bytes[p] === space) break;
        hasMarks = true;
        const hyphen = bytes[p] === dash;
        if (hyphen) p += 1;
        else while (p < end && (bytes[p] === stop || bytes[p] === bang)) p += 1;
        const goesOn = p < end && bytes[p] !== space;
        // R.E.M. is one word, and P!nk is Pink.
        if (hyphen !== goesOn) return false;
      }
      if (p === first) return false;
      count += 1;
      if (kind === article && count === 1 && !hasMarks) continue;
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
      if (byte === 0 || (byte === 0x65 && (previous === 0x61 || previous === 0x6f || previous === 0x75))) continue;
      hash = hashUnit(hash, byte);
      previous = byte;
    }
    this.lastLoose = previous;
    return hash;
  }

}

/** Sum of the hashes of a bag's words, even: the order of the words does not matter. */
export function bagSumOf(bag: string): number {
  let sum = 0;
  for (const word of bag.split(' ')) if (word !== '') sum = (sum + 2 * hashText(word)) | 0;
  return sum;
}

/** The end of a name without its Discogs number; `start` if nothing would be left. */
function withoutNumber(bytes: Uint8Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && bytes[p]! >= 0x30 && bytes[p]! <= 0x39) p -= 1;
  if (p < start || p === end - 2 || bytes[p] !== openBracket) return end;
  while (p > start && bytes[p - 1] === space) p -= 1;
  return p;
}
