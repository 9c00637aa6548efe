/** Rule 3, and rule 1 for artists that are mapped to one of the library: albums under exactly this name, by the score of the title. */

import { type TitleForm } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import type { Cutoffs } from './cutoffs.js';
import { mostForNumbers, type Rule } from './decision.js';
import { hashText } from './hash-set.js';
import type { LibraryIndex } from './library-index.js';
import { scoreStep, type BestOutcome, type Outcome, type PairObserver } from './outcome.js';
import type { Spelling } from './release-spellings.js';
import type { ReleaseTitle } from './release-title.js';
import { genericTitles, selfTitles } from './telling-words.js';
import { mayMatter } from './title-glance.js';
import { differInNumbers, mayStandForName, titleReadings, titleScore } from './title-score.js';

/** An alias counts only with an equal title. */
const leastForAlias = 1 - scoreStep;

/** Whether titles are equal only in what many albums are called. */
function isGenericTitle(a: readonly TitleForm[], b: readonly TitleForm[]): boolean {
  return a.every(
    ({ key }) =>
      genericTitles.has(key) || selfTitles.has(key) || b.every((other) => other.key !== key),
  );
}

export class SameArtist {
  constructor(
    private readonly index: LibraryIndex,
    private readonly cutoffs: Cutoffs,
  ) {}

  /** Compares a release by an artist of this spelling, and tells the observer what comes near. */
  compare(
    spelling: Spelling,
    title: ReleaseTitle,
    best: BestOutcome,
    everyObserver: PairObserver | undefined,
  ): void {
    const { index } = this;
    const spelled = spelling.mappedTo ?? spelling.name;
    const looseHash = hashText(spelled.loose);
    for (const id of (spelling.ids ??= index.idsNamed(spelled))) {
      const isPart = index.names.isPart(id);
      const onlyEqual = isPart || spelling.onlyEqualTitle;
      // A lower score leads to PRUNE and is not this release's nearest album; but the release may be that album's nearest.
      const least = spelling.isAlias
        ? leastForAlias
        : best.leastScore(onlyEqual ? this.cutoffs.least.joint : this.cutoffs.least.own);
      const observer = spelling.isAlias ? undefined : everyObserver;
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
        best.offer(this.outcomeOf(spelling, onlyEqual, mayBeAnother, album, score));
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

  private outcomeOf(
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
    let decision = this.cutoffs.decide(score);
    if (onlyEqual && score < 1)
      decision = score >= this.cutoffs.keep && !spelling.isAlias ? 'REVIEW' : 'PRUNE';
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
}
