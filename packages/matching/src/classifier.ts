/** KEEP, REVIEW or PRUNE for a release, by the library, the mappings and the rules of {@link Rule}. */

import { decisionCodes, longestIndexedBytes } from '@wxyc/dataset';
import type { LibraryRow } from '@wxyc/library';
import { compareCodePoints, isCompilationArtist, mappingKey, normalizeArtist, normalizeTitle } from '@wxyc/text';
import { ArtistSearch } from './artist-search.js';
import { defaultScoreCutoff, reviewCutoff, type Decision, type DecisionName, type Rule } from './decision.js';
import { createLibraryIndex, type LibraryIndex } from './library-index.js';
import type { Mappings } from './mappings.js';
import { RecentMap } from './recent-map.js';
import { ArtistTitleSearch, CompilationTitleSearch } from './title-search.js';

/** Plain data: it can be sent to a worker thread, which then builds the same classifier. */
export interface ClassifierOptions {
  library: readonly LibraryRow[];
  mappings?: Mappings | undefined;
  /** 0..1, from which score on a match is kept. Default 0.75. */
  scoreCutoff?: number | undefined;
}

/** Codes of {@link Classifier.decisionOf}: a higher one wins. */
export type DecisionCode = 0 | 1 | 2;

/** What a name comes to before any title is looked at. */
type CreditKind =
  | 'keep'
  | 'keep as'
  | 'keep as missing'
  | 'prune'
  | 'prune unless owned'
  | 'compilation'
  | 'library'
  | 'no shared word'
  | 'similar'
  | 'not similar';

/** Whether the title has a say; for most credits of a dump it has none, and need not be normalised. */
const asksForTitle: Record<CreditKind, boolean> = {
  keep: false,
  'keep as': true,
  'keep as missing': false,
  prune: false,
  'prune unless owned': true,
  compilation: true,
  library: true,
  'no shared word': false,
  similar: true,
  'not similar': false,
};

export interface Credit {
  kind: CreditKind;
  /** Number of the library artist, or -1. */
  artist: number;
  /** token_set_ratio with it. */
  score: number;
}

/** The part of a decision that depends on one credit. */
interface Verdict {
  decision: DecisionName;
  rule: Rule;
  matchedArtist: string | null;
  matchedTitle: string | null;
  artistScore: number | null;
  titleScore: number | null;
  score: number | null;
}

/** Names whose outcome is remembered: enough for the artists that a dump comes back to, some tens of MB. */
const rememberedNames = 50_000;

/**
 * Builds a classifier.
 *
 * @example
 * const classifier = createClassifier({ library: readLibrary('library.db') });
 * classifier.decide(['Stereolab'], 'Dots And Loops').decision; // 'KEEP'
 */
export function createClassifier(options: ClassifierOptions): Classifier {
  return new Classifier(options);
}

export class Classifier {
  readonly index: LibraryIndex;
  /** Library artists that mappings name and the library lacks: typing mistakes, or albums that were withdrawn. */
  readonly missingTargets: readonly string[];
  private readonly cutoff: number;
  private readonly keep = new Map<string, string | null>();
  private readonly prune = new Set<string>();
  private readonly titleSearch: ArtistTitleSearch;
  private readonly compilationSearch: CompilationTitleSearch;
  private readonly credits = new RecentMap<string, Credit>(rememberedNames);
  private search: ArtistSearch | undefined;

  constructor(options: ClassifierOptions) {
    this.index = createLibraryIndex(options.library);
    this.cutoff = options.scoreCutoff ?? defaultScoreCutoff;
    for (const artist of options.mappings?.prune ?? []) this.prune.add(mappingKey(artist));
    for (const [artist, target] of options.mappings?.keep ?? []) this.keep.set(mappingKey(artist), target);
    this.missingTargets = [...new Set(this.keep.values())].filter(
      (target): target is string => target !== null && !this.index.artistNumber.has(normalizeArtist(target)),
    );
    this.titleSearch = new ArtistTitleSearch(this.index);
    this.compilationSearch = new CompilationTitleSearch(this.index.compilationTitles);
  }

