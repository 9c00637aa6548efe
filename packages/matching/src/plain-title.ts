/** Titles of plain words alone: their loose form's hash and signature, without making a string. */

import { andWords, articles, numberWords, romanToDigits } from '@wxyc/text';
import { hashStart, hashText, hashUnit } from './hash-set.js';
import { plainSize } from './title-signature.js';

const space = 0x20;

/** Words that are read in another way than by their letters, or that may be an edition. */
const special = new Set(
  [...numberWords.keys(), 'vol', 'vols', 'volumes', 'pt', 'pts', 'parts', 'no', 'i', 'v', 'x', 'ep', 'lp', 'ost', 'soundtrack', 'remastered'].map(hashText),
);
/** What may begin a title without being part of it. */
const leads = new Set(['original', 'music', 'songs', 'score', 'soundtrack', 'selections'].map(hashText));
/** What stands for the artist's name. */
const selfTitled = new Set(['st', 'selftitled', 'untitled', 'eponymous'].map(hashText));
const dropped = new Set([...andWords].map(hashText));
const leadingArticles = new Set([...articles].map(hashText));

export class PlainTitle {
  /** Hash of the loose form. */
  hash = 0;
  /** As in TitleForm, and first and last letter of the loose form. */
  letters = 0;
  repeated = 0;
  first = 0;
  last = 0;
  /** Letters of the loose form. */
  length = 0;
  /** For signatures. */
  size = 0;

  /** Reads a title in lower-case ASCII, `bytes[0, length)`; false if it has more than words of letters. */
  read(bytes: Uint8Array, length: number): boolean {
    let hash = hashStart;
    let letters = 0;
    let repeated = 0;
    let first = 0;
    let last = 0;
    let count = 0;
    let words = 0;
    for (let p = 0; p < length; ) {
      if (bytes[p] === space) {
        p += 1;
        continue;
      }
      const start = p;
      let word = hashStart;
      for (; p < length && bytes[p] !== space; p += 1) {
        const byte = bytes[p]!;
        if (byte < 0x61 || byte > 0x7a) return false;
        word = hashUnit(word, byte);
      }
      if (special.has(word) || (words === 0 && leads.has(word)) || isRoman(bytes, start, p)) return false;
      if (dropped.has(word)) continue;
      words += 1;
      // A leading article is dropped if there is anything behind it: what begins with one is looked at whole.
      if (words === 1 && leadingArticles.has(word) && this.hasWordBehind(bytes, p, length)) continue;
      for (let at = start; at < p; at += 1) {
        last = bytes[at]!;
        if (count === 0) first = last;
        hash = hashUnit(hash, last);
        repeated |= letters & (1 << last);
        letters |= 1 << last;
        count += 1;
      }
    }
    if (count === 0 || selfTitled.has(hash)) return false;
    this.hash = hash;
    this.letters = letters;
    this.repeated = repeated;
    this.first = first;
    this.last = last;
    this.length = count;
    this.size = plainSize(count + words, false);
    return true;
  }

  private hasWordBehind(bytes: Uint8Array, from: number, end: number): boolean {
    let word = hashStart;
    for (let p = from; p <= end; p += 1) {
      if (p < end && bytes[p] !== space) word = hashUnit(word, bytes[p]!);
      else if (word !== hashStart) {
        if (!dropped.has(word)) return true;
        word = hashStart;
      }
    }
    return false;
  }
}

/** Whether the word in `bytes[start, end)`, lower-case ASCII, is read as a Roman number. */
export function isRoman(bytes: Uint8Array, start: number, end: number): boolean {
  const first = bytes[start]!;
  if (first !== 0x69 && first !== 0x76 && first !== 0x78 && first !== 0x6d) return false;
  return romanToDigits(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')) !== undefined;
}
