/** KEEP, REVIEW or PRUNE for a release, by the library, the mappings and the rules that the README explains. */

import type { DecisionName } from '@wxyc/dataset';
import { option, UsageError } from '@wxyc/step';
import { isCompilationArtist, normalizeTitle, titleForms, type TitleForm } from '@wxyc/text';
import { ArtistSpelling } from './artist-spelling.js';
import type { MatchBasis } from './basis.js';
import { CompilationSearch, compilationReview } from './compilation-search.js';
import {
  closeness,
  defaultScoreCutoff,
  doubtfulArtistCutoff,
  mostForNumbers,
  reviewCutoff,
  type Closeness,
  type Decision,
  type Release,
  type Rule,
} from './decision.js';
import { indexable } from './indexable-name.js';
import { LibraryIndex } from './library-index.js';
import { hashText } from './hash-set.js';
import { MappedNames } from './mapped-names.js';
import { NameList } from './name-list.js';
import { bagSumOf, signsOf } from './name-signs.js';
import {
  BestOutcome,
  nothingAlike,
  scoreStep,
  type Outcome,
  type PairObserver,
} from './outcome.js';
import { SpellingReader, type SpelledCredits, type Spelling } from './release-spellings.js';
import { ReleaseScreen, verdicts } from './screen.js';
import { shortTitle, similarName, someWordScore } from './similar-name.js';
import { similarity } from './similarity.js';
import { genericTitles, selfTitles } from './telling-words.js';
import { ReleaseTitle } from './release-title.js';
import { mayMatter } from './title-glance.js';
import { differInNumbers, mayStandForName, titleReadings, titleScore } from './title-score.js';

/** How many artists and albums keep their forms when few releases come near any of them. */
const fewNear = 1_000;
/** An alias counts only with an equal title. */
const leastForAlias = 1 - scoreStep;
/** The score where no title was looked at: owned by id, or mapped. */
const certain = 1;

