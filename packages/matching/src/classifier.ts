/** KEEP, REVIEW or PRUNE for a release, by the library, the mappings and the rules that the README explains. */

import { decisionCodes, type DecisionName } from '@wxyc/dataset';
import { compareCodePoints, isCompilationArtist, mappingKey, normalizeTitle, titleForms, type TitleForm } from '@wxyc/text';
import type { LibraryRow } from '@wxyc/library';
import { ArtistSpelling } from './artist-spelling.js';
import type { MatchBasis } from './basis.js';
import { unmetKeys } from './mappings.js';
import { CompilationSearch } from './compilation-search.js';
import {
  closeness,
  defaultScoreCutoff,
  doubtfulArtistCutoff,
  reviewCutoff,
  rules,
  selfTitledArtistCutoff,
  similarArtistCutoff,
  type Closeness,
  type Decision,
  type Release,
  type Rule,
} from './decision.js';
import { indexable } from './indexable-name.js';
import { albumsOf, compareRows, LibraryIndex, type NamedArtist } from './library-index.js';
import { NameList } from './name-list.js';
import { RecentMap } from './recent-map.js';
import { ReleaseScreen } from './screen.js';
import { similarity } from './similarity.js';
import { commonNameWords, genericTitles } from './telling-words.js';
import { equalScore, titleReadings, titleScore } from './title-score.js';

/** A spelling of a release's artist, and how far it may be trusted. */
interface Spelling {
  name: ArtistSpelling;
  /** Evidence only beside an equal title: an alias, or one name of a joined credit. */
  onlyEqualTitle: boolean;
  isAlias: boolean;
  /** A mapping says to prune what is not plainly owned. */
  pruned: boolean;
  /** A mapping says which library artist this is. */
  mappedTo: ArtistSpelling | undefined;
}

/** What one rule says of a release and a library album. */
export interface Outcome {
  decision: DecisionName;
  rule: Rule;
  album: number | null;
  spelling: ArtistSpelling | null;
  artistScore: number | null;
  titleScore: number | null;
  score: number;
}

/** Told of every album that a rule compared a release with, whatever came of it. */
export type PairObserver = (album: number, release: Release, outcome: Outcome) => void;

/** Some MB. */
const rememberedNames = 8_000;
/** Equal titles with fewer letters say little about names that share one word. */
const shortTitle = 6;
const leastSharedWord = 3;
/** A mapped spelling's score where no title was looked at. */
const certain = 1;
/** Less than scores differ by. */
const scoreStep = 1e-6;
const unmapped: Partial<Spelling> = {};
/** Of words in common. */
const sharedWordsScore = 0.9;
const doubtfulWordsScore = 0.8;
const someWordScore = 0.75;

/**
 * Decides releases. All rules are tried for all spellings of a release, and the best outcome counts: KEEP over REVIEW over
 * PRUNE, then the closer title, then the higher score.
 *
 * @example
 * const classifier = new Classifier({ library: readLibrary('library.db') });
 * classifier.decide({ id: 1, title: 'Dots And Loops', credits: [{ name: 'Stereolab' }] }).decision; // 'KEEP'
 */
export class Classifier {
  readonly index: LibraryIndex;
  /** Decisions are the same with and without one. */
  observer: PairObserver | undefined;
  /** Library artists that mappings name and the library lacks: typing mistakes, or albums that were withdrawn. */
  readonly missingTargets: readonly string[];
  private readonly cutoff: number;
  /** Below it a title prunes. */
  private readonly lowestCutoff: number;
  private readonly keep = new Map<string, string | null>();
  private readonly prune = new Set<string>();
  private readonly metMappings = new Set<string>();
  private readonly keepIds: ReadonlySet<number>;
  private readonly listed: NameList | undefined;
  private compilations: CompilationSearch | undefined;
  private screenOfAll: ReleaseScreen | undefined;
  /** Names that come again, with their forms. */
  private readonly known = new RecentMap<string, ArtistSpelling>(rememberedNames);

