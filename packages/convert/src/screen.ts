// Tests a release against the library on its bytes, by nothing but its credits and its title.
import {
  verdicts,
  type NameScreen,
  type ReleaseScreen as LibraryScreen,
  type Selection,
  type TextPlace,
  type Verdict,
} from '@wxyc/matching';
import { isWhiteSpace } from '@wxyc/text';
import { artistElement, artistParts, piecesOf, textElement, word, words } from './elements.js';
import { Decoder } from './field-writer.js';
import { frameFields } from './frame-table.js';
import { flags, standsAt } from './text-scan.js';

/** What the screen finds. */
export const screened = {
  /** Nothing in common with the library. */
  out: 0,
  /** A credit is on the artist list. */
  passes: 1,
  /** The library decides. */
  decide: 2,
  /** Something unusual: the strict reader must look. */
  unsure: 3,
  /** The library keeps it: nothing is left to decide. */
  kept: 4,
} as const;

const ofVerdict = {
  [verdicts.out]: screened.out,
  [verdicts.perhaps]: screened.decide,
  [verdicts.kept]: screened.kept,
} as const;

/** Flags of a scan which mean that the bytes are not the text itself. */
const encoded = flags.entity | flags.decode;

const slash = 0x2f;
const artistsStart = word('<artists>');
const artistsEnd = word('</artists>');
const extraArtistsStart = word('<extraartists>');
const extraArtistsEnd = word('</extraartists>');
const titleParts = words('title');
/** Places of the name and of the printed name among {@link artistParts}' pieces. */
const namePiece = 3;
const variationPiece = 6;

/** Whether a name has newlines, or white space at its ends, to be repaired. The cache does not have those, and the name is decided as in the cache. */
function needsTrim({ bytes, start, end }: TextPlace): boolean {
  for (let p = start; p < end; p++) if (bytes[p] === 0x0a || bytes[p] === 0x0d) return true;
  return start < end && (isSpace(bytes, start) || isSpace(bytes, lastCharacter(bytes, start, end)));
}

/** Where the last character begins. */
function lastCharacter(bytes: Uint8Array, start: number, end: number): number {
  let p = end - 1;
  while (p > start && (bytes[p]! & 0xc0) === 0x80) p--;
  return p;
}

function isSpace(bytes: Uint8Array, p: number): boolean {
  const byte = bytes[p]!;
  if (byte < 0x80) return isWhiteSpace(byte);
  // White space has two or three bytes.
  if (byte === 0xc2) return isWhiteSpace(bytes[p + 1]!);
  if (byte < 0xe1 || byte > 0xe3) return false;
  return isWhiteSpace(
    ((byte & 0x0f) << 12) | ((bytes[p + 1]! & 0x3f) << 6) | (bytes[p + 2]! & 0x3f),
  );
}

/** A main credit as bytes: pieces of artist id, name and printed name. */
const creditSize = 9;

