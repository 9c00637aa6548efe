/**
 * Tells of most releases, by the bytes of their names and titles, that no library album has anything in common with them. It
 * never says so of a release that the classifier would keep or want reviewed: what it cannot read it passes on.
 *
 * A decision costs some microseconds, and a dump has twenty million releases of which one in five gets past this.
 */

import { andWords, articles, numberWords, romanToDigits } from '@wxyc/text';
import type { Release } from './decision.js';
import { HashSet, hashStart, hashText, hashUnit } from './hash-set.js';
import { NameScreen, wordByte, type KnownNames } from './name-screen.js';

const space = 0x20;
const comma = 0x2c;
const apostrophe = 0x27;
const equals = 0x3d;

/** Bytes that only part the words of a title. */
const breaksTitle = new Uint8Array(256);
for (const character of ' ,.:;()[]-/?#&+*') breaksTitle[character.charCodeAt(0)] = 1;

/** So many letters of a title are looked up; more would tell little more. */
const titleLetters = 10;

/** Kinds of words, by hash. */
const dropped = 1;
const article = 2;
const unsure = 3;

/** Words in titles that are read in another way than by their letters. */
const titleWords = new Map<number, number>();
for (const word of [...numberWords.keys(), 'vol', 'vols', 'volumes', 'pt', 'pts', 'parts', 'no', 'i', 'v', 'x']) titleWords.set(hashText(word), unsure);
for (const word of andWords) titleWords.set(hashText(word), dropped);
for (const word of articles) titleWords.set(hashText(word), article);
/** A lead-in such as `Music From the Motion Picture` may be dropped. */
const leadWords = new Set(['original', 'music', 'songs', 'score', 'soundtrack', 'selections'].map(hashText));

const encoder = new TextEncoder();

/** A text in `bytes[start, end)`: UTF-8, without entities. */
export interface TextPlace {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** What a {@link ReleaseScreen} looks for. */
export interface ScreenedLibrary extends KnownNames {
  /** Loose titles that make a release worth a look whatever its artist. */
  titleKeys(): Iterable<string>;
}

export class ReleaseScreen {
  private readonly screen: NameScreen;
  private readonly titles: HashSet;
  private readonly shortTitles: HashSet;
  private names = 0;
  private nameSum = 0;
  private variationSum = 0;
  private found = false;
  private readonly scratch = [new Uint8Array(1024), new Uint8Array(1024)];

  /** @param library Its names, and {@link ScreenedLibrary.titleKeys}. */
  constructor(library: ScreenedLibrary) {
    this.screen = new NameScreen(library, { isExact: false });
    const keys = [...library.titleKeys()];
    this.titles = new HashSet(keys.filter((key) => key.length >= titleLetters).map((key) => hashText(key.slice(0, titleLetters))));
    this.shortTitles = new HashSet(keys.filter((key) => key.length < titleLetters).map(hashText));
  }

  /** Whether the library may have the release, told from its texts. */
  mayMatch({ credits, title }: Release): boolean {
    this.begin();
    for (const { name, variation = '' } of credits) this.credit(this.encoded(name, 0), this.encoded(variation, 1));
    if (this.creditsMayMatch()) return true;
    const text = this.encoded(title, 0);
    return this.titleMayMatch(text.bytes, text.start, text.end);
  }

  private encoded(text: string, place: 0 | 1): TextPlace {
    let bytes = this.scratch[place]!;
    // A UTF-16 unit takes three bytes at most.
    if (bytes.length < text.length * 3) this.scratch[place] = bytes = new Uint8Array(text.length * 6);
    return { bytes, start: 0, end: text === '' ? 0 : encoder.encodeInto(text, bytes).written };
  }

  /** Begins a release that is told from bytes. */
  begin(): void {
    this.names = 0;
    this.nameSum = 0;
    this.variationSum = 0;
    this.found = false;
  }

  /** Looks at a main credit: its name and its printed name, which is empty if there is none. */
  credit(name: TextPlace, variation: TextPlace): void {
    if (this.found || name.start === name.end) return;
    this.names += 1;
    const spelled = this.screen.look(name.bytes, name.start, name.end);
    const printed = variation.start === variation.end ? spelled : this.screen.look(variation.bytes, variation.start, variation.end);
    if ((spelled | printed) & 1) this.found = true;
    this.nameSum = (this.nameSum + spelled) | 0;
    this.variationSum = (this.variationSum + printed) | 0;
  }

  /** Whether a credit is known to the library, so that the release must be decided. Call it behind the last one. */
  creditsMayMatch(): boolean {
    if (this.found || this.names < 2) return this.found;
    return this.screen.mayBeJoint(this.nameSum) || (this.variationSum !== this.nameSum && this.screen.mayBeJoint(this.variationSum));
  }

  /** Whether an album of the library may have the title in `bytes[start, end)`. */
  titleMayMatch(bytes: Uint8Array, start: number, end: number): boolean {
    while (start < end && bytes[start] === space) start += 1;
    while (start < end && bytes[end - 1] === space) end -= 1;
    // Each part of `X = Y` is a title.
    for (let p = start; p < end; p += 1) if (bytes[p] === equals) return true;
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
}

function isRoman(bytes: Uint8Array, start: number, end: number): boolean {
  const first = wordByte[bytes[start]!];
  if (first !== 0x69 && first !== 0x76 && first !== 0x78 && first !== 0x6d) return false;
  return romanToDigits(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1').toLowerCase()) !== undefined;
}