  constructor(readonly basis: MatchBasis) {
    this.index = new LibraryIndex(basis.library, basis.alternates);
    this.cutoff = basis.scoreCutoff ?? defaultScoreCutoff;
    this.lowestCutoff = Math.min(reviewCutoff, this.cutoff);
    for (const artist of basis.mappings?.prune ?? []) this.prune.add(mappingKey(artist));
    for (const [artist, target] of basis.mappings?.keep ?? []) this.keep.set(mappingKey(artist), target);
    this.keepIds = new Set(basis.keepIds ?? []);
    // A library artist's own albums decide; only names that are tied to none stand for any album.
    this.listed = basis.artists && new NameList(basis.artists.filter((name) => !this.isLibraryArtist(new ArtistSpelling(name))));
    this.missingTargets = [...new Set(this.keep.values())].filter(
      (target): target is string => target !== null && !this.index.byLoose.has(new ArtistSpelling(target).loose),
    );
  }

  /** What tells of most releases, without the cost of a decision, that they have nothing to do with the library. */
  get screen(): ReleaseScreen {
    return (this.screenOfAll ??= new ReleaseScreen(this));
  }

  /** Keys of mappings that no credit has met so far. */
  unmetMappings(): string[] {
    return unmetKeys(this.basis.mappings, this.metMappings);
  }

  /** Keys of mappings that credits have met so far. */
  get metKeys(): ReadonlySet<string> {
    return this.metMappings;
  }

  private isLibraryArtist(name: ArtistSpelling): boolean {
    return this.sameArtists(name).some(({ isPart }) => !isPart);
  }

  /** Whether a mapping is about this name. */
  isMapped(name: string): boolean {
    if (this.keep.size + this.prune.size === 0) return false;
    const key = mappingKey(name);
    return this.keep.has(key) || this.prune.has(key);
  }

  /** Whether a credit of this name alone gives a release anything to be decided by. */
  meets(name: string): boolean {
    const credit = indexable(name);
    if (isCompilationArtist(credit) || this.isMapped(credit)) return true;
    const spelling = new ArtistSpelling(credit);
    const known = ({ loose, bag }: ArtistSpelling): boolean => this.index.byLoose.has(loose) || this.index.byBag.has(bag);
    return known(spelling) || this.listed?.has(spelling) === true || spelling.parts.some((part) => known(new ArtistSpelling(part)));
  }

  /** Loose forms under which a name is known. */
  get loose(): string[] {
    return [...this.index.byLoose.keys(), ...(this.listed?.forms.loose ?? []), ...this.mappedLoose];
  }

  /** Loose forms of the names that mappings are about. */
  get mappedLoose(): string[] {
    return [...this.keep.keys(), ...this.prune].map((key) => new ArtistSpelling(key).loose);
  }

  /** Word bags under which a name is known. */
  get bags(): string[] {
    return [...this.index.byBag.keys(), ...(this.listed?.forms.bags ?? [])];
  }

  /** Loose titles that make a release worth a look whatever its artist. */
  *titleKeys(): Generator<string> {
    yield* this.index.byTitle.keys();
    if (this.listed) yield* this.index.compilationByTitle.keys();
  }

  /** Whether a release is owned by its ids. */
  ownsId(id: number, masterId: number | null | undefined): boolean {
    return this.keepIds.has(id) || this.index.byReleaseId.has(id) || (masterId ? this.index.byMasterId.has(masterId) : false);
  }

  /** Whether any release is owned by its id. */
  get ownsByIds(): boolean {
    return this.keepIds.size + this.index.byReleaseId.size + this.index.byMasterId.size > 0;
  }

  /** Decides one release. */
  decide(release: Release): Decision {
    return this.ownsId(release.id, release.masterId) || this.screen.mayMatch(release) ? this.decideScreened(release) : this.decisionFor(release, nothingAlike);
  }

