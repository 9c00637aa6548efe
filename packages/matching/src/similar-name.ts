/** Rule 4: what similar names mean when the titles are equal. */

import type { DecisionName } from '@wxyc/dataset';
import type { ArtistSpelling } from './artist-spelling.js';
import {
  doubtfulArtistCutoff,
  selfTitledArtistCutoff,
  similarArtistCutoff,
  type Rule,
} from './decision.js';
import { similarity } from './similarity.js';
import { commonNameWords, selfTitles } from './telling-words.js';
import { isNameOf } from './title-score.js';

/** Equal titles with fewer letters say little about names that share one word. */
export const shortTitle = 6;
const leastSharedWord = 3;
/** What names score for words in common. */
const sharedWordsScore = 0.9;
const doubtfulWordsScore = 0.8;
export const someWordScore = 0.75;

export interface NameEvidence {
  decision: DecisionName;
  rule: Rule;
  score: number;
}

/**
 * @param known The library's name.
 * @param title Loose form of the title that both have.
 * @returns undefined if the names have nothing to do with each other.
 */
export function similarName(
  known: ArtistSpelling,
  spelled: ArtistSpelling,
  title: string,
): NameEvidence | undefined {
  const isByOwner = selfTitles.has(title) || isNameOf(title, known);
  const isSelfTitled = isByOwner || isNameOf(title, spelled);
  const alike = similarity(known.loose, spelled.loose, doubtfulArtistCutoff);
  if (alike >= (isSelfTitled ? selfTitledArtistCutoff : similarArtistCutoff))
    return { decision: 'KEEP', rule: '4 same title, similar artist', score: alike };
  const shared = sharedWords(known, spelled);
  const byWords = (decision: DecisionName, score: number): NameEvidence => ({
    decision,
    rule: '4 same title, words of the artist',
    score,
  });
  if (isSelfTitled)
    // A library may add to a name: `The London Suede`.
    return shared.all && (shared.count > 1 || !isByOwner)
      ? byWords('REVIEW', doubtfulWordsScore)
      : undefined;
  if (shared.all)
    return title.length < shortTitle && shared.count === 1
      ? byWords('REVIEW', doubtfulWordsScore)
      : byWords('KEEP', sharedWordsScore);
  if (alike >= doubtfulArtistCutoff)
    return { decision: 'REVIEW', rule: '4 same title, similar artist', score: alike };
  return shared.some ? byWords('REVIEW', someWordScore) : undefined;
}

/** Which significant words two names share. */
function sharedWords(
  a: ArtistSpelling,
  b: ArtistSpelling,
): { all: boolean; some: boolean; count: number } {
  const few =
    a.significantWords.length <= b.significantWords.length
      ? a.significantWords
      : b.significantWords;
  const many = few === a.significantWords ? b.significantWords : a.significantWords;
  const shared = few.filter((word) => many.includes(word));
  const all =
    few.length > 0 &&
    shared.length === few.length &&
    shared.join('').length >= leastSharedWord &&
    !(shared.length === 1 && commonNameWords.has(shared[0]!));
  return {
    all,
    some: shared.some((word) => word.length >= leastSharedWord && !commonNameWords.has(word)),
    count: shared.length,
  };
}