export class ReleaseScreen {
  readonly #names: NameScreen | undefined;
  readonly #library: LibraryScreen | undefined;
  readonly #decidesAll: boolean;
  readonly #decoders = [new Decoder(), new Decoder()] as const;
  readonly #artist = piecesOf(artistParts);
  readonly #title = piecesOf(titleParts);
  /** Pieces of the main credits, and how many there are. */
  #main = new Int32Array(64 * creditSize);
  #mainCount = 0;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(selection: Selection) {
    const { classifier } = selection;
    this.#names = selection.nameScreen;
    this.#library = classifier?.screen;
    // Ids are where the screen does not look.
    this.#decidesAll = classifier?.ownsByIds ?? false;
  }

  /** Looks at the release whose walked frame begins at `frames[at]`; `bytes` must be valid UTF-8. */
  check(bytes: Buffer, frames: Uint32Array, at: number): number {
    this.#bytes = bytes;
    this.#mainCount = 0;
    this.#title.fill(0);
    const artists = frames[at + frameFields.artists]!;
    const extraArtists = frames[at + frameFields.extraArtists]!;
    const title = frames[at + frameFields.title]!;
    if (title > 0 && textElement(bytes, title, titleParts, this.#title, 0) < 0)
      return screened.unsure;
    if (artists > 0 && !this.#readCredits(artists)) return screened.unsure;
    if (this.#names) {
      const found = this.#checkNames(this.#names, extraArtists);
      if (found !== screened.out) return found;
    }
    if (!this.#library) return screened.out;
    return this.#decidesAll ? screened.decide : ofVerdict[this.#verdict(this.#library)];
  }

  /** Main credits of the release that was just checked; undefined if one needs repair. */
  credits(): { name: string; variation: string; artistId: number }[] | undefined {
    const credits: { name: string; variation: string; artistId: number }[] = [];
    for (let i = 0; i < this.#mainCount; i += creditSize) {
      const name = this.#string(i + namePiece);
      const variation = this.#string(i + variationPiece);
      if (name === undefined || variation === undefined) return undefined;
      credits.push({
        name,
        variation,
        artistId: Number(this.#bytes.toString('latin1', this.#main[i], this.#main[i + 1])),
      });
    }
    return credits;
  }

  /** Its title; undefined if it needs repair. */
  title(): string | undefined {
    return this.#text(this.#title[0]!, this.#title[1]!, this.#title[2]!);
  }

  /** Notes the main credits; false for unusual ones. */
  #readCredits(p: number): boolean {
    const bytes = this.#bytes;
    const parts = this.#artist;
    if (!standsAt(bytes, p, artistsStart)) return false;
    p += artistsStart.length;
    while (bytes[p + 1] !== slash) {
      p = artistElement(bytes, p, parts);
      if (p < 0) return false;
      if (this.#mainCount === this.#main.length) this.#grow();
      for (let piece = 0; piece < creditSize; piece++)
        this.#main[this.#mainCount++] = parts[piece]!;
    }
    return standsAt(bytes, p, artistsEnd);
  }

  #grow(): void {
    const longer = new Int32Array(2 * this.#main.length);
    longer.set(this.#main);
    this.#main = longer;
  }

  /** Looks all credits up in the artist list. */
  #checkNames(screen: NameScreen, extraArtists: number): number {
    let joint = 0;
    let jointVariations = 0;
    for (let i = 0; i < this.#mainCount; i += creditSize) {
      const name = this.#look(screen, this.#main, i + namePiece);
      const variation = this.#look(screen, this.#main, i + variationPiece);
      if (name === undefined || variation === undefined) return screened.unsure;
      if ((name | variation) & 1) return screened.passes;
      joint = (joint + name) | 0;
      jointVariations = (jointVariations + (variation || name)) | 0;
    }
    // The strict reader joins the names, which are rarely several.
    if (
      this.#mainCount > creditSize &&
      (screen.mayBeJoint(joint) || screen.mayBeJoint(jointVariations))
    )
      return screened.unsure;
    return extraArtists > 0 ? this.#checkExtra(screen, extraArtists) : screened.out;
  }

  #checkExtra(screen: NameScreen, p: number): number {
    const bytes = this.#bytes;
    const parts = this.#artist;
    if (!standsAt(bytes, p, extraArtistsStart)) return screened.unsure;
    p += extraArtistsStart.length;
    while (bytes[p + 1] !== slash) {
      p = artistElement(bytes, p, parts);
      if (p < 0) return screened.unsure;
      const name = this.#look(screen, parts, namePiece);
      const variation = this.#look(screen, parts, variationPiece);
      if (name === undefined || variation === undefined) return screened.unsure;
      if ((name | variation) & 1) return screened.passes;
    }
    return standsAt(bytes, p, extraArtistsEnd) ? screened.out : screened.unsure;
  }

  /** The screen's answer for the piece that is a name: 0 for an empty one, undefined for one that needs repair. */
  #look(screen: NameScreen, pieces: ArrayLike<number>, at: number): number | undefined {
    const start = pieces[at]!;
    const end = pieces[at + 1]!;
    if (start === end) return 0;
    if ((pieces[at + 2]! & encoded) === 0) return screen.look(this.#bytes, start, end);
    const decoder = this.#decoders[0];
    const length = decoder.decode(this.#bytes, start, end);
    return length < 0 ? undefined : screen.look(decoder.bytes, 0, length);
  }

  #verdict(screen: LibraryScreen): Verdict {
    screen.begin();
    for (let i = 0; i < this.#mainCount; i += creditSize) {
      const name = this.#decoded(this.#main, i + namePiece, 0);
      const variation = this.#decoded(this.#main, i + variationPiece, 1);
      // The strict reader, which repairs, has the last word.
      if (!name || !variation || needsTrim(name) || needsTrim(variation)) return verdicts.perhaps;
      screen.credit(name, variation);
    }
    const title = this.#decoded(this.#title, 0, 0);
    return title ? screen.verdict(title) : verdicts.perhaps;
  }

  /** Where the text of a piece is, without entities; undefined for one that needs repair. */
  #decoded(
    pieces: ArrayLike<number>,
    at: number,
    decoder: 0 | 1,
  ): { bytes: Uint8Array; start: number; end: number } | undefined {
    const start = pieces[at]!;
    const end = pieces[at + 1]!;
    if ((pieces[at + 2]! & encoded) === 0) return { bytes: this.#bytes, start, end };
    const length = this.#decoders[decoder].decode(this.#bytes, start, end);
    return length < 0 ? undefined : { bytes: this.#decoders[decoder].bytes, start: 0, end: length };
  }

  #string(at: number): string | undefined {
    return this.#text(this.#main[at]!, this.#main[at + 1]!, this.#main[at + 2]!);
  }

  #text(start: number, end: number, seen: number): string | undefined {
    if ((seen & encoded) === 0) return this.#bytes.toString('utf8', start, end);
    const decoder = this.#decoders[0];
    const length = decoder.decode(this.#bytes, start, end);
    return length < 0 ? undefined : decoder.bytes.toString('utf8', 0, length);
  }
}