/** Whether titles are equal only in what many albums are called. */
function isGenericTitle(a: readonly TitleForm[], b: readonly TitleForm[]): boolean {
  return a.every(
    ({ key }) =>
      genericTitles.has(key) || selfTitles.has(key) || b.every((other) => other.key !== key),
  );
}

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
  private readonly cutoff: number;
  /** A title that scores less leads to PRUNE. */
  private readonly lowestCutoff: number;
  private readonly mapped: MappedNames;
  private readonly spellings: SpellingReader;
  private readonly keepIds: ReadonlySet<number>;
  private readonly listed: NameList | undefined;
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
    this.cutoff = basis.scoreCutoff ?? defaultScoreCutoff;
    this.lowestCutoff = Math.min(reviewCutoff, this.cutoff);
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
    return { own: this.lowestCutoff - scoreStep, joint: this.cutoff - scoreStep };
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
    for (const spelling of credits.list) this.byArtist(spelling, title, best);
    if (best.outcome.decision !== 'KEEP') this.byTitle(credits, forms, best);
    // Decided; but the library may have the same album again under a name that is spelled differently.
    else if (this.observer) this.byTitle(credits, forms, this.bestOf(release));
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
            atMost >= this.cutoff ? 'KEEP' : 'REVIEW',
            '2 compilation, same title',
            album,
            atMost,
          );
    }
    if (best.outcome.decision !== 'PRUNE') return;
    for (const { album, score } of this.compilations.similar(forms, compilationReview))
      offer('REVIEW', '2 compilation, similar title', album, score);
  }

  /** Rule 3: albums by an artist of exactly this name. */
  private byArtist(spelling: Spelling, title: ReleaseTitle, best: BestOutcome): void {
    const { index } = this;
    const spelled = spelling.mappedTo ?? spelling.name;
    const looseHash = hashText(spelled.loose);
    for (const id of (spelling.ids ??= index.idsNamed(spelled))) {
      const isPart = index.names.isPart(id);
      const onlyEqual = isPart || spelling.onlyEqualTitle;
      // A lower score leads to PRUNE and is not this release's nearest album; but the release may be that album's nearest.
      const least = spelling.isAlias
        ? leastForAlias
        : best.leastScore(onlyEqual ? this.leastScores.joint : this.leastScores.own);
      const observer = spelling.isAlias ? undefined : this.observer;
      // An alias says nothing about what a title may leave out, and the screen has not seen it.
      const mayHoldName = !spelling.isAlias && title.mayHoldName(index.names, id);
      if (!mayHoldName && !this.anyMayMatter(id, title, least, observer)) continue;
      // If the names are the same in loose form, a title reads the same with either of them, except for `s/t`.
      const isLoose = index.names.looseHash(id) === looseHash;
      const isByName = (forms: readonly TitleForm[]): boolean =>
        !isLoose || forms.some(mayStandForName);
      const own = (): ArtistSpelling | undefined => index.nameAt(id, spelled)?.name;
      const name = mayHoldName && isByName(title.forms) ? own() : spelled;
      if (!name) continue;
      const readings = mayHoldName ? title.readAs(name, !spelling.onlyEqualTitle) : title;
      for (const album of this.candidates(id, readings, least, observer)) {
        const forms = index.titleForms(album);
        const artist = isByName(forms) ? own() : spelled;
        if (!artist) break;
        const asked = observer ? Math.min(least, observer.least(album, true)) : least;
        const albumReadings = titleReadings(forms, artist, !isPart);
        const score = titleScore(readings.forms, albumReadings, artist, asked);
        // Where numbers differ the score is 0, however near the titles are.
        const isNear =
          score >= asked ||
          (observer &&
            asked <= mostForNumbers &&
            forms[0] &&
            title.forms[0] &&
            differInNumbers(title.forms[0], forms[0]));
        if (!isNear) continue;
        // So far only hashes have said that the names are the same.
        if (!own()) break;
        const mayBeAnother =
          onlyEqual && score === 1 && isGenericTitle(readings.forms, albumReadings);
        best.offer(this.bySpelledArtist(spelling, onlyEqual, mayBeAnother, album, score));
      }
    }
  }

  private anyMayMatter(
    id: number,
    title: ReleaseTitle,
    least: number,
    observer: PairObserver | undefined,
  ): boolean {
    const { signatures } = this.index;
    const end = signatures.start(id + 1);
    for (let place = signatures.start(id); place < end; place += 1)
      if (mayMatter(signatures, place, title, least, observer)) return true;
    return false;
  }

  /** Albums under a name whose titles may score `least` or more, or as much as the observer asks for. */
  private candidates(
    id: number,
    title: ReleaseTitle,
    least: number,
    observer: PairObserver | undefined,
  ): ReadonlySet<number> {
    const { signatures } = this.index;
    const albums = new Set<number>();
    const end = signatures.start(id + 1);
    for (let place = signatures.start(id); place < end; place += 1) {
      const album = signatures.item(place);
      if (!albums.has(album) && mayMatter(signatures, place, title, least, observer))
        albums.add(album);
    }
    return albums;
  }

  private bySpelledArtist(
    spelling: Spelling,
    onlyEqual: boolean,
    mayBeAnother: boolean,
    album: number,
    score: number,
  ): Outcome {
    const rule: Rule = spelling.mappedTo
      ? '1 mapped: keep as library artist'
      : spelling.isAlias
        ? '4 same title, alias of the artist'
        : onlyEqual
          ? '3 artist of a joint album'
          : '3 same artist';
    let decision = this.byScore(score);
    if (onlyEqual && score < 1)
      decision = score >= this.cutoff && !spelling.isAlias ? 'REVIEW' : 'PRUNE';
    // Each of the artists may have a `Greatest Hits`.
    if (mayBeAnother) decision = 'REVIEW';
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

  /** Rule 4: albums with an equal title whose artist's name is similar. */
  private byTitle(credits: SpelledCredits, forms: readonly TitleForm[], best: BestOutcome): void {
    if (credits.list.length === 0 && credits.isCompilation) return;
    const isListed =
      this.listed !== undefined && credits.list.some(({ name }) => this.listed!.has(name));
    for (const form of forms) {
      const isGeneric = genericTitles.has(form.key);
      for (const album of Array.from(this.index.albumsTitled(form.key))) {
        if (
          credits.list.length === 0 ||
          isListed ||
          (!isGeneric && this.mayBeLike(credits.list, album))
        )
          this.byEqualTitle(credits, form, album, best);
      }
      if (!isListed && credits.list.length > 0) continue;
      for (const album of this.listed ? Array.from(this.index.compilationsTitled(form.key)) : [])
        this.byEqualTitle(credits, form, album, best);
    }
  }

  /** Whether a name may be similar to an album's artist, judged at a glance. */
  private mayBeLike(list: readonly Spelling[], album: number): boolean {
    const { names } = this.index;
    const { first, end } = this.index.ownNames(album);
    const least = this.observer
      ? Math.min(doubtfulArtistCutoff, this.observer.least(album, false))
      : doubtfulArtistCutoff;
    for (const spelling of list) {
      const signs = (spelling.signs ??= signsOf(spelling.name));
      for (let id = first; id < end; id += 1)
        if (names.mayBeSimilar(id, signs, 0, least) || names.mayShareWords(id, signs.words))
          return true;
    }
    return false;
  }

  private byEqualTitle(
    { list, isCompilation }: SpelledCredits,
    form: TitleForm,
    album: number,
    best: BestOutcome,
  ): void {
    const { key } = form;
    const atMost = this.index.mostOf(album, key);
    // A different title with the same hash.
    if (atMost === undefined) return;
    const artist = this.index.artist(album);
    const isGeneric = genericTitles.has(key);
    // `s/t` says as little where no names are compared.
    const saysLittle = isGeneric || selfTitles.has(key);
    const score = Math.min(form.atMost, atMost);
    if (list.length === 0 && !isCompilation && !saysLittle && key.length >= shortTitle) {
      best.offer({
        decision: 'REVIEW',
        rule: '4 same title, no artist',
        album,
        spelling: null,
        artistScore: null,
        titleScore: score,
        score: someWordScore,
      });
    }
    for (const spelling of list) {
      if (spelling.pruned || spelling.mappedTo) continue;
      if (this.listed?.has(spelling.name)) {
        const decision = saysLittle || score < this.cutoff ? 'REVIEW' : 'KEEP';
        best.offer({
          decision,
          rule: '4 same title, listed artist',
          album,
          spelling: spelling.name,
          artistScore: null,
          titleScore: score,
          score,
        });
      }
      if (isGeneric || !artist || spelling.onlyEqualTitle) continue;
      for (const name of artist.names)
        this.bySimilarName(spelling.name, name, key, album, score, best);
    }
  }

  private bySimilarName(
    spelled: ArtistSpelling,
    name: ArtistSpelling,
    title: string,
    album: number,
    titleScore: number,
    best: BestOutcome,
  ): void {
    // Most likely by another artist: no reason to keep it, but it is the nearest for an album that nothing else comes near.
    if (best.seen) {
      const artistScore = similarity(name.loose, spelled.loose);
      best.seen({
        ...nothingAlike,
        album,
        spelling: spelled,
        artistScore,
        titleScore,
        score: artistScore,
      });
    }
    const evidence = similarName(name, spelled, title);
    if (!evidence) return;
    const { rule, score } = evidence;
    // If it is uncertain whether a reading is the title, so is the decision.
    const decision =
      evidence.decision === 'KEEP' && titleScore < this.cutoff ? 'REVIEW' : evidence.decision;
    best.offer({ decision, rule, album, spelling: spelled, artistScore: score, titleScore, score });
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
    return normalizeTitle(title) === this.index.normalTitle(album)
      ? closeness.sameTitle
      : closeness.looseTitle;
  }
}
