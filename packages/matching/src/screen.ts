/**
 * Tells of most releases, by the bytes of their names and titles, that no library album has anything in common with them. It
 * never says so of a release that the classifier would keep or want reviewed: what it cannot read it passes on.
 *
 * A decision costs some microseconds, and a dump has twenty million releases of which one in five gets past this.
 */

import { andWords, articles, numberWords } from '@wxyc/text';
import type { Release } from './decision.js';
import { HashSet, hashStart, hashText, hashUnit } from './hash-set.js';
import { ArtistGroups } from './artist-groups.js';
import type { LibraryIndex } from './library-index.js';
import { NameScreen, wordByte, type KnownNames } from './name-screen.js';
import { PlainText } from './plain-text.js';
import { isRoman, PlainTitle } from './plain-title.js';

const space = 0x20;
const comma = 0x2c;
const apostrophe = 0x27;
const equals = 0x3d;

/** Bytes that only part the words of a title. */
const breaksTitle = new Uint8Array(256);
for (const character of ' ,.:;()[]-/?#&+*') breaksTitle[character.charCodeAt(0)] = 1;

/** What {@link NameScreen.look} says of a name beside whether it is known. */
const sumBits = ~1;

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
  /** Its artists, and the signatures of their titles. */
  readonly index: LibraryIndex;
  /** Names whose releases are decided whatever their titles. Loose forms. */
  readonly mappedLoose: readonly string[];
  /** What a title must score to matter, for an artist's own albums and for joint ones. */
  readonly leastScores: { own: number; joint: number };
  /** Whether it matters what a pruned release came near to: then every release of a known artist is let through. */
  readonly tellsNearest: boolean;
}

export class ReleaseScreen {
  private readonly screen: NameScreen;
  private readonly artists: ArtistGroups;
  private readonly mapped: HashSet;
  /** Beginnings of long titles, and short ones whole. */
  private readonly titles: HashSet;
  private readonly shortTitles: HashSet;
  private readonly wholeTitles: HashSet;
  private readonly title = new PlainTitle();
  private readonly text = new PlainText();
  private names = 0;
  private nameSum = 0;
  private variationSum = 0;
  private found = false;
  /** Loose hash and bag sum of the artists credited whom the library knows. */
  private known: number[] = [];
  private readonly scratch = [new Uint8Array(1024), new Uint8Array(1024)];

  /** @param library Its names, titles and artists. */
  constructor(private readonly library: ScreenedLibrary) {
    this.screen = new NameScreen(library, { isExact: false });
    this.artists = new ArtistGroups(library.index);
    this.mapped = new HashSet(library.mappedLoose.map(hashText));
    const keys = [...library.titleKeys()];
    this.titles = new HashSet(keys.filter((key) => key.length >= titleLetters).map((key) => hashText(key.slice(0, titleLetters))));
    this.shortTitles = new HashSet(keys.filter((key) => key.length < titleLetters).map(hashText));
    this.wholeTitles = new HashSet(keys.map(hashText));
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
    this.known.length = 0;
  }

  /** Looks at a main credit: its name and its printed name, which is empty if there is none. */
  credit(name: TextPlace, variation: TextPlace): void {
    if (this.found || name.start === name.end) return;
    this.names += 1;
    const spelled = this.look(name);
    const printed = variation.start === variation.end ? spelled : this.look(variation);
    this.nameSum = (this.nameSum + (spelled & sumBits)) | 0;
    this.variationSum = (this.variationSum + (printed & sumBits)) | 0;
  }

  private look({ bytes, start, end }: TextPlace): number {
    const { screen } = this;
    const value = screen.look(bytes, start, end);
    if ((value & 1) === 0) return value;
    // Of a plain name the title tells whether an album of that artist may be meant.
    if (!screen.wasPlain || this.library.tellsNearest || this.mapped.has(screen.looseHash)) this.found = true;
    else this.known.push(screen.looseHash, screen.bagSum);
    return value;
  }

  /** Whether the release must be decided for its credits' sake. Call it behind the last one. */
  creditsMayMatch(): boolean {
    if (this.found || this.names < 2) return this.found;
    return this.screen.mayBeJoint(this.nameSum) || (this.variationSum !== this.nameSum && this.screen.mayBeJoint(this.variationSum));
  }

  /** Whether an album of the library may have the title in `bytes[start, end)`, one of the artists credited or anybody's. */
  titleMayMatch(source: Uint8Array, from: number, to: number): boolean {
    if (!this.text.read(source, from, to)) return true;
    const { bytes, length } = this.text;
    if (!this.library.tellsNearest && this.title.read(bytes, length)) return this.plainTitleMayMatch();
    return this.known.length > 0 || this.anyTitleMayMatch(bytes, 0, length);
  }

  private plainTitleMayMatch(): boolean {
    const { title, library, known } = this;
    if (this.wholeTitles.has(title.hash)) return true;
    for (let at = 0; at < known.length; at += 2) {
      if (this.artists.mayHave(known[at]!, known[at + 1]!, title, library.leastScores)) return true;
    }
    return false;
  }

  /** The same for a title that may have editions, numbers or parts. */
  private anyTitleMayMatch(bytes: Uint8Array, from: number, to: number): boolean {
    let start = from;
    let end = to;
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
    for (let p = from; p < end; p += 1) if (wordByte[bytes[p]!] !== 0) return true;
    return false;
  }
}
