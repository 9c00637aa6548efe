// Tests a release against the library on its bytes: steps over the record's children, looks at the credits only.
import { ByteSearch } from './byte-search.js';
import { isCompilationArtist, pythonStrip } from '@wxyc/text';
import { artistElement, artistParts, piecesOf, textElement, word, words } from './elements.js';
import { Decoder } from './field-writer.js';
import type { Judge } from './judge.js';
import { NameCache } from './name-cache.js';
import { flags, scanText, standsAt } from './text-scan.js';

/** What the screen finds. */
export const screened = {
  /** Not by an artist of the library. */
  filtered: 0,
  passes: 1,
  /** Something unusual: the strict reader must look. */
  unsure: 2,
} as const;

const slash = 0x2f;
const greaterThan = 0x3e;

/** Values of the name cache. */
const matches = 1;
const compilation = 2;

/** How a child of a release is stepped over. */
interface Child {
  name: string;
  start: Uint8Array;
  end: Buffer;
  endSearch: ByteSearch;
  kind: 'list' | 'text' | 'title' | 'artists' | 'extraartists';
}
const child = (name: string, kind: Child['kind'] = 'list'): Child => ({ name, start: word(`<${name}`), end: Buffer.from(`</${name}>`), endSearch: new ByteSearch(`</${name}>`), kind });

const children: readonly Child[] = [
  child('images'),
  child('artists', 'artists'),
  child('title', 'title'),
  child('labels'),
  child('series'),
  child('extraartists', 'extraartists'),
  child('formats'),
  child('genres'),
  child('styles'),
  child('country', 'text'),
  child('released', 'text'),
  child('notes', 'text'),
  child('data_quality', 'text'),
  child('master_id', 'text'),
  child('tracklist'),
  child('identifiers'),
  child('videos'),
  child('companies'),
];
/** Children by their first and third letters, which tell all of them apart. */
const childAt = new Map(children.map((entry) => [entry.name.charCodeAt(0) * 256 + entry.name.charCodeAt(2), entry]));

const artistsEnd = word('</artists>');
const extraArtistsEnd = word('</extraartists>');
const releaseEnd = word('</release>');
const titleParts = words('title');

export class ReleaseScreen {
  readonly #judge: Judge;
  readonly #wantsDetails: boolean;
  readonly #cache = new NameCache();
  readonly #decoder = new Decoder();
  readonly #artist = piecesOf(artistParts);
  readonly #title = piecesOf(titleParts);
  /** Pieces of the main credits' names. */
  #main: number[] = [];
  #bytes: Buffer = Buffer.alloc(0);
  #found = 0;
  /** Lists of credits met: 1 main, 2 extra. */
  #lists = 0;

  constructor(judge: Judge) {
    this.#judge = judge;
    // Decisions need title and main credits of what passes, so the walk goes to the record's end.
    this.#wantsDetails = judge.classifier !== undefined;
  }

  /** Looks at the release in `bytes[start, end)`, which must be valid UTF-8. */
  check(bytes: Buffer, start: number, end: number): number {
    this.#bytes = bytes;
    this.#main.length = 0;
    this.#title.fill(0);
    this.#found = 0;
    this.#lists = 0;
    let p = start;
    while (bytes[p] !== greaterThan) if (++p >= end) return screened.unsure;
    p++;
    while (bytes[p + 1] !== slash) {
      p = this.#child(p, end);
      if (p < 0) return screened.unsure;
      if (this.#found & matches && !this.#wantsDetails) return screened.passes;
    }
    if (p + releaseEnd.length !== end || !standsAt(bytes, p, releaseEnd)) return screened.unsure;
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

  /** Steps over the child at `p`; -1 for what is unusual. */
  #child(p: number, end: number): number {
    const bytes = this.#bytes;
    const found = childAt.get(bytes[p + 1]! * 256 + bytes[p + 3]!);
    if (!found || !standsAt(bytes, p, found.start)) return -1;
    const behind = p + found.start.length;
    if (bytes[behind] === slash && bytes[behind + 1] === greaterThan) return this.#empty(found, behind + 2);
    switch (found.kind) {
      case 'artists':
      case 'extraartists': {
        const main = found.kind === 'artists';
        if (bytes[behind] !== greaterThan || !this.#first(main)) return -1;
        return this.#credits(behind + 1, main ? artistsEnd : extraArtistsEnd, main);
      }
      case 'title':
        return textElement(bytes, p, titleParts, this.#title, 0);
      case 'text': {
        const textEnd = scanText(bytes, behind);
        return standsAt(bytes, textEnd, found.end) ? textEnd + found.end.length : -1;
      }
      default: {
        if (bytes[behind] !== greaterThan) return -1;
        const listEnd = found.endSearch.find(bytes, behind, end);
        return listEnd < 0 ? -1 : listEnd + found.end.length;
      }
    }
  }

  #empty(found: Child, behind: number): number {
    if (found.kind === 'artists' || found.kind === 'extraartists') return this.#first(found.kind === 'artists') ? behind : -1;
    if (found.kind === 'title') this.#title.fill(0);
    return behind;
  }

  /** Whether this list of credits is the record's first of its sort: a second one would replace it. */
  #first(main: boolean): boolean {
    const bit = main ? 1 : 2;
    const first = (this.#lists & bit) === 0;
    this.#lists |= bit;
    return first;
  }

  #credits(p: number, end: Uint8Array, main: boolean): number {
    const bytes = this.#bytes;
    const parts = this.#artist;
    while (bytes[p + 1] !== slash) {
      p = artistElement(bytes, p, parts);
      if (p < 0) return -1;
      if (main) this.#main.push(parts[3]!, parts[4]!, parts[5]!);
      const name = this.#look(parts[3]!, parts[4]!, parts[5]!);
      const variation = this.#look(parts[6]!, parts[7]!, parts[8]!);
      if (name < 0 || variation < 0) return -1;
      this.#found |= (main ? name : name & matches) | (variation & matches);
    }
    return standsAt(bytes, p, end) ? p + end.length : -1;
  }

  /** What the library says to the name in `bytes[start, end)`: 0, {@link matches}, {@link compilation} or both; -1 for unusual. */
  #look(start: number, end: number, seen: number): number {
    if (start === end) return 0;
    const known = this.#cache.get(this.#bytes, start, end);
    if (known >= 0) return known;
    const name = this.#string(start, end, seen);
    if (name === undefined) return -1;
    const value = (this.#judge.filter.matchesArtist(name) ? matches : 0) | (isCompilationArtist(name) ? compilation : 0);
    this.#cache.add(this.#bytes, start, end, value);
    return value;
  }

  #string(start: number, end: number, seen: number): string | undefined {
    if ((seen & (flags.entity | flags.decode)) === 0) return pythonStrip(this.#bytes.toString('utf8', start, end));
    const length = this.#decoder.decode(this.#bytes, start, end);
    return length < 0 ? undefined : pythonStrip(this.#decoder.bytes.toString('utf8', 0, length));
  }
}
