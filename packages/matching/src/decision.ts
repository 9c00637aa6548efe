/** What is decided about a release, and why. */

import type { DecisionName } from '@wxyc/dataset';

export type { DecisionName } from '@wxyc/dataset';

/** Raised when a change of the rules changes decisions, so that stored ones are made again. */
export const rulesVersion = 4;

/** The rules; the README explains each by its number. If two say the same about an album, the decision names the one listed first. */
export const rules = [
  '0 owned by release id',
  '0 owned by master id',
  '1 mapped: keep',
  '1 mapped: keep as library artist',
  '1 mapped: prune',
  '2 compilation, same title',
  '2 compilation, similar title',
  '3 same artist',
  '3 artist of a joint album',
  '4 same title, similar artist',
  '4 same title, words of the artist',
  '4 same title, alias of the artist',
  '4 same title, listed artist',
  '4 same title, no artist',
  '5 nothing alike',
] as const;

/** The rule that settled a decision. */
export type Rule = (typeof rules)[number];

/** A main credit (extra = 0) of a release. */
export interface Credit {
  /** The artist's name on Discogs. */
  name: string;
  /** The name as printed (`anv`), if it differs. */
  variation?: string | undefined;
  /** The artist's id on Discogs. */
  artistId?: number | undefined;
}

/** Releases by decision. */
export interface DecisionCounts {
  keep: number;
  review: number;
  prune: number;
}

/** What decisions are made from. The order of the credits does not matter; credits without a name do not count. */
export interface Release {
  /** The id on Discogs; 0 for an album that is not from there. */
  id: number;
  /** 0 and null mean none. */
  masterId?: number | null | undefined;
  title: string;
  credits: readonly Credit[];
}

/** How closely a release matches its album; dedup prefers the higher one. */
export const closeness = {
  none: 0,
  similarTitle: 1,
  looseTitle: 2,
  sameTitle: 3,
  byId: 4,
} as const;
export type Closeness = (typeof closeness)[keyof typeof closeness];

/** The decision for a release, by the spelling and the library album that match best. */
export interface Decision {
  decision: DecisionName;
  rule: Rule;
  /** The spelling of the release's artist that decided; null where no artist did. */
  spelling: string | null;
  title: string;
  /** The library album: its place among the library's rows, from 0. Null if none comes near. */
  album: number | null;
  /** As the library spells them. */
  libraryArtist: string | null;
  libraryTitle: string | null;
  /** 0..1: similarity of the artists' names, 1 for the same artist; null where names were not compared. */
  artistScore: number | null;
  /** 0..1: the title score. */
  titleScore: number | null;
  /** 0..1: what the cut-offs are compared with. */
  score: number;
  closeness: Closeness;
}

/** A decided release. */
export interface Decided {
  id: number;
  decision: Decision;
}

/** From this title score on a match is kept; `--score-cutoff` moves it. */
export const defaultScoreCutoff = 0.9;
/** From here on a match is good enough for a person to look at. */
export const reviewCutoff = 0.8;
/** Titles that differ in their numbers are less near than any that a person is asked about. */
export const mostForNumbers = reviewCutoff - 0.01;
/** Same title: from here on a similar name is the same artist. */
export const similarArtistCutoff = 0.85;
/** The same for an album that bears the artist's name. */
export const selfTitledArtistCutoff = 0.9;
/** Same title: from here on a similar name is for a person to look at. */
export const doubtfulArtistCutoff = 0.75;
