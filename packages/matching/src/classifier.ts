/** KEEP, REVIEW or PRUNE for a release, by the library, the mappings and the rules that the README explains. */

import type { DecisionName } from '@wxyc/dataset';
import { option, UsageError } from '@wxyc/step';
import { isCompilationArtist, normalizeTitle, titleForms, type TitleForm } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import type { MatchBasis } from './basis.js';
import { CompilationSearch, compilationReview } from './compilation-search.js';
import { Cutoffs } from './cutoffs.js';
import { closeness, type Closeness, type Decision, type Release, type Rule } from './decision.js';
import { EqualTitle } from './equal-title.js';
import { hashText } from './hash-set.js';
import { indexable } from './indexable-name.js';
import { LibraryIndex } from './library-index.js';
import { MappedNames } from './mapped-names.js';
import { NameList } from './name-list.js';
import { bagSumOf } from './name-signs.js';
import { BestOutcome, nothingAlike, type Outcome, type PairObserver } from './outcome.js';
import { SpellingReader } from './release-spellings.js';
import { ReleaseTitle } from './release-title.js';
import { SameArtist } from './same-artist.js';
import { ReleaseScreen, verdicts } from './screen.js';

/** How many artists and albums keep their forms when few releases come near any of them. */
const fewNear = 1_000;
/** The score where no title was looked at: owned by id, or mapped. */
const certain = 1;

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
  /** Is told what comes near to albums; decisions are the same with and without one. */
  observer: PairObserver | undefined;
  private nearest = true;
  /** Library artists that mappings name but the library does not have: typing errors, or albums that were withdrawn. */
  readonly missingTargets: readonly string[];
  private readonly cutoffs: Cutoffs;
  private readonly mapped: MappedNames;
  private readonly spellings: SpellingReader;
  private readonly keepIds: ReadonlySet<number>;
  private readonly listed: NameList | undefined;
  private readonly sameArtist: SameArtist;
  private readonly equalTitle: EqualTitle;
  private searchOfCompilations: CompilationSearch | undefined;
  private screenOfAll: ReleaseScreen | undefined;

  /** @throws UsageError for a cut-off outside 0 to 1. */
  constructor(readonly basis: MatchBasis) {
    if (basis.scoreCutoff !== undefined && !option.share.accepts(basis.scoreCutoff)) {
      throw new UsageError(
        `Classifier: scoreCutoff must be ${option.share.what}, but is ${String(basis.scoreCutoff)}`,
      );
    }
    this.index = new LibraryIndex(basis.library, basis.alternates, basis.index);
    this.cutoffs = new Cutoffs(basis.scoreCutoff);
    this.mapped = new MappedNames(basis.mappings);
    this.spellings = new SpellingReader(this.mapped, basis.aliases);
    this.keepIds = new Set(basis.keepIds ?? []);
    // A library artist's own albums decide; only names without albums of their own match any album.
    const ofRows = new Set(basis.library.map(({ artist }) => artist));
    this.listed =
      basis.artists &&
      new NameList(
        basis.artists.filter(
          (name) => !ofRows.has(name) && !this.isLibraryArtist(new ArtistSpelling(name)),
        ),
      );
    this.sameArtist = new SameArtist(this.index, this.cutoffs);
    this.equalTitle = new EqualTitle(this.index, this.cutoffs, this.listed);
    this.missingTargets = this.mapped.targets.filter(
      (target) => !this.index.hasLoose(new ArtistSpelling(target).loose),
    );
  }

  /** Whether a PRUNE says which album came nearest. If not, most releases are decided at a glance; KEEP and REVIEW are the same. */
  get namesNearest(): boolean {
    return this.nearest;
  }

  set namesNearest(nearest: boolean) {
    this.nearest = nearest;
    this.index.remember(nearest ? Infinity : fewNear);
  }

  /** Settles most releases without the cost of a decision: they have nothing to do with the library, or are kept. */
  get screen(): ReleaseScreen {
    return (this.screenOfAll ??= new ReleaseScreen(this));
  }

  get compilations(): CompilationSearch {
    return (this.searchOfCompilations ??= new CompilationSearch(this.index));
  }

  /** Keys of mappings that no credit has met so far. */
  unmetMappings(): string[] {
    return this.mapped.unmet;
  }

  /** Keys of mappings that credits have met so far. */
  get metKeys(): ReadonlySet<string> {
    return this.mapped.metKeys;
  }

  private isLibraryArtist(name: ArtistSpelling): boolean {
    return this.index.artistsNamed(name).some(({ isPart }) => !isPart);
  }

  /** Whether a mapping is about this name. */
  isMapped(name: string): boolean {
    return this.mapped.has(name);
  }

  /** Whether a credit of this name, on its own, gives a release anything to be decided by. */
  meets(spelling: ArtistSpelling): boolean {
    if (isCompilationArtist(spelling.raw) || this.isMapped(spelling.raw)) return true;
    const known = (name: ArtistSpelling): boolean => this.index.artistsNamed(name).length > 0;
    return (
      known(spelling) ||
      this.listed?.has(spelling) === true ||
      spelling.parts.some((part) => known(new ArtistSpelling(part)))
    );
  }

  /** Hashes of the loose forms under which a name is known. */
  get looseHashes(): number[] {
    return [
      ...this.index.names.looseHashes,
      ...this.listedHashes,
      ...this.mappedLoose.map(hashText),
    ];
  }

  /** Sums of the word bags under which a name is known. */
  get bagSums(): number[] {
    return [...this.index.names.bagSums, ...this.listedHashes];
  }

  /** Loose forms of the names that mappings are about. */
  get mappedLoose(): string[] {
    return this.mapped.loose;
  }

  /** Whether artists have names that their releases' credits do not show. */
  get hasAliases(): boolean {
    return (this.basis.aliases?.size ?? 0) > 0;
  }

  /** Whether there is an artist list; releases without an artist are then compared with compilations too. */
  get hasListed(): boolean {
    return this.listed !== undefined;
  }

  /** Hashes of the names on the artist list that match any album: loose forms and sums of bags. */
  get listedHashes(): number[] {
    const { loose = [], bags = [] } = this.listed?.forms ?? {};
    return [...[...loose].map(hashText), ...[...bags].map(bagSumOf)];
  }

  /** What a title must score to matter, for an artist's own albums and for joint ones. */
  get leastScores(): { own: number; joint: number } {
    return this.cutoffs.least;
  }

  /** Whether a release is owned by its ids. */
  ownsId(id: number, masterId: number | null | undefined): boolean {
    return (
      this.keepIds.has(id) ||
      this.index.byReleaseId.has(id) ||
      (masterId ? this.index.byMasterId.has(masterId) : false)
    );
  }

  /** Whether any release is owned by its id. */
  get ownsByIds(): boolean {
    return this.keepIds.size + this.index.byReleaseId.size + this.index.byMasterId.size > 0;
  }

  /** Decides one release. */
  decide(release: Release): Decision {
    return this.ownsId(release.id, release.masterId) ||
      this.screen.verdictOf(release) !== verdicts.out
      ? this.decideScreened(release)
      : this.decisionFor(release, nothingAlike);
  }

  /** Decides a release that {@link screen} leaves to the classifier. */
  decideScreened(release: Release): Decision {
    const byId = this.byId(release);
    if (byId) {
      // Entries about its artists are no typing errors.
      if (this.mapped.any)
        for (const { name, variation } of release.credits)
          this.mapped.of(indexable(name), indexable(variation ?? ''));
      if (byId.album !== null) this.observer?.note(byId.album, release, byId);
      return this.decisionFor(release, byId);
    }
    const best = this.bestOf(release);
    const title = new ReleaseTitle(titleForms(release.title));
    const { forms } = title;
    const credits = this.spellings.read(release.credits);
    if (credits.kept)
      best.offer({
        ...nothingAlike,
        decision: 'KEEP',
        rule: '1 mapped: keep',
        spelling: credits.kept,
        score: certain,
      });
    if (credits.isCompilation && !credits.prunesCompilation) this.byCompilation(forms, best);
    for (const spelling of credits.list)
      this.sameArtist.compare(spelling, title, best, this.observer);
    if (best.outcome.decision !== 'KEEP')
      this.equalTitle.compare(credits, forms, best, this.observer);
    // Decided; but the library may have the same album again under a name that is spelled differently.
    else if (this.observer)
      this.equalTitle.compare(credits, forms, this.bestOf(release), this.observer);
    return this.decisionFor(release, best.outcome);
  }

  /** Tells the observer of a release that {@link screen} has just kept. */
  noteKept(releaseId: number): void {
    for (const album of this.screen.owned) this.observer?.found(album, releaseId);
  }

  private bestOf(release: Release): BestOutcome {
    const { observer } = this;
    const seen =
      observer &&
      ((outcome: Outcome): void =>
        void (outcome.album !== null && observer.note(outcome.album, release, outcome)));
    return new BestOutcome(this.index, release.title, this.namesNearest, seen);
  }

  private byId({ id, masterId }: Release): Outcome | undefined {
    const outcome = {
      decision: 'KEEP',
      spelling: null,
      artistScore: null,
      titleScore: null,
      score: certain,
    } as const;
    const owned = this.index.byReleaseId.get(id);
    if (owned !== undefined || this.keepIds.has(id))
      return { ...outcome, rule: '0 owned by release id', album: owned ?? null };
    const master = masterId ? this.index.byMasterId.get(masterId) : undefined;
    return master === undefined
      ? undefined
      : { ...outcome, rule: '0 owned by master id', album: master };
  }

  /** Rule 2. */
  private byCompilation(forms: readonly TitleForm[], best: BestOutcome): void {
    const offer = (decision: DecisionName, rule: Rule, album: number, score: number): void =>
      best.offer({
        decision,
        rule,
        album,
        spelling: null,
        artistScore: null,
        titleScore: score,
        score,
      });
    for (const { key, atMost } of forms) {
      for (const album of Array.from(this.index.compilationsTitled(key)))
        if (this.index.mostOf(album, key) !== undefined)
          offer(
            atMost >= this.cutoffs.keep ? 'KEEP' : 'REVIEW',
            '2 compilation, same title',
            album,
            atMost,
          );
    }
    if (best.outcome.decision !== 'PRUNE') return;
    for (const { album, score } of this.compilations.similar(forms, compilationReview))
      offer('REVIEW', '2 compilation, similar title', album, score);
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
    return normalizeTitle(title) === this.index.normalTitle(album)
      ? closeness.sameTitle
      : closeness.looseTitle;
  }
}
