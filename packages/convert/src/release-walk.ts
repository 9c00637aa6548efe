// Frames a release in its usual shape by stepping from child to child, and notes on the way what later steps need to know:
// how many track elements it has, and where its credits and its title are.
//
// Each byte is looked at once. -1 means that the release is unusual and left to the framer and the strict reader.
import { startTag, word, words } from './elements.js';
import { listEnd, type ListEnd, type ListWalk } from './list-walk.js';
import { scanText, standsAt } from './text-scan.js';

const greaterThan = 0x3e;
const slash = 0x2f;

const releaseStart = word('<release');
const releaseEnd = word('</release>');
const attributeNames = words('id', 'status');

const sorts = { list: 0, text: 1, artists: 2, extraArtists: 3, title: 4 } as const;

interface Child {
  start: Uint8Array;
  end: ListEnd;
  sort: number;
}

const lists = [
  'images',
  'labels',
  'series',
  'formats',
  'genres',
  'styles',
  'tracklist',
  'identifiers',
  'videos',
  'companies',
];
const texts = ['country', 'released', 'notes', 'data_quality', 'master_id'];
const child = (name: string, sort: number): [string, Child] => [
  name,
  { start: word(`<${name}`), end: listEnd(name), sort },
];
const children = [
  ...lists.map((name) => child(name, sorts.list)),
  ...texts.map((name) => child(name, sorts.text)),
  child('artists', sorts.artists),
  child('extraartists', sorts.extraArtists),
  child('title', sorts.title),
];

/** Children by the first and the third letter of their names, which distinguish all of them. */
const childAt: (Child | undefined)[] = Array.from({ length: 1024 }, () => undefined);
const place = (first: number, third: number): number => ((first & 31) << 5) | (third & 31);
for (const [name, entry] of children)
  childAt[place(name.charCodeAt(0), name.charCodeAt(2))] = entry;

export class ReleaseWalk {
  /** Track elements of the release that was walked last. */
  tracks = 0;
  /** Offsets of its children; 0 for those that are missing or empty. */
  artists = 0;
  extraArtists = 0;
  title = 0;
  readonly #attributes = new Int32Array(attributeNames.length * 3);
  readonly #lists: ListWalk;
  #seen = 0;

  constructor(lists: ListWalk) {
    this.#lists = lists;
  }

  /**
   * Walks the release that begins at `start`. Returns the offset after its end tag, or -1 if it is unusual, or does not
   * end in `bytes[start, to)` of the {@link ListWalk}.
   *
   * A release that is walked holds no comment, CDATA section or processing instruction and no other record; inside its
   * lists it is not looked at further.
   */
  walk(start: number, to: number): number {
    const { bytes } = this.#lists;
    let p = startTag(bytes, start, to, releaseStart, attributeNames, this.#attributes);
    if (p < 0 || bytes[p] !== greaterThan) return -1;
    this.tracks = 0;
    this.artists = 0;
    this.extraArtists = 0;
    this.title = 0;
    this.#seen = 0;
    p++;
    while (bytes[p + 1] !== slash) {
      if (p >= to) return -1;
      p = this.#child(bytes, p, to);
      if (p < 0) return -1;
    }
    const end = p + releaseEnd.length;
    return end <= to && standsAt(bytes, p, releaseEnd) ? end : -1;
  }

  #child(bytes: Uint8Array, p: number, to: number): number {
    const found = childAt[place(bytes[p + 1]!, bytes[p + 3]!)];
    if (!found || !standsAt(bytes, p, found.start)) return -1;
    const behind = p + found.start.length;
    const { sort } = found;
    // If a child occurs twice, the last one counts, but only one place is noted for these.
    if (sort >= sorts.artists) {
      if (this.#seen & (1 << sort)) return -1;
      this.#seen |= 1 << sort;
    }
    if (bytes[behind] === slash && bytes[behind + 1] === greaterThan) return behind + 2;
    if (sort === sorts.text || sort === sorts.title) {
      if (sort === sorts.title) this.title = p;
      const textEnd = scanText(bytes, behind);
      return standsAt(bytes, textEnd, found.end.tag) ? textEnd + found.end.tag.length : -1;
    }
    if (bytes[behind] !== greaterThan) return -1;
    if (sort === sorts.artists) this.artists = p;
    else if (sort === sorts.extraArtists) this.extraArtists = p;
    const listEnd = this.#lists.find(behind + 1, to, found.end);
    if (listEnd < 0) return -1;
    this.tracks += this.#lists.tracks;
    return listEnd + found.end.tag.length;
  }
}
