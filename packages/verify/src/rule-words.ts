/** The rules and cut-offs in words, for explanations. */

import {
  doubtfulArtistCutoff,
  reviewCutoff,
  selfTitledArtistCutoff,
  similarArtistCutoff,
  type Rule,
} from '@wxyc/matching';

const words: Record<Rule, string> = {
  '0 owned by release id': 'the library or the keep-ids file names this release',
  '0 owned by master id': 'the library names its master',
  '1 mapped: keep': 'the mappings file keeps everything by this artist',
  '1 mapped: keep as library artist':
    'the mappings file says which library artist this is, and one of their titles comes near',
  '1 mapped: prune': 'the mappings file prunes this artist, and no owned album has this title',
  '2 compilation, same title': 'a compilation, and the library has one with the same title',
  '2 compilation, similar title': 'a compilation, and the library has one with a similar title',
  '3 same artist': 'an artist of the library; the titles decide',
  '3 artist of a joint album': 'one of several artists of an album; only the exact title counts',
  '4 same title, similar artist':
    'an album with the same title, by an artist whose name is similar',
  '4 same title, words of the artist':
    'an album with the same title, by an artist whose name shares words',
  '4 same title, alias of the artist':
    'an album with the same title, by an artist who also has this name',
  '4 same title, listed artist':
    'an album with the same title, and the artist is on the artist list',
  '4 same title, no artist': 'an album with the same title; the release names no main artist',
  '5 nothing alike': 'no album of the library comes near',
};

/** A rule's number with its meaning; a text that is not a rule comes back as it is. */
export function ruleInWords(rule: string): string {
  const meaning = words[rule as Rule];
  return meaning === undefined ? rule : `${rule.charAt(0)} (${meaning})`;
}

/** @param scoreCutoff From which title score on a match is kept. */
export function cutoffsInWords(scoreCutoff: number): string {
  const two = (score: number): string => score.toFixed(2);
  return (
    `titles: KEEP from ${two(scoreCutoff)}, REVIEW from ${two(Math.min(reviewCutoff, scoreCutoff))}; ` +
    `names, with an equal title: KEEP from ${two(similarArtistCutoff)} (${two(selfTitledArtistCutoff)} if the album bears the artist's name), REVIEW from ${two(doubtfulArtistCutoff)}`
  );
}