  /**
   * Decides one release. The best of its main credits decides: KEEP over REVIEW over PRUNE, then the higher score, then
   * the name that sorts first.
   *
   * @param mainArtists Names with extra = 0, in any order. Empty names are no credits.
   */
  decide(mainArtists: readonly string[], title: string): Decision {
    const form = normalizeTitle(title);
    let best: Verdict | undefined;
    let artist: string | null = null;
    const weigh = (credit: string, verdict: Verdict): void => {
      const order = best ? compare(verdict, best) : 1;
      if (order < 0 || (order === 0 && compareCodePoints(credit, artist!) >= 0)) return;
      best = verdict;
      artist = credit;
    };
    let unknown: string[] | undefined;
    for (const name of mainArtists) {
      const credit = indexable(name);
      if (credit === '') continue;
      const known = this.known(credit);
      if (known === undefined) (unknown ??= []).push(credit);
      else weigh(credit, this.verdict(known, form));
    }
    for (const credit of unknown ?? []) {
      // Against an album that is owned under its very name only a perfect match counts, and that is found without a search.
      const outcome = best && isPerfect(best) ? this.perfect(credit) : this.credit(credit);
      if (outcome) weigh(credit, this.verdict(outcome, form));
    }
    return { ...(best ?? nothing('REVIEW', '0 no main credit')), artist, title };
  }

  /**
   * The decision alone, without the objects: for streams of millions of releases. A search for a similar artist, which
   * costs a hundred times the rest, is made only if no other credit keeps the release.
   */
  decisionOf(mainArtists: readonly string[], title: string): DecisionCode {
    let form: string | undefined;
    let best = -1;
    let unknown: string[] | undefined;
    const codeOf = (credit: Credit): DecisionCode => this.code(credit, asksForTitle[credit.kind] ? (form ??= normalizeTitle(title)) : '');
    for (const name of mainArtists) {
      const credit = indexable(name);
      if (credit === '') continue;
      const known = this.known(credit);
      if (known === undefined) {
        (unknown ??= []).push(credit);
        continue;
      }
      const code = codeOf(known);
      if (code === decisionCodes.KEEP) return code;
      if (code > best) best = code;
    }
    for (const credit of unknown ?? []) {
      const code = codeOf(this.credit(credit));
      if (code === decisionCodes.KEEP) return code;
      if (code > best) best = code;
    }
    return best < 0 ? decisionCodes.REVIEW : (best as DecisionCode);
  }

  /** Whether a compilation of this title is kept, whatever it is filed under. */
  keepsCompilationTitle(title: string): boolean {
    const form = normalizeTitle(title);
    return this.compilationSearch.exact(form) >= 0 || this.compilationSearch.find(form);
  }

  /** What the name of a main credit comes to, titles aside. */
  credit(name: string): Credit {
    const known = this.known(name);
    if (known) return known;
    const credit = creditOf(this.similar(normalizeArtist(name)));
    this.credits.set(name, credit);
    return credit;
  }

  /** Whether a credit that needs no search owns the title as it is: then no other name needs one either. */
  isOwned(mainArtists: readonly string[], title: string): boolean {
    let form: string | undefined;
    return mainArtists.some((name) => {
      const credit = indexable(name);
      const known = credit === '' ? undefined : this.known(credit);
      if (known?.kind !== 'library') return false;
      return this.titleSearch.exact(known.artist, (form ??= normalizeTitle(title))) >= 0;
    });
  }

  /** What a name comes to if a library artist matches it with a score of 100, else undefined. */
  private perfect(name: string): Credit | undefined {
    const found = this.similar(normalizeArtist(name), 100);
    if (!found) return undefined;
    const credit = creditOf(found);
    this.credits.set(name, credit);
    return credit;
  }

  /** Normal form of a name that only the search for similar artists can settle, else undefined. */
  needsSearch(name: string): string | undefined {
    return this.known(name) === undefined ? normalizeArtist(name) : undefined;
  }