  /** The same for a release that {@link screen} has let through. */
  decideScreened(release: Release): Decision {
    const byId = this.byId(release);
    if (byId) {
      if (byId.album !== null) this.observer?.(byId.album, release, byId);
      return this.decisionFor(release, byId);
    }
    const best = this.bestOf(release);
    const forms = titleForms(release.title);
    const spellings = this.spellings(release, best);
    if (spellings.isCompilation && !spellings.prunesCompilation) this.byCompilation(forms, best);
    for (const spelling of spellings.list) this.byArtist(spelling, forms, best);
    if (best.outcome.decision !== 'KEEP') this.byTitle(spellings.list, forms, best, spellings.isCompilation);
    // Decided; but the same album may be filed once more under a name that is spelled otherwise.
    else if (this.observer) this.byTitle(spellings.list, forms, this.bestOf(release), spellings.isCompilation);
    return this.decisionFor(release, best.outcome);
  }

  private bestOf(release: Release): Best {
    const { observer } = this;
    let normalTitle: string | undefined;
    return new Best(
      (album) => this.index.rows[album]!,
      (album) => this.index.normalTitle(album) === (normalTitle ??= normalizeTitle(release.title)),
      observer && ((outcome) => outcome.album !== null && observer(outcome.album, release, outcome)),
    );
  }

  private byId({ id, masterId }: Release): Outcome | undefined {
    const outcome = { decision: 'KEEP', spelling: null, artistScore: null, titleScore: null, score: certain } as const;
    const owned = this.index.byReleaseId.get(id);
    if (owned !== undefined || this.keepIds.has(id)) return { ...outcome, rule: '0 owned by release id', album: owned ?? null };
    const master = masterId ? this.index.byMasterId.get(masterId) : undefined;
    return master === undefined ? undefined : { ...outcome, rule: '0 owned by master id', album: master };
  }

  /** Every spelling of the release's artist: names, variations, all of them joined, the names of a joined credit, aliases. */
  private spellings({ credits }: Release, best: Best): { list: Spelling[]; isCompilation: boolean; prunesCompilation: boolean } {
    const spellings = new Map<string, Spelling>();
    let isCompilation = false;
    let prunesCompilation = false;
    const add = (raw: string, further: Partial<Spelling> = {}): void => {
      const name = this.spelled(raw);
      if (name.normal === '') return;
      const { onlyEqualTitle = false, isAlias = false, pruned = false, mappedTo } = further;
      // One name under several conditions counts under each: which credit comes first must not matter.
      const key = onlyEqualTitle || pruned || mappedTo ? `${name.normal}\0${+onlyEqualTitle}${+isAlias}${+pruned}${mappedTo?.normal ?? ''}` : name.normal;
      const known = spellings.get(key);
      if (!known || compareCodePoints(raw, known.name.raw) < 0) spellings.set(key, { name, onlyEqualTitle, isAlias, pruned, mappedTo });
    };
    const named: { name: string; variation: string }[] = [];
    for (const credit of credits) {
      const name = indexable(credit.name);
      const variation = indexable(credit.variation ?? '');
      if (name === '') continue;
      named.push({ name, variation: variation || name });
      const mapped = this.mappingOf(name, variation);
      if (mapped?.keep === null) {
        const spelling = new ArtistSpelling(name);
        best.offer({ decision: 'KEEP', rule: '1 mapped: keep', album: null, spelling, artistScore: null, titleScore: null, score: certain });
      }
      const further: Partial<Spelling> = mapped ? { pruned: mapped.prune ?? false, mappedTo: mapped.keep ? new ArtistSpelling(mapped.keep) : undefined } : unmapped;
      for (const spelled of variation === '' ? [name] : [name, variation]) {
        if (isCompilationArtist(spelled)) {
          isCompilation = true;
          prunesCompilation ||= mapped?.prune ?? false;
        } else add(spelled, further);
      }
      for (const alias of credit.artistId === undefined ? [] : (this.basis.aliases?.get(credit.artistId) ?? [])) add(alias, { onlyEqualTitle: true, isAlias: true });
    }
    if (named.length > 1) {
      for (const kind of ['name', 'variation'] as const) add(named.map((credit) => credit[kind]).sort(compareCodePoints).join(' / '));
    } else if (named[0]) {
      for (const part of this.partsOf(named[0].name)) add(part, { onlyEqualTitle: true });
    }
    const list = spellings.size === 1 ? [...spellings.values()] : [...spellings].sort(([a], [b]) => compareCodePoints(a, b)).map(([, spelling]) => spelling);
    return { list, isCompilation, prunesCompilation };
  }

