/** The library's artists by the hashes of their names: whether one of them may have an album of some title. */

import { HashTable, hashText } from './hash-set.js';
import type { LibraryIndex, NamedArtist } from './library-index.js';
import { bagSumOf } from './name-screen.js';
import type { PlainTitle } from './plain-title.js';

export class ArtistGroups {
  private readonly byLoose: HashTable;
  private readonly byBag: HashTable;
  /** Groups of places among the index's named artists, each behind its length. */
  private readonly groups: Int32Array;
  /** Of the loose name of each named artist its letters, length, and first and last unit; the length is negative for a part of a joint one. */
  private readonly names: Int32Array;

  constructor(private readonly index: LibraryIndex) {
    const groups: number[] = [];
    const group = (named: readonly NamedArtist[]): number => {
      const start = groups.length;
      groups.push(named.length);
      for (const { id } of named) groups.push(id);
      return start;
    };
    const byLoose = hashed(index.byLoose, hashText);
    this.byLoose = new HashTable([...byLoose].map(([hash, named]) => [hash, group(named)] as const));
    this.byBag = new HashTable(
      [...hashed(index.byBag, bagSumOf)].map(([hash, named]) => {
        // Mostly the same artists as by the loose name: then the same group.
        const looseHash = hashText(named[0]!.name.loose);
        const isSame = byLoose.get(looseHash)!.length === named.length && named.every(({ name }) => hashText(name.loose) === looseHash);
        return [hash, isSame ? this.byLoose.get(looseHash) : group(named)] as const;
      }),
    );
    this.groups = Int32Array.from(groups);
    this.names = new Int32Array(4 * index.named.length);
    for (const { id, name, isPart } of index.named) {
      const { loose } = name;
      let letters = 0;
      for (let at = 0; at < loose.length; at += 1) letters |= 1 << loose.charCodeAt(at);
      this.names.set([letters, isPart ? -loose.length : loose.length, loose.charCodeAt(0), loose.charCodeAt(loose.length - 1)], 4 * id);
    }
  }

  /** Whether an artist with a name of these hashes may have an album that scores enough against the title. */
  mayHave(looseHash: number, bagSum: number, title: PlainTitle, leastScores: { own: number; joint: number }): boolean {
    const loose = this.byLoose.get(looseHash);
    const bag = this.byBag.get(bagSum);
    return this.anyMayHave(loose, title, leastScores) || (bag !== loose && this.anyMayHave(bag, title, leastScores));
  }

  private anyMayHave(group: number, title: PlainTitle, { own, joint }: { own: number; joint: number }): boolean {
    if (group < 0) return false;
    const { signatures } = this.index;
    const end = group + this.groups[group]!;
    for (let member = group + 1; member <= end; member += 1) {
      const id = this.groups[member]!;
      if (this.mayStandIn(title, 4 * id)) return true;
      const least = this.names[4 * id + 1]! < 0 ? joint : own;
      const last = signatures.start(id + 1);
      for (let place = signatures.start(id); place < last; place += 1) if (signatures.mayScore(place, title, title.size, least)) return true;
    }
    return false;
  }

  /** Whether a title may have the name at a place before or behind the rest. */
  private mayStandIn({ letters, length, first, last }: PlainTitle, at: number): boolean {
    if ((this.names[at]! & ~letters) !== 0 || Math.abs(this.names[at + 1]!) >= length) return false;
    // A loose name lacks the e of ae, oe and ue.
    return this.names[at + 2] === first || this.names[at + 3] === last || last === smallE;
  }
}

const smallE = 0x65;

/** The artists of each hash: names that share one come together. */
function hashed(lists: ReadonlyMap<string, readonly NamedArtist[]>, hash: (key: string) => number): Map<number, readonly NamedArtist[]> {
  const found = new Map<number, readonly NamedArtist[]>();
  for (const [key, named] of lists) {
    const place = hash(key) | 0;
    const others = found.get(place);
    found.set(place, others ? [...others, ...named] : named);
  }
  return found;
}
