/** The names of the library's artists by their hashes and letters, as flat arrays: enough to rule a name out at a glance, and to find it. */

import { letterPlaces } from '@wxyc/text';
import { HashLists, sharedBytes, sharedInts, twice, type HashListsData } from './hash-set.js';
import { letterSumOf, mayShareWords, type NameSigns } from './name-signs.js';
import { ones } from './similarity.js';

/** Letters, length (negative for a part of a joint name), hash of the loose form, and where the words end. */
const fields = 4;

/** Letters of a name, or of several together, as in {@link NameSigns}. */
export type NameLetters = Pick<NameSigns, 'letters' | 'letterCounts' | 'length'>;

/** What an {@link ArtistTable} is made of. */
export interface ArtistTableData {
  readonly byLoose: HashListsData;
  readonly byBag: HashListsData;
  /** {@link fields} of each name. */
  readonly names: Int32Array;
  /** For each name, how often its loose form has each letter. */
  readonly counts: Uint8Array;
  /** Words of all names, as in {@link NameSigns}. */
  readonly words: Int32Array;
  /** Sums of all bags. */
  readonly bagSums: Int32Array;
}

/** Collects the names. */
export class ArtistTableBuilder {
  private readonly bagEntries: number[] = [];
  private readonly names: number[] = [];
  private readonly words: number[] = [];
  private counts = new Uint8Array(letterPlaces * 1024);
  /** How many names there are. */
  size = 0;

  /** Adds a name; its id is the number of names before it. */
  add(
    { looseHash, bagSum, letters, letterCounts, length, words }: NameSigns,
    isPart: boolean,
  ): void {
    const at = letterPlaces * this.size;
    if (bagSum !== 0) this.bagEntries.push(bagSum, this.size);
    for (const word of words) this.words.push(word);
    this.names.push(letters, isPart ? -length : length, looseHash, this.words.length);
    if (at === this.counts.length) this.counts = twice(this.counts);
    this.counts.set(letterCounts, at);
    this.size += 1;
  }

  /** Hash of a name's loose form. */
  looseHash(id: number): number {
    return this.names[fields * id + 2]!;
  }

  finish(): ArtistTableData {
    const looseEntries: number[] = [];
    for (let id = 0; id < this.size; id += 1) looseEntries.push(this.looseHash(id), id);
    return {
      byLoose: HashLists.of(looseEntries).data,
      byBag: HashLists.of(this.bagEntries).data,
      names: sharedInts(this.names),
      counts: sharedBytes(this.counts.subarray(0, letterPlaces * this.size)),
      words: sharedInts(this.words),
      bagSums: sharedInts(this.bagEntries.filter((_, at) => at % 2 === 0)),
    };
  }
}

export class ArtistTable {
  /** Ids of names by the hash of their loose form, and by the sum of their bag. */
  readonly byLoose: HashLists;
  readonly byBag: HashLists;
  /** Sums of all bags. */
  readonly bagSums: Int32Array;
  /** How many names there are. */
  readonly size: number;
  private readonly names: Int32Array;
  private readonly counts: Uint8Array;
  private readonly words: Int32Array;

  constructor({ byLoose, byBag, names, counts, words, bagSums }: ArtistTableData) {
    this.byLoose = new HashLists(byLoose);
    this.byBag = new HashLists(byBag);
    this.names = names;
    this.counts = counts;
    this.words = words;
    this.bagSums = bagSums;
    this.size = names.length / fields;
  }

  /** Hashes of all loose forms. */
  get looseHashes(): number[] {
    return Array.from({ length: this.size }, (_, id) => this.looseHash(id));
  }

  /** Whether the name is that of one artist of a joint album. */
  isPart(id: number): boolean {
    return this.names[fields * id + 1]! < 0;
  }

  /** Hash of a name's loose form. */
  looseHash(id: number): number {
    return this.names[fields * id + 2]!;
  }

  /** Units of a name's loose form. */
  lengthOf(id: number): number {
    return Math.abs(this.names[fields * id + 1]!);
  }

  /** Ids of names by {@link letterSumOf} of their loose forms. Built anew for each call. */
  byLetters(): HashLists {
    const entries: number[] = [];
    for (let id = 0; id < this.size; id += 1)
      entries.push(
        letterSumOf(this.counts.subarray(letterPlaces * id, letterPlaces * (id + 1))),
        id,
      );
    return HashLists.of(entries);
  }

  /** Whether a name's loose form has exactly these letters, each as often. */
  hasLetters(id: number, { letterCounts, length }: NameLetters): boolean {
    if (this.lengthOf(id) !== length) return false;
    for (let place = 0; place < letterPlaces; place += 1)
      if (this.counts[letterPlaces * id + place] !== letterCounts[place]) return false;
    return true;
  }

  /** Whether the letters of a name's loose form are all among these letters of a longer text. */
  isWithin(id: number, letters: number, length: number): boolean {
    return (this.names[fields * id]! & ~letters) === 0 && this.lengthOf(id) < length;
  }

  /**
   * Whether a name may be as similar as `least` to another that has these letters and perhaps `more` others. Letters that only one
   * of them has must be dropped or added.
   */
  mayBeSimilar(
    id: number,
    { letters, letterCounts, length }: NameLetters,
    more: number,
    least: number,
  ): boolean {
    const own = this.names[fields * id]!;
    const ownLength = this.lengthOf(id);
    // In a long name, a letter may occur more often than is counted.
    if (ownLength > 255) return true;
    const shortest = ownLength + length;
    const most = Math.min(ownLength, length + more);
    if (2 * most < least * (ownLength + most)) return false;
    if (more === 0 && ones(own ^ letters) > (1 - least) * shortest) return false;
    let common = more;
    for (let place = 0; place < letterPlaces; place += 1) {
      const count = this.counts[letterPlaces * id + place]!;
      const other = letterCounts[place]!;
      common += count < other ? count : other;
    }
    return 2 * common >= least * shortest;
  }

  /** Whether a name and these words (as in {@link NameSigns}) may be alike because of the words that they share. */
  mayShareWords(id: number, words: readonly number[]): boolean {
    const from = id > 0 ? this.names[fields * id - 1]! : 0;
    return mayShareWords(words, this.words.subarray(from, this.names[fields * id + 3]));
  }
}