  /** The forms of a name. */
  private spelled(raw: string): ArtistSpelling {
    let name = this.known.get(raw);
    if (!name) this.known.set(raw, (name = new ArtistSpelling(raw)));
    return name;
  }

  /** The names that a single credit is made of, if it is a joined one. */
  private partsOf(raw: string): string[] {
    return this.spelled(raw).parts;
  }

  private mappingOf(name: string, variation: string): { keep?: string | null; prune?: boolean } | undefined {
    if (this.keep.size + this.prune.size === 0) return undefined;
    for (const key of variation === '' ? [mappingKey(name)] : [mappingKey(name), mappingKey(variation)]) {
      const target = this.keep.get(key);
      if (target === undefined && !this.prune.has(key)) continue;
      this.metMappings.add(key);
      return target === undefined ? { prune: true } : { keep: target };
    }
    return undefined;
  }

  private byCompilation(forms: readonly TitleForm[], best: Best): void {
    const offer = (decision: DecisionName, rule: Rule, album: number, score: number): void =>
      best.offer({ decision, rule, album, spelling: null, artistScore: null, titleScore: score, score });
    for (const { key, atMost } of forms) {
      for (const album of albumsOf(this.index.compilationByTitle.get(key))) offer(atMost >= this.cutoff ? 'KEEP' : 'REVIEW', '2 compilation, same title', album, atMost);
    }
    if (best.outcome.decision !== 'PRUNE') return;
    this.compilations ??= new CompilationSearch(this.index);
    for (const { album, score } of this.compilations.similar(forms, compilationReview)) offer('REVIEW', '2 compilation, similar title', album, score);
  }

  /** Rule 3: albums of the artist of this very name. */
  private byArtist(spelling: Spelling, forms: readonly TitleForm[], best: Best): void {
    for (const { artist, name, isPart } of this.sameArtists(spelling.mappedTo ?? spelling.name)) {
      // An alias says nothing about what a title may leave out, and the screen has not seen it.
      const readings = spelling.isAlias ? forms : titleReadings(forms, name);
      const onlyEqual = isPart || spelling.onlyEqualTitle;
      let isOwned = false;
      for (const album of artist.albums) {
        const score = equalScore(readings, this.index.titleReadings(album, name));
        if (score === 0) continue;
        isOwned ||= score === 1;
        best.offer(this.bySpelledArtist(spelling, onlyEqual, album, score));
      }
      // No other album of the artist comes closer.
      if (isOwned && !best.seen) continue;
      // What scores less prunes, and is not the nearest either.
      const least = Math.min(best.leastScore, this.lowestCutoff - scoreStep);
      for (const album of artist.albums) {
        const score = titleScore(readings, this.index.titleReadings(album, name), name.loose, least);
        if (score >= least) best.offer(this.bySpelledArtist(spelling, onlyEqual, album, score));
      }
    }
  }

  private bySpelledArtist(spelling: Spelling, onlyEqual: boolean, album: number, score: number): Outcome {
    const rule: Rule = spelling.mappedTo
      ? '1 mapped: keep as library artist'
      : spelling.isAlias
        ? '4 same title, alias of the artist'
        : onlyEqual
          ? '3 artist of a joint album'
          : '3 same artist';
    let decision = this.byScore(score);
    if (onlyEqual && score < 1) decision = score >= this.cutoff && !spelling.isAlias ? 'REVIEW' : 'PRUNE';
    if (spelling.mappedTo && decision === 'REVIEW') decision = 'KEEP';
    const isPruned = spelling.pruned && decision !== 'KEEP';
    return {
      decision: isPruned ? 'PRUNE' : decision,
      rule: isPruned ? '1 mapped: prune' : rule,
      album,
      spelling: spelling.name,
      artistScore: 1,
      titleScore: score,
      score,
    };
  }

