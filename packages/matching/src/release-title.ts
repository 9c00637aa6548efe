/** A release's title in the forms in which it is compared with many albums. */

import type { TitleForm } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import type { ArtistTable } from './artist-table.js';
import { hashStart, hashUnit } from './hash-set.js';
import type { TitleGlance } from './title-glance.js';
import { mayStandForName, nameSlack, titleReadings } from './title-score.js';
import { FormSigns, type SignatureTable } from './title-signature.js';

const smallA = 0x61;
const smallE = 0x65;
const smallO = 0x6f;
const smallS = 0x73;
const smallU = 0x75;

/** Longer names are assumed to be in any title that has their letters. */
const longestName = 200;

export class ReleaseTitle implements TitleGlance {
  private signList: readonly FormSigns[] | undefined;
  private nameHashes: number[] | undefined;

  constructor(readonly forms: readonly TitleForm[]) {}

  private get signs(): readonly FormSigns[] {
    return (this.signList ??= this.forms.map((form) => new FormSigns(form)));
  }

  mayScore(signatures: SignatureTable, place: number, least: number): boolean {
    return this.signs.some((signs) => signatures.mayScore(place, signs, least));
  }

  mayDifferInNumbers(signatures: SignatureTable, place: number, least: number): boolean {
    return this.signs.some((signs) => signatures.mayDifferInNumbers(place, signs, least));
  }

  /** Whether {@link readAs} may find more readings than the plain forms, given a name of the library. */
  mayHoldName(names: ArtistTable, id: number): boolean {
    if (this.forms.some(mayStandForName)) return true;
    if (!this.forms.some(({ letters, key }) => names.isWithin(id, letters, key.length)))
      return false;
    return (
      names.lengthOf(id) > longestName - nameSlack ||
      (this.nameHashes ??= namesIn(this.forms)).includes(names.looseHash(id))
    );
  }

  /** The title, read as one by an artist of this name. */
  readAs(name: ArtistSpelling, isWhole: boolean): ReleaseTitle {
    const readings = titleReadings(this.forms, name, isWhole);
    return readings === this.forms ? this : new ReleaseTitle(readings);
  }
}

/** Hashes of the loose forms of all names that the title may begin or end with. */
function namesIn(forms: readonly TitleForm[]): number[] {
  const hashes: number[] = [];
  for (const { words, key } of forms) {
    if (words.length < 2) continue;
    let end = 0;
    for (let word = 0; word < words.length - 1; word += 1) {
      end += words[word]!.length;
      if (end > longestName) break;
      hashes.push(looseHash(key, 0, end));
      // Timbaland's Shock Value.
      if (key.charCodeAt(end - 1) === smallS) hashes.push(looseHash(key, 0, end - 1));
    }
    let start = key.length;
    for (let word = words.length - 1; word > 0; word -= 1) {
      start -= words[word]!.length;
      if (key.length - start > longestName) break;
      hashes.push(looseHash(key, start, key.length));
    }
  }
  return hashes;
}

/** Hash of the loose form of a name with these letters: an e after a, o or u does not count. */
function looseHash(key: string, start: number, end: number): number {
  let hash = hashStart;
  let last = 0;
  for (let at = start; at < end; at += 1) {
    const unit = key.charCodeAt(at);
    if (unit === smallE && (last === smallA || last === smallO || last === smallU)) continue;
    hash = hashUnit(hash, unit);
    last = unit;
  }
  return hash;
}
