/** Rule 4: albums with an equal title whose artist is similar, or listed, or not credited. */

import type { TitleForm } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import type { Cutoffs } from './cutoffs.js';
import { doubtfulArtistCutoff } from './decision.js';
import type { LibraryIndex } from './library-index.js';
import type { NameList } from './name-list.js';
import { signsOf } from './name-signs.js';
import { nothingAlike, type BestOutcome, type PairObserver } from './outcome.js';
import type { SpelledCredits, Spelling } from './release-spellings.js';
import { shortTitle, similarName, someWordScore } from './similar-name.js';
import { similarity } from './similarity.js';
import { genericTitles, selfTitles } from './telling-words.js';

export class EqualTitle {
  /** @param listed Names that match any album. */
  constructor(
    private readonly index: LibraryIndex,
    private readonly cutoffs: Cutoffs,
    private readonly listed: NameList | undefined,
  ) {}

  /** Compares a release that has these forms of its title, and tells the observer what comes near. */
  compare(
    credits: SpelledCredits,
    forms: readonly TitleForm[],
    best: BestOutcome,
    observer: PairObserver | undefined,
  ): void {
    if (credits.list.length === 0 && credits.isCompilation) return;
    const isListed =
      this.listed !== undefined && credits.list.some(({ name }) => this.listed!.has(name));
    for (const form of forms) {
      const isGeneric = genericTitles.has(form.key);
      for (const album of Array.from(this.index.albumsTitled(form.key))) {
        if (
          credits.list.length === 0 ||
          isListed ||
          (!isGeneric && this.mayBeLike(credits.list, album, observer))
        )
          this.byEqualTitle(credits, form, album, best);
      }
      if (!isListed && credits.list.length > 0) continue;
      for (const album of this.listed ? Array.from(this.index.compilationsTitled(form.key)) : [])
        this.byEqualTitle(credits, form, album, best);
    }
  }

  /** Whether a name may be similar to an album's artist, at a glance. */
  private mayBeLike(
    list: readonly Spelling[],
    album: number,
    observer: PairObserver | undefined,
  ): boolean {
    const { names } = this.index;
    const { first, end } = this.index.ownNames(album);
    const least = observer
      ? Math.min(doubtfulArtistCutoff, observer.least(album, false))
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
        const decision = saysLittle || score < this.cutoffs.keep ? 'REVIEW' : 'KEEP';
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
      evidence.decision === 'KEEP' && titleScore < this.cutoffs.keep ? 'REVIEW' : evidence.decision;
    best.offer({ decision, rule, album, spelling: spelled, artistScore: score, titleScore, score });
  }
}
