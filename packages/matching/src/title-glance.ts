/** What can be said about a release's title at a glance, whichever way the title was read. */

import type { ArtistTable } from './artist-table.js';
import { mostForNumbers, reviewCutoff } from './decision.js';
import type { SignatureTable } from './title-signature.js';

/** A release's title, as seen at a glance. */
export interface TitleGlance {
  /** Whether the title may have more readings if it is by an artist of this name. */
  mayHoldName(names: ArtistTable, id: number): boolean;
  /** Whether the library's title at this place may score `least` or more against it. */
  mayScore(signatures: SignatureTable, place: number, least: number): boolean;
  /** Whether it and the library's title at this place may differ in their numbers, and be alike by `least` or more otherwise. */
  mayDifferInNumbers(signatures: SignatureTable, place: number, least: number): boolean;
}

/** How near a release must come to an album to be news about it. */
export interface WhatIsAsked {
  /**
   * The score, 0..1, from which an observer is told about a pruned release and this album; above 1 means never.
   *
   * @param isSameArtist Whether the release is by the album's artist; otherwise it has the album's title.
   */
  least(album: number, isSameArtist: boolean): number;
}

/** Whether the library's title at this place may score `least` or more against a release's, or come as near as the observer asks. */
export function mayMatter(
  signatures: SignatureTable,
  place: number,
  title: TitleGlance,
  least: number,
  observer: WhatIsAsked | undefined,
): boolean {
  if (!observer) return title.mayScore(signatures, place, least);
  const asked = Math.min(least, observer.least(signatures.item(place), true));
  return (
    title.mayScore(signatures, place, asked) ||
    (asked <= mostForNumbers &&
      title.mayDifferInNumbers(signatures, place, Math.max(reviewCutoff, asked / mostForNumbers)))
  );
}