  /** Library artists that bear the name in normal or loose form, or as the same words in another order. */
  private sameArtists(name: ArtistSpelling): readonly NamedArtist[] {
    const byLoose = this.index.byLoose.get(name.loose);
    const byBag = name.bag === '' ? undefined : this.index.byBag.get(name.bag);
    if (!byBag) return byLoose ?? [];
    if (!byLoose) return byBag;
    const further = byBag.filter((named) => !byLoose.includes(named));
    return further.length > 0 ? [...byLoose, ...further] : byLoose;
  }

  /** Rule 4: albums with an equal title whose artist's name is similar. */
  private byTitle(spellings: readonly Spelling[], forms: readonly TitleForm[], best: Best, isCompilation: boolean): void {
    for (const { key, atMost } of forms) {
      const isGeneric = genericTitles.has(key);
      const albums = [...albumsOf(this.index.byTitle.get(key)), ...(this.listed ? albumsOf(this.index.compilationByTitle.get(key)) : [])];
      for (const album of albums) {
        const artist = this.index.artist(album);
        if (spellings.length === 0 && !isCompilation && !isGeneric && key.length >= shortTitle) {
          best.offer({ decision: 'REVIEW', rule: '4 same title, no artist', album, spelling: null, artistScore: null, titleScore: atMost, score: someWordScore });
        }
        for (const spelling of spellings) {
          if (spelling.pruned || spelling.mappedTo) continue;
          if (this.listed?.has(spelling.name)) {
            best.offer({ decision: isGeneric ? 'REVIEW' : 'KEEP', rule: '4 same title, listed artist', album, spelling: spelling.name, artistScore: null, titleScore: atMost, score: atMost });
          }
          if (isGeneric || !artist) continue;
          for (const name of artist.names) this.bySimilarName(spelling, name, key, album, atMost, best);
        }
      }
    }
  }

  private bySimilarName({ name: spelled, onlyEqualTitle }: Spelling, name: ArtistSpelling, title: string, album: number, titleScore: number, best: Best): void {
    if (onlyEqualTitle) return;
    // Another artist's, most likely: no reason to keep it, and the nearest there is for an album that nothing else comes near.
    if (best.seen) {
      const artistScore = similarity(name.loose, spelled.loose);
      best.seen({ ...nothingAlike, album, spelling: spelled, artistScore, titleScore, score: artistScore });
    }
    const isSelfTitled = title === name.loose || title === spelled.loose;
    const offer = (decision: DecisionName, rule: Rule, score: number): void => {
      // A reading that may be the title or not leaves a doubt.
      const bounded = decision === 'KEEP' && titleScore < this.cutoff ? 'REVIEW' : decision;
      best.offer({ decision: bounded, rule, album, spelling: spelled, artistScore: score, titleScore, score });
    };
    const alike = similarity(name.loose, spelled.loose, doubtfulArtistCutoff);
    if (alike >= (isSelfTitled ? selfTitledArtistCutoff : similarArtistCutoff)) return offer('KEEP', '4 same title, similar artist', alike);
    const shared = sharedWords(name, spelled);
    if (shared.all && isSelfTitled) {
      if (shared.count > 1) offer('REVIEW', '4 same title, words of the artist', doubtfulWordsScore);
    } else if (shared.all) {
      const isDoubtful = title.length < shortTitle && shared.count === 1;
      offer(isDoubtful ? 'REVIEW' : 'KEEP', '4 same title, words of the artist', isDoubtful ? doubtfulWordsScore : sharedWordsScore);
    } else if (isSelfTitled) {
      return;
    } else if (alike >= doubtfulArtistCutoff) {
      offer('REVIEW', '4 same title, similar artist', alike);
    } else if (shared.some) {
      offer('REVIEW', '4 same title, words of the artist', someWordScore);
    }
  }

  private byScore(score: number): DecisionName {
    return score >= this.cutoff ? 'KEEP' : score >= this.lowestCutoff ? 'REVIEW' : 'PRUNE';
  }

