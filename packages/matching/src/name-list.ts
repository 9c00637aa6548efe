/** A list of artists' names, and whether a name is on it. */

import { isCompilationArtist } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';

export class NameList {
  private readonly loose = new Set<string>();
  private readonly bags = new Set<string>();

  /** @param names Compilation names among them are left out: they would let through every compilation there is. */
  constructor(names: Iterable<string>) {
    for (const raw of names) {
      if (isCompilationArtist(raw)) continue;
      const name = new ArtistSpelling(raw);
      if (name.normal === '') continue;
      this.loose.add(name.loose);
      if (name.bag !== '') this.bags.add(name.bag);
    }
  }

  /** Distinct names in loose form. */
  get size(): number {
    return this.loose.size;
  }

  has(name: ArtistSpelling): boolean {
    return this.loose.has(name.loose) || this.bags.has(name.bag);
  }

  /** Loose forms and word bags. */
  get forms(): { loose: ReadonlySet<string>; bags: ReadonlySet<string> } {
    return { loose: this.loose, bags: this.bags };
  }
}
