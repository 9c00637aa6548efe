/** What a person has settled about artists by name, looked up by a release's credits. */

import { mappingKey } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import { unmetKeys, type Mappings } from './mappings.js';

/** What the mappings say about a credit: keep everything (null), keep as this library artist, or prune. */
export interface MappedName {
  keep?: string | null;
  prune?: boolean;
}

export class MappedNames {
  private readonly keep = new Map<string, string | null>();
  private readonly prune = new Set<string>();
  private readonly met = new Set<string>();

  constructor(private readonly mappings: Mappings | undefined) {
    for (const artist of mappings?.prune ?? []) this.prune.add(mappingKey(artist));
    for (const [artist, target] of mappings?.keep ?? []) this.keep.set(mappingKey(artist), target);
  }

  get any(): boolean {
    return this.keep.size + this.prune.size > 0;
  }

  /** Whether a mapping is about this name. */
  has(name: string): boolean {
    if (!this.any) return false;
    const key = mappingKey(name);
    return this.keep.has(key) || this.prune.has(key);
  }

  /** What the mappings say about a credit, by its name or else its variation; the mapping is noted as met. */
  of(name: string, variation: string): MappedName | undefined {
    if (!this.any) return undefined;
    for (const key of variation === ''
      ? [mappingKey(name)]
      : [mappingKey(name), mappingKey(variation)]) {
      const target = this.keep.get(key);
      if (target === undefined && !this.prune.has(key)) continue;
      this.met.add(key);
      return target === undefined ? { prune: true } : { keep: target };
    }
    return undefined;
  }

  /** Library artists that mappings name. */
  get targets(): string[] {
    return [...new Set(this.keep.values())].filter((target): target is string => target !== null);
  }

  /** Loose forms of the names that mappings are about. */
  get loose(): string[] {
    return [...this.keep.keys(), ...this.prune].map((key) => new ArtistSpelling(key).loose);
  }

  /** Keys of mappings that credits have met so far. */
  get metKeys(): ReadonlySet<string> {
    return this.met;
  }

  /** Keys of mappings that no credit has met so far. */
  get unmet(): string[] {
    return unmetKeys(this.mappings, this.met);
  }
}