  private decisionFor({ title }: Release, outcome: Outcome): Decision {
    const { album } = outcome;
    const row = album === null ? undefined : this.index.rows[album];
    return {
      decision: outcome.decision,
      rule: outcome.rule,
      spelling: outcome.spelling?.raw ?? null,
      title,
      album,
      libraryArtist: row?.artist ?? null,
      libraryTitle: row?.title ?? null,
      artistScore: outcome.artistScore,
      titleScore: outcome.titleScore,
      score: outcome.score,
      closeness: this.closenessOf(title, outcome),
    };
  }

  private closenessOf(title: string, { rule, album, titleScore, decision }: Outcome): Closeness {
    if (rule.startsWith('0')) return closeness.byId;
    if (album === null || decision === 'PRUNE') return closeness.none;
    if (titleScore !== 1) return closeness.similarTitle;
    return normalizeTitle(title) === this.index.normalTitle(album) ? closeness.sameTitle : closeness.looseTitle;
  }
}

/** Compilations are told by their title alone: only a beginning or a mistyped one is worth a look. */
const compilationReview = 0.85;

/** Which significant words two names share. */
function sharedWords(a: ArtistSpelling, b: ArtistSpelling): { all: boolean; some: boolean; count: number } {
  const few = a.significantWords.length <= b.significantWords.length ? a.significantWords : b.significantWords;
  const many = few === a.significantWords ? b.significantWords : a.significantWords;
  const shared = few.filter((word) => many.includes(word));
  const all = few.length > 0 && shared.length === few.length && shared.join('').length >= leastSharedWord && !(shared.length === 1 && commonNameWords.has(shared[0]!));
  return { all, some: shared.some((word) => word.length >= leastSharedWord && !commonNameWords.has(word)), count: shared.length };
}

const nothingAlike: Outcome = { decision: 'PRUNE', rule: '5 nothing alike', album: null, spelling: null, artistScore: null, titleScore: null, score: 0 };

/** The best outcome so far. Which it is does not depend on the order of credits or of library rows. */
class Best {
  outcome = nothingAlike;

  /**
   * @param isSameTitle Whether an album's title equals the release's in normal form.
   * @param seen Told of every outcome.
   */
  constructor(
    private readonly row: (album: number) => LibraryRow,
    private readonly isSameTitle: (album: number) => boolean,
    readonly seen: ((outcome: Outcome) => void) | undefined,
  ) {}

  /** What a title must score to matter: the best so far; with somebody who looks on, every score does. */
  get leastScore(): number {
    return this.outcome.decision === 'PRUNE' && !this.seen ? (this.outcome.titleScore ?? 0) : 0;
  }

  offer(outcome: Outcome): void {
    this.seen?.(outcome);
    if (this.compare(outcome, this.outcome) > 0) this.outcome = outcome;
  }

  /** Above 0 if a is better. An album that came near is more than none. */
  private compare(a: Outcome, b: Outcome): number {
    return (
      decisionCodes[a.decision] - decisionCodes[b.decision] ||
      (a.titleScore ?? -1) - (b.titleScore ?? -1) ||
      a.score - b.score ||
      Number(a.album !== null) - Number(b.album !== null) ||
      this.compareAlbums(a.album, b.album) ||
      rules.indexOf(b.rule) - rules.indexOf(a.rule) ||
      compareCodePoints(b.spelling?.normal ?? '', a.spelling?.normal ?? '') ||
      compareCodePoints(b.spelling?.raw ?? '', a.spelling?.raw ?? '')
    );
  }

  /** Among equals the row with the very title, then the one that sorts first; of equal rows the first. */
  private compareAlbums(a: number | null, b: number | null): number {
    if (a === null || b === null || a === b) return 0;
    const x = this.row(a);
    const y = this.row(b);
    const closer = x.title === y.title ? 0 : Number(this.isSameTitle(a)) - Number(this.isSameTitle(b));
    return closer || compareRows(y, x) || b - a;
  }
}
