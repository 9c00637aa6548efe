/** What shows at a glance that two artists' names have nothing in common: hashes, letters, and hashes of their words. */

import { letterPlaces } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import { hashText } from './hash-set.js';
import { commonNameWords } from './telling-words.js';

export interface NameSigns {
  /** Hash of the loose form. */
  looseHash: number;
  /** Sum of the hashes of the bag's words, made even. Their order does not matter. */
  bagSum: number;
  /** Which characters the loose form has, by their lowest five bits, a bit for each. */
  letters: number;
  /** How often the loose form has each of those characters, up to 255. */
  letterCounts: Uint8Array;
  /** Units of the loose form. */
  length: number;
  /** {@link wordSign} of each word that can tell the name from another. */
  words: readonly number[];
}

/** The signs of a name that is given as a string. */
export function signsOf(name: ArtistSpelling): NameSigns {
  const { loose } = name;
  let letters = 0;
  for (let at = 0; at < loose.length; at += 1) letters |= 1 << loose.charCodeAt(at);
  return {
    looseHash: hashText(loose),
    bagSum: bagSumOf(name.bag),
    letters,
    letterCounts: letterCountsOf(loose),
    length: loose.length,
    words: name.significantWords.map((word) => wordSign(hashText(word), word.length)),
  };
}

/** How often a text has each of its characters, as in {@link NameSigns}. */
export function letterCountsOf(text: string): Uint8Array {
  const counts = new Uint8Array(letterPlaces);
  for (let at = 0; at < text.length; at += 1) {
    const place = text.charCodeAt(at) & (letterPlaces - 1);
    if (counts[place]! < 255) counts[place]! += 1;
  }
  return counts;
}

const letterWeights = Int32Array.from({ length: letterPlaces }, (_, place) =>
  hashText(`letter ${place}`),
);

/** A sum that is the same for all texts with these letters, in whatever order; the sums of several texts add up. */
export function letterSumOf(letterCounts: Uint8Array): number {
  let sum = 0;
  for (let place = 0; place < letterPlaces; place += 1)
    sum = (sum + Math.imul(letterWeights[place]!, letterCounts[place]!)) | 0;
  return sum;
}

export function bagSumOf(bag: string): number {
  let sum = 0;
  for (const word of bag.split(' ')) if (word !== '') sum = (sum + 2 * hashText(word)) | 0;
  return sum;
}

const common = new Set([...commonNameWords].map(hashText));
const leastSharedWord = 3;

/** A word's hash; the lowest bit is set if sharing just this word makes two names alike. */
export function wordSign(hash: number, length: number): number {
  return (hash & ~1) | Number(length >= leastSharedWord && !common.has(hash));
}

/** Whether names with these words, each a list of {@link wordSign}, may be alike because of the words that they share. */
export function mayShareWords(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let shared = 0;
  for (let x = 0; x < a.length; x += 1) {
    for (let y = 0; y < b.length; y += 1) {
      if (a[x] !== b[y]) continue;
      if ((a[x]! & 1) !== 0 || shared > 0) return true;
      shared += 1;
    }
  }
  return false;
}