  /** The search itself, for a normal form: the library artist's number and score, or undefined below the cut-off. */
  similar(form: string, atLeast?: number): { artist: number; score: number } | undefined {
    const search = this.artistSearch();
    return search.find(form, atLeast) ? { artist: search.best, score: search.score } : undefined;
  }

  /** Remembers what a search elsewhere found for a name. */
  learn(name: string, found: { artist: number; score: number } | undefined): void {
    this.credits.set(name, creditOf(found));
  }

  /** What a name comes to, or undefined if only a search can tell. Remembers what it finds. */
  private known(name: string): Credit | undefined {
    const remembered = this.credits.get(name);
    if (remembered !== undefined) return remembered;
    const credit = this.ruleOut(name);
    if (credit !== undefined) this.credits.set(name, credit);
    return credit;
  }

  private ruleOut(name: string): Credit | undefined {
    const key = this.keep.size + this.prune.size === 0 ? '' : mappingKey(name);
    const target = this.keep.get(key);
    if (target === null) return { kind: 'keep', artist: -1, score: 100 };
    if (target !== undefined) {
      const artist = this.index.artistNumber.get(normalizeArtist(target)) ?? -1;
      return { kind: artist < 0 ? 'keep as missing' : 'keep as', artist, score: 100 };
    }
    const form = normalizeArtist(name);
    const number = this.index.artistNumber.get(form) ?? -1;
    if (key !== '' && this.prune.has(key)) return { kind: number < 0 ? 'prune' : 'prune unless owned', artist: number, score: 100 };
    if (isCompilationArtist(name)) return { kind: 'compilation', artist: -1, score: 0 };
    if (number >= 0) return { kind: 'library', artist: number, score: 100 };
    if (form === '' || !this.artistSearch().sharesWord(form)) return { kind: 'no shared word', artist: -1, score: 0 };
    return undefined;
  }

  private artistSearch(): ArtistSearch {
    return (this.search ??= new ArtistSearch(this.index.artists));
  }

  private verdict(credit: Credit, title: string): Verdict {
    switch (credit.kind) {
      case 'keep':
        return nothing('KEEP', '1 mapped: keep');
      case 'keep as missing':
        return nothing('PRUNE', '1 mapped: keep as an artist that the library lacks');
      case 'keep as': {
        const verdict = this.verdictByTitle(credit, title, '3 library artist, exact title', '3 library artist, best title');
        return {
          ...verdict,
          decision: verdict.decision === 'REVIEW' ? 'KEEP' : verdict.decision,
          rule: '1 mapped: keep as library artist',
        };
      }
      case 'prune':
        return nothing('PRUNE', '1 mapped: prune');
      case 'prune unless owned': {
        const verdict = this.verdictByTitle(credit, title, '1 mapped: prune, but owned', '1 mapped: prune, but owned');
        return verdict.decision === 'KEEP' ? verdict : { ...verdict, decision: 'PRUNE', rule: '1 mapped: prune' };
      }
      case 'compilation':
        return this.compilationVerdict(title);
      case 'library':
        return this.verdictByTitle(credit, title, '3 library artist, exact title', '3 library artist, best title');
      case 'no shared word':
        return nothing('PRUNE', '4 no word shared with a library artist');
      case 'similar':
        return this.verdictByTitle(credit, title, '5 similar artist, exact title', '5 similar artist, best title');
      case 'not similar':
        return nothing('PRUNE', '5 no similar artist');
    }
  }

  private verdictByTitle(credit: Credit, title: string, exactRule: Rule, bestRule: Rule): Verdict {
    const { artist, score: artistScore } = credit;
    const matchedArtist = this.index.artistSpellings[artist]!;
    const exact = this.titleSearch.exact(artist, title);
    if (exact < 0) this.titleSearch.find(artist, title);
    const number = exact < 0 ? this.titleSearch.best : exact;
    const titleScore = exact < 0 ? this.titleSearch.score : 100;
    const score = scoreOf(credit, titleScore);
    return {
      decision: exact >= 0 ? 'KEEP' : decisionNames[this.codeOfScore(score)],
      rule: exact >= 0 ? exactRule : bestRule,
      matchedArtist,
      matchedTitle: this.index.titlesOf(artist).spellings[number]!,
      artistScore,
      titleScore,
      score,
    };
  }

