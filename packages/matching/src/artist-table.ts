/** The names of the library's artists by their hashes and letters, as flat arrays: what a glance needs, and where the names are found. */

import { letterPlaces } from '@wxyc/text';
import { HashLists } from './hash-set.js';
import { mayShareWords, type NameSigns } from './name-signs.js';
import { ones } from './similarity.js';

/** Letters, length (negative for a part of a joint name), hash of the loose form, and where the words end. */
const fields = 4;

/** Letters of a name, or of several together, as in {@link NameSigns}. */
export type NameLetters = Pick<NameSigns, 'letters' | 'letterCounts' | 'length'>;

export class ArtistTable {
  /** Names by the hash of their loose form, and by the sum of their bag. */
  byLoose = new HashLists([]);
  byBag = new HashLists([]);
  private readonly bagEntries: number[] = [];
  private names = new Int32Array(fields * 1024);
  /** Of each name how often its loose form has each letter. */
  private counts = new Uint8Array(letterPlaces * 1024);
  private readonly wordList: number[] = [];
  private words = new Int32Array(0);
  /** How many names there are. */
  size = 0;

  /** Adds a name; its id is how many there were before. */
  add({ looseHash, bagSum, letters, letterCounts, length, words }: NameSigns, isPart: boolean): void {
    const id = this.size++;
    if (bagSum !== 0) this.bagEntries.push(bagSum, id);
    for (const word of words) this.wordList.push(word);
    this.names = grown(this.names, fields * this.size);
    this.counts = grown(this.counts, letterPlaces * this.size);
    this.counts.set(letterCounts, letterPlaces * id);
    const at = fields * id;
    this.names[at] = letters;
    this.names[at + 1] = isPart ? -length : length;
    this.names[at + 2] = looseHash;
    this.names[at + 3] = this.wordList.length;
  }

  /** Call it when all are added: from then on they can be looked up. */
  finish(): void {
    this.byLoose = new HashLists(this.looseHashes.flatMap((hash, id) => [hash, id]));
    this.byBag = new HashLists(this.bagEntries);
    this.names = this.names.slice(0, fields * this.size);
    this.counts = this.counts.slice(0, letterPlaces * this.size);
    this.words = Int32Array.from(this.wordList);
    this.wordList.length = 0;
  }

  /** Hashes of all loose forms. */
  get looseHashes(): number[] {
    return Array.from({ length: this.size }, (_, id) => this.looseHash(id));
  }

  /** Sums of all bags. */
  get bagSums(): number[] {
    return this.bagEntries.filter((_, at) => at % 2 === 0);
  }

  /** Whether the name is one artist's of a joint album. */
  isPart(id: number): boolean {
    return this.names[fields * id + 1]! < 0;
  }

  /** Hash of a name's loose form. */
  looseHash(id: number): number {
    return this.names[fields * id + 2]!;
  }

  /**
   * Whether a name may be as similar as `least` to another that has these letters and perhaps so many more. What only one of them
   * has must be dropped or added.
   */
  mayBeSimilar(id: number, { letters, letterCounts, length }: NameLetters, more: number, least: number): boolean {
    const own = this.names[fields * id]!;
    const ownLength = Math.abs(this.names[fields * id + 1]!);
    // Long names may have more of a letter than is counted.
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

  /** Whether a name and these words, as of {@link NameSigns}, may be alike for the words that they share. */
  mayShareWords(id: number, words: readonly number[]): boolean {
    const from = id > 0 ? this.names[fields * id - 1]! : 0;
    return mayShareWords(words, this.words.subarray(from, this.names[fields * id + 3]));
  }
}

/** The array, or a copy of it with twice the room where it is too short. */
function grown<A extends Int32Array | Uint8Array>(array: A, length: number): A {
  if (length <= array.length) return array;
  const longer = new (array.constructor as new (length: number) => A)(2 * array.length);
  longer.set(array);
  return longer;
}
