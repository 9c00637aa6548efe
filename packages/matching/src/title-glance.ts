/** What a glance at a release's title says, whichever way the title was read. */

import type { ArtistTable } from './artist-table.js';
import { mostForNumbers, reviewCutoff } from './decision.js';
import type { SignatureTable } from './title-signature.js';

/** What a glance says of a release's title. */
export interface TitleGlance {
  /** Whether it may say more as one by an artist of this name. */
  mayHoldName(names: ArtistTable, id: number): boolean;
  /** Whether the title at a place may score `least` or more against it. */
  mayScore(signatures: SignatureTable, place: number, least: number): boolean;
  /** Whether it and the title at a place may be different in numbers, and alike by `least` or more but for those. */
  mayDifferInNumbers(signatures: SignatureTable, place: number, least: number): boolean;
}

/** How near a release must come to an album to say more of it than is known. */
export interface WhatIsAsked {
  /**
   * What a release that prunes must come to, 0..1, for an observer to be told of it and this album; above 1 if none is asked for.
   *
   * @param isSameArtist Whether the release is by the album's artist; else it has the album's title.
   */
  least(album: number, isSameArtist: boolean): number;
}

/** Whether the title at a place may score `least` or more against a release's, or come as near as is asked. */
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
