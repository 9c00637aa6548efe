/** Which releases a run lets through: by names, by the library's decision, or both. */

import { packBasis, unpackBasis, type MatchBasis, type PackedBasis } from './basis.js';
import { ArtistSpelling } from './artist-spelling.js';
import { Classifier } from './classifier.js';
import type { Credit, Decision, Release } from './decision.js';
import { hashText } from './hash-set.js';
import { NameList } from './name-list.js';
import { NameScreen } from './name-screen.js';
import { bagSumOf } from './name-signs.js';
import { joinedName } from './release-spellings.js';

export interface SelectionOptions {
  /** Names to let through, whatever the titles; ignored with {@link matchedOnly}. */
  names?: readonly string[] | undefined;
  /** Lets through releases that are KEEP or REVIEW for the library, and those by names that mappings have. */
  basis?: MatchBasis | undefined;
  /** Lets through only what the library decides. Needs {@link basis}. */
  matchedOnly: boolean;
}

/** {@link SelectionOptions} as they are sent to a thread. */
export type PackedSelection = Omit<SelectionOptions, 'basis'> & { basis?: PackedBasis | undefined };

/** As plain arrays, which threads can share. */
export function packSelection({ basis, ...options }: SelectionOptions): PackedSelection {
  return { ...options, basis: basis && packBasis(basis) };
}

/** What became of a release. */
export interface Selected {
  passes: boolean;
  /** If the library was asked. */
  decision?: Decision;
}

export class Selection {
  readonly matchedOnly: boolean;
  /** Names to let through; absent with `matchedOnly`. */
  readonly names: NameList | undefined;
  readonly classifier: Classifier | undefined;
  private screen: NameScreen | undefined;

  constructor(options: PackedSelection) {
    this.matchedOnly = options.matchedOnly;
    this.names = options.matchedOnly || !options.names ? undefined : new NameList(options.names);
    this.classifier = options.basis && new Classifier(unpackBasis(options.basis));
  }

  /** Looks names up by their bytes; undefined where no names are let through. */
  get nameScreen(): NameScreen | undefined {
    if (!this.names) return undefined;
    const { loose, bags } = this.names.forms;
    const looseHashes = [...loose, ...(this.classifier?.mappedLoose ?? [])].map(hashText);
    return (this.screen ??= new NameScreen(
      { looseHashes, bagSums: [...bags].map(bagSumOf), meets: (name) => this.passes(name) },
      { isExact: true },
    ));
  }

  /** @param byName Whether a name or name variation of any credit, main or extra, is let through. */
  select(release: Release, byName: boolean): Selected {
    if (byName || this.passesJointly(release)) return { passes: true };
    const decision = this.classifier?.decide(release);
    return decision ? { passes: decision.decision !== 'PRUNE', decision } : { passes: false };
  }

  /** Whether a name lets its release through. */
  passesName(name: string): boolean {
    return name !== '' && this.passes(new ArtistSpelling(name));
  }

  private passes(name: ArtistSpelling): boolean {
    return (
      this.names !== undefined &&
      (this.names.has(name) || this.classifier?.isMapped(name.raw) === true)
    );
  }

  /** Whether the main credits together are let through as one name. */
  passesJointly({ credits }: Pick<Release, 'credits'>): boolean {
    const { names } = this;
    if (!names || credits.length < 2) return false;
    const joined = (of: (credit: Credit) => string): boolean =>
      names.has(new ArtistSpelling(joinedName(credits.map(of))));
    return joined(({ name }) => name) || joined(({ name, variation }) => variation || name);
  }
}
