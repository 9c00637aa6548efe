/** What is decided about a release, and why. */

import type { DecisionName } from '@wxyc/dataset';

export type { DecisionName } from '@wxyc/dataset';

/** The rule that settled a decision; the numbers are those of the rules in the order in which they are tried. */
export type Rule =
  | '0 no main credit'
  | '1 mapped: keep'
  | '1 mapped: keep as library artist'
  | '1 mapped: keep as an artist that the library lacks'
  | '1 mapped: prune'
  | '1 mapped: prune, but owned'
  | '2 compilation, title known'
  | '2 compilation, title unknown'
  | '3 library artist, exact title'
  | '3 library artist, best title'
  | '4 no word shared with a library artist'
  | '5 similar artist, exact title'
  | '5 similar artist, best title'
  | '5 no similar artist';

/** The decision for a release, as its deciding credit has it. */
export interface Decision {
  decision: DecisionName;
  /** The main credit that decided, as the release spells it; null without one. */
  artist: string | null;
  title: string;
  /** As the library spells it. */
  matchedArtist: string | null;
  matchedTitle: string | null;
  /** 0..100: token_set_ratio of the artists; 100 for a library artist. */
  artistScore: number | null;
  /** 0..100: token_set_ratio of the titles, for compilations token_sort_ratio. */
  titleScore: number | null;
  /** 0..1: what the cut-offs are compared with. */
  score: number | null;
  rule: Rule;
}

/** A release to decide. */
export interface Candidate {
  id: number;
  title: string;
  /** Names of the main credits (extra = 0). Their order does not matter; empty names are no credits. */
  artists: string[];
}

export interface Decided {
  id: number;
  decision: Decision;
}

/** From here on a match is good enough for a person to look at. */
export const reviewCutoff = 0.65;
/** From here on it is kept; `--score-cutoff` moves it. */
export const defaultScoreCutoff = 0.75;
/** A library artist below this token_set_ratio is not similar. */
export const artistCutoff = 60;
/** A compilation's title must reach this token_sort_ratio. */
export const compilationCutoff = 80;