  private compilationVerdict(title: string): Verdict {
    const search = this.compilationSearch;
    const exact = search.exact(title);
    if (exact < 0 && !search.find(title)) return nothing('PRUNE', '2 compilation, title unknown');
    const titleScore = exact < 0 ? search.score : 100;
    return {
      ...nothing('KEEP', '2 compilation, title known'),
      matchedTitle: this.index.compilationSpellings[exact < 0 ? search.best : exact]!,
      titleScore,
      score: titleScore / 100,
    };
  }

  private code(credit: Credit, title: string): DecisionCode {
    switch (credit.kind) {
      case 'keep':
        return decisionCodes.KEEP;
      case 'library':
      case 'similar':
        return this.codeByTitle(credit, title);
      case 'keep as':
        return this.codeByTitle(credit, title) === decisionCodes.PRUNE ? decisionCodes.PRUNE : decisionCodes.KEEP;
      case 'prune unless owned':
        return this.codeByTitle(credit, title) === decisionCodes.KEEP ? decisionCodes.KEEP : decisionCodes.PRUNE;
      case 'compilation':
        return this.compilationSearch.exact(title) >= 0 || this.compilationSearch.find(title)
          ? decisionCodes.KEEP
          : decisionCodes.PRUNE;
      default:
        return decisionCodes.PRUNE;
    }
  }

  private codeByTitle(credit: Credit, title: string): DecisionCode {
    if (this.titleSearch.exact(credit.artist, title) >= 0) return decisionCodes.KEEP;
    // What lies well below every cut-off prunes, whatever it is exactly.
    const lowest = Math.min(this.cutoff, reviewCutoff);
    const bar = credit.kind === 'similar' ? (10_000 * lowest * lowest) / credit.score : 100 * lowest;
    this.titleSearch.find(credit.artist, title, Math.max(0, bar - 1));
    return this.codeOfScore(scoreOf(credit, this.titleSearch.score));
  }

  private codeOfScore(score: number): DecisionCode {
    if (score >= this.cutoff) return decisionCodes.KEEP;
    return score >= reviewCutoff ? decisionCodes.REVIEW : decisionCodes.PRUNE;
  }
}

const decisionNames: Record<DecisionCode, DecisionName> = { 0: 'PRUNE', 1: 'REVIEW', 2: 'KEEP' };

function creditOf(found: { artist: number; score: number } | undefined): Credit {
  return found ? { kind: 'similar', ...found } : { kind: 'not similar', artist: -1, score: 0 };
}

/** 0..1. A similar artist's doubt counts too; with an artist of the library the title alone decides. */
function scoreOf(credit: Credit, titleScore: number): number {
  return credit.kind === 'similar' ? Math.sqrt(credit.score * titleScore) / 100 : titleScore / 100;
}

function nothing(decision: DecisionName, rule: Rule): Verdict {
  return { decision, rule, matchedArtist: null, matchedTitle: null, artistScore: null, titleScore: null, score: null };
}

/** Whether a verdict can be equalled, but not beaten. */
function isPerfect({ decision, score }: Verdict): boolean {
  return decision === 'KEEP' && score === 1;
}

/** Above 0 if a is better. */
function compare(a: Verdict, b: Verdict): number {
  return decisionCodes[a.decision] - decisionCodes[b.decision] || (a.score ?? -1) - (b.score ?? -1);
}

/** A name as the cache holds it: import cuts what no btree index can hold. */
function indexable(name: string): string {
  // A UTF-16 unit takes three bytes at most.
  if (name.length * 3 <= longestIndexedBytes || Buffer.byteLength(name) <= longestIndexedBytes) return name;
  const bytes = Buffer.from(name);
  let end = longestIndexedBytes;
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
