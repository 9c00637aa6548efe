/**
 * Looks names up by their bytes: whether a list of artists may hold them, and what they add to a joined credit. A name of
 * letters and digits, in any script, needs no string; for other names, what was found is remembered.
 */

import { ArtistSpelling } from './artist-spelling.js';
import { HashSet } from './hash-set.js';
import { indexable } from './indexable-name.js';
import { NameCache } from './name-cache.js';
import { bagSumOf, type NameSigns } from './name-signs.js';
import { PlainName } from './plain-name.js';

/** Names that are not plain, remembered. */
const rememberedNames = 64 * 1024;

/** What a {@link NameScreen} looks for. */
export interface KnownNames {
  /** Hashes of loose forms. */
  looseHashes: readonly number[];
  /** Sums of word bags. */
  bagSums: readonly number[];
  /** Whether a name is known, answered exactly. */
  meets(name: ArtistSpelling): boolean;
}

export class NameScreen {
  private readonly loose: HashSet;
  private readonly bags: HashSet;
  private readonly cache = new NameCache(rememberedNames);
  private readonly decoder = new TextDecoder();
  private readonly isExact: boolean;
  /** The name that was looked at last, if it {@link wasPlain}. */
  readonly name = new PlainName();
  wasPlain = false;

  /** @param options Without `isExact`, one unknown name in 50,000 is taken for a known one. */
  constructor(
    private readonly known: KnownNames,
    options: { isExact: boolean },
  ) {
    this.isExact = options.isExact;
    this.loose = new HashSet(known.looseHashes);
    this.bags = new HashSet(known.bagSums);
  }

  /**
   * Looks at the name in `bytes[start, end)`, UTF-8.
   *
   * @returns The sum of its words' hashes; the lowest bit is set if the name, or one of those that it joins, is known.
   */
  look(bytes: Uint8Array, start: number, end: number): number {
    const { name } = this;
    this.wasPlain = name.read(bytes, start, end);
    if (this.wasPlain) {
      // A hash's no is certain, its yes only very likely.
      const { bagSum } = name.whole;
      let mayBeKnown = this.has(name.whole);
      for (let at = 0; at < name.parts && !mayBeKnown; at += 1)
        mayBeKnown = this.has(name.part(at));
      if (!mayBeKnown) return bagSum;
      if (!this.isExact) return bagSum | 1;
    }
    const remembered = this.cache.get(bytes, start, end);
    if (remembered !== undefined) return remembered;
    const spelling = new ArtistSpelling(indexable(this.decoder.decode(bytes.subarray(start, end))));
    const value = bagSumOf(spelling.bag) | (this.known.meets(spelling) ? 1 : 0);
    this.cache.add(bytes, start, end, value);
    return value;
  }

  /** Whether names with these sums, added up, may be known as a joint one. */
  mayBeJoint(sum: number): boolean {
    return sum === 0 || this.bags.has(sum);
  }

  private has({ looseHash, bagSum }: NameSigns): boolean {
    return this.loose.has(looseHash) || this.bags.has(bagSum);
  }
}
