// Tests a release against the library on its bytes, by its credits alone.
import { isCompilationArtist, pythonStrip } from '@wxyc/text';
import { artistElement, artistParts, piecesOf, textElement, word, words } from './elements.js';
import { Decoder } from './field-writer.js';
import { frameFields } from './frame-table.js';
import type { Judge } from './judge.js';
import { NameCache } from './name-cache.js';
import { PlainNames } from './plain-names.js';
import { flags, standsAt } from './text-scan.js';

/** What the screen finds. */
export const screened = {
  /** Not by an artist of the library. */
  filtered: 0,
  passes: 1,
  /** Something unusual: the strict reader must look. */
  unsure: 2,
} as const;

/** Names remembered that are not plain ones. */
const mostNames = 64 * 1024;
/** What the scan of a name sees that makes it no plain one. */
const notPlain = flags.entity | flags.decode | flags.wide | flags.lineFeed;

/** Values of the name cache. */
const matches = 1;
const compilation = 2;

const slash = 0x2f;
const artistsStart = word('<artists>');
const artistsEnd = word('</artists>');
const extraArtistsStart = word('<extraartists>');
const extraArtistsEnd = word('</extraartists>');
const titleParts = words('title');

export class ReleaseScreen {
  readonly #judge: Judge;
  readonly #cache = new NameCache(mostNames);
  readonly #plain: PlainNames;
  readonly #decoder = new Decoder();
  readonly #artist = piecesOf(artistParts);
  readonly #title = piecesOf(titleParts);
  /** Pieces of the main credits' names. */
  #main: number[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #found = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
    this.#plain = new PlainNames(judge.filter.forms);
  }

  /** Looks at the release whose walked frame begins at `frames[at]`; `bytes` must be valid UTF-8. */
  check(bytes: Buffer, frames: Uint32Array, at: number): number {
    this.#bytes = bytes;
    this.#main.length = 0;
    this.#title.fill(0);
    this.#found = 0;
    const artists = frames[at + frameFields.artists]!;
    const extraArtists = frames[at + frameFields.extraArtists]!;
    const title = frames[at + frameFields.title]!;
    if (title > 0 && textElement(bytes, title, titleParts, this.#title, 0) < 0) return screened.unsure;
    if (artists > 0 && !this.#credits(artists, artistsStart, artistsEnd, true)) return screened.unsure;
    if (this.#found & matches) return screened.passes;
    if (extraArtists > 0 && !this.#credits(extraArtists, extraArtistsStart, extraArtistsEnd, false)) return screened.unsure;
    if (this.#found & matches) return screened.passes;
    return this.#found & compilation ? this.#checkCompilation() : screened.filtered;
  }

  /** Names of the main credits of the release that was just checked; undefined if one needs repair. */
  mainArtists(): string[] | undefined {
    const names: string[] = [];
    for (let i = 0; i < this.#main.length; i += 3) {
      const name = this.#string(this.#main[i]!, this.#main[i + 1]!, this.#main[i + 2]!);
      if (name === undefined) return undefined;
      names.push(name);
    }
    return names;
  }

  /** Its title; undefined if it needs repair. */
  title(): string | undefined {
    return this.#string(this.#title[0]!, this.#title[1]!, this.#title[2]!);
  }

  #checkCompilation(): number {
    const title = this.title();
    const artists = this.mainArtists();
    if (title === undefined || artists === undefined) return screened.unsure;
    return artists.some((artist) => this.#judge.filter.keepsCompilation(artist, title)) ? screened.passes : screened.filtered;
  }

  /** Looks up the names of a list of credits; false for an unusual one. */
  #credits(p: number, start: Uint8Array, end: Uint8Array, main: boolean): boolean {
    const bytes = this.#bytes;
    const parts = this.#artist;
    if (!standsAt(bytes, p, start)) return false;
    p += start.length;
    while (bytes[p + 1] !== slash) {
      p = artistElement(bytes, p, parts);
      if (p < 0) return false;
      if (main) this.#main.push(parts[3]!, parts[4]!, parts[5]!);
      const name = this.#look(parts[3]!, parts[4]!, parts[5]!);
      const variation = this.#look(parts[6]!, parts[7]!, parts[8]!);
      if (name < 0 || variation < 0) return false;
      this.#found |= (main ? name : name & matches) | (variation & matches);
    }
    return standsAt(bytes, p, end);
  }

  /** What the library says to the name in `bytes[start, end)`: 0, {@link matches}, {@link compilation} or both; -1 for unusual. */
  #look(start: number, end: number, seen: number): number {
    if (start === end) return 0;
    if ((seen & notPlain) === 0) {
      const found = this.#plain.look(this.#bytes, start, end);
      if (found >= 0) return found;
    }
    const known = this.#cache.get(this.#bytes, start, end);
    if (known >= 0) return known;
    const name = this.#string(start, end, seen);
    if (name === undefined) return -1;
    const value = (this.#judge.filter.lookUpArtist(name) ? matches : 0) | (isCompilationArtist(name) ? compilation : 0);
    this.#cache.add(this.#bytes, start, end, value);
    return value;
  }

  #string(start: number, end: number, seen: number): string | undefined {
    if ((seen & (flags.entity | flags.decode)) === 0) return pythonStrip(this.#bytes.toString('utf8', start, end));
    const length = this.#decoder.decode(this.#bytes, start, end);
    return length < 0 ? undefined : pythonStrip(this.#decoder.bytes.toString('utf8', 0, length));
  }
}
