/** Every spelling of a release's artist: names, variations, all of them joined, the names of a joined credit, aliases. */

import { compareCodePoints, isCompilationArtist } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import type { Credit } from './decision.js';
import { indexable } from './indexable-name.js';
import type { MappedNames } from './mapped-names.js';
import type { NameSigns } from './name-signs.js';
import { RecentMap } from './recent-map.js';

/** A spelling of a release's artist, and how far it may be trusted. */
export interface Spelling {
  name: ArtistSpelling;
  /** Counts only with an equal title: an alias, or one name of a joined credit. */
  onlyEqualTitle: boolean;
  isAlias: boolean;
  /** A mapping says to prune what is not plainly owned. */
  pruned: boolean;
  /** A mapping says which library artist this is. */
  mappedTo: ArtistSpelling | undefined;
  /** Ids of the library's names that it may be, once they have been looked up. */
  ids?: readonly number[];
  /** Its signs, once they have been needed. */
  signs?: NameSigns;
}

/** What a release's credits say. */
export interface SpelledCredits {
  list: readonly Spelling[];
  isCompilation: boolean;
  prunesCompilation: boolean;
  /** A name that a mapping keeps whatever the title. */
  kept: ArtistSpelling | undefined;
}

/** Neighbouring releases in a dump are often by the same artist. Names kept for longer would become garbage that is collected late. */
const rememberedNames = 500;
const unmapped: Partial<Spelling> = {};

export class SpellingReader {
  /** Names that were met lately, with their forms. */
  private readonly known = new RecentMap<string, Spelling>(rememberedNames);

  constructor(
    private readonly mapped: MappedNames,
    private readonly aliases: ReadonlyMap<number, readonly string[]> | undefined,
  ) {}

  read(credits: readonly Credit[]): SpelledCredits {
    return this.readPlain(credits) ?? this.readAll(credits);
  }

  /** A name without mapping or alias, with its forms. */
  private spelled(raw: string): Spelling {
    let spelling = this.known.get(raw);
    if (!spelling) {
      spelling = {
        name: new ArtistSpelling(raw),
        onlyEqualTitle: false,
        isAlias: false,
        pruned: false,
        mappedTo: undefined,
      };
      this.known.set(raw, spelling);
    }
    return spelling;
  }

  /** The usual case: a single name, not a joined one, that has no mapping and no alias. */
  private readPlain(credits: readonly Credit[]): SpelledCredits | undefined {
    const [credit] = credits;
    if (
      credits.length !== 1 ||
      !credit ||
      credit.variation ||
      this.mapped.any ||
      this.hasAliases(credit)
    )
      return undefined;
    const raw = indexable(credit.name);
    const spelling = this.spelled(raw);
    if (spelling.name.normal === '' || spelling.name.parts.length > 0) return undefined;
    const isCompilation = isCompilationArtist(raw);
    return {
      list: isCompilation ? [] : [spelling],
      isCompilation,
      prunesCompilation: false,
      kept: undefined,
    };
  }

  private hasAliases({ artistId }: Credit): boolean {
    return artistId !== undefined && this.aliases?.has(artistId) === true;
  }

  private readAll(credits: readonly Credit[]): SpelledCredits {
    const spellings = new Map<string, Spelling>();
    let isCompilation = false;
    let prunesCompilation = false;
    let isPruned = false;
    let kept: ArtistSpelling | undefined;
    const add = (raw: string, further: Partial<Spelling> = unmapped): void => {
      const plain = this.spelled(raw);
      const { name } = plain;
      if (name.normal === '') return;
      const { onlyEqualTitle = false, isAlias = false, pruned = false, mappedTo } = further;
      // A name that occurs under several conditions counts under each, so that the order of credits does not matter.
      const key =
        onlyEqualTitle || pruned || mappedTo
          ? `${name.normal}\0${+onlyEqualTitle}${+isAlias}${+pruned}${mappedTo?.normal ?? ''}`
          : name.normal;
      const known = spellings.get(key);
      if (!known || compareCodePoints(raw, known.name.raw) < 0)
        spellings.set(
          key,
          further === unmapped ? plain : { name, onlyEqualTitle, isAlias, pruned, mappedTo },
        );
    };
    const named: { name: string; variation: string }[] = [];
    for (const credit of credits) {
      const name = indexable(credit.name);
      const variation = indexable(credit.variation ?? '');
      if (name === '') continue;
      named.push({ name, variation: variation || name });
      const mapped = this.mapped.of(name, variation);
      if (mapped?.keep === null) {
        const spelling = new ArtistSpelling(name);
        if (!kept || compareSpellings(spelling, kept) < 0) kept = spelling;
      }
      const further: Partial<Spelling> = mapped
        ? {
            pruned: mapped.prune ?? false,
            mappedTo: mapped.keep ? new ArtistSpelling(mapped.keep) : undefined,
          }
        : unmapped;
      for (const spelled of variation === '' ? [name] : [name, variation]) {
        if (isCompilationArtist(spelled)) {
          isCompilation = true;
          prunesCompilation ||= mapped?.prune ?? false;
        } else add(spelled, further);
      }
      // What is pruned counts by its own name alone.
      isPruned = mapped?.prune ?? false;
      if (isPruned) continue;
      for (const alias of credit.artistId === undefined
        ? []
        : (this.aliases?.get(credit.artistId) ?? []))
        add(alias, { onlyEqualTitle: true, isAlias: true });
    }
    if (named.length > 1) {
      for (const kind of ['name', 'variation'] as const)
        add(joinedName(named.map((credit) => credit[kind])));
    } else if (named[0] && !isPruned) {
      for (const part of this.spelled(named[0].name).name.parts)
        add(part, { onlyEqualTitle: true });
    }
    const list =
      spellings.size === 1
        ? [...spellings.values()]
        : [...spellings]
            .sort(([a], [b]) => compareCodePoints(a, b))
            .map(([, spelling]) => spelling);
    return { list, isCompilation, prunesCompilation, kept };
  }
}

const discogsNumber = /\s*\(\p{Nd}+\)\s*$/u;

/** All names of a release as one credit: `Miles` and `Mono (2)` are `Miles / Mono`, in whatever order they come. */
export function joinedName(names: readonly string[]): string {
  return names
    .map((name) => name.replace(discogsNumber, '') || name)
    .sort(compareCodePoints)
    .join(' / ');
}

function compareSpellings(a: ArtistSpelling, b: ArtistSpelling): number {
  return compareCodePoints(a.normal, b.normal) || compareCodePoints(a.raw, b.raw);
}
