/**
 * Who made what: artists, albums and their pressings, each computed from its number. Nothing is stored, so a sample of a
 * million releases needs no more memory than one of ten.
 */
import { albumTitle, artistName, compilationTitle, withoutNumber } from './names.js';
import { Random, scramble } from './random.js';
import type { Script } from './words.js';

export interface SampleOptions {
  /** How many releases the dump has. */
  releases: number;
  /** The same seed gives the same sample. Default 1. */
  seed?: number | undefined;
}

/** An artistic work; its pressings share a master. */
export interface Album {
  key: number;
  /** Null for an album with a single release and no master. */
  masterId: number | null;
  /** Credited to `Various`. */
  compilation: boolean;
  /** Numbers of its main artists; empty for compilations and for the rare release without a credit. */
  artists: number[];
  title: string;
  script: Script;
  year: number;
}

const streams = { slot: 31, cast: 32, album: 33, pressing: 34, sleeve: 36 } as const;

export class World {
  readonly seed: number;
  readonly releases: number;
  readonly artists: number;
  readonly people: number;
  readonly labels: number;
  private readonly masters: number;
  private readonly names = new Map<number, string>();

  constructor({ releases, seed = 1 }: SampleOptions) {
    this.seed = seed;
    this.releases = releases;
    this.artists = Math.max(40, Math.round(releases / 3));
    this.people = Math.max(60, Math.round(releases / 2));
    this.labels = Math.max(20, Math.round(releases / 12));
    this.masters = Math.max(10, Math.round(releases * 0.22));
  }

  /** Ids ascend and use about half of their range, as in a real dump. */
  releaseId(index: number): number {
    return 2 * index + 1 + (scramble(this.seed, 35, index) & 1);
  }

  /** The album of release number `index`: 42 % have one of their own, the others share masters. */
  albumKey(index: number): number {
    const random = new Random(this.seed, streams.slot, index);
    return random.chance(0.42) ? this.masters + index : random.skewed(this.masters, 1.4);
  }

  /** Only its artists: much cheaper than the whole album. */
  cast(key: number): { compilation: boolean; artists: number[] } {
    const random = new Random(this.seed, streams.cast, key);
    const kind = random.next();
    if (kind < 0.07) return { compilation: true, artists: [] };
    if (kind < 0.071) return { compilation: false, artists: [] };
    const count = kind < 0.86 ? 1 : kind < 0.96 ? 2 : random.between(3, 5);
    const artists = new Set<number>();
    while (artists.size < count) artists.add(this.someArtist(random));
    return { compilation: false, artists: [...artists] };
  }

  /** The number of an artist; well-known ones (low numbers) turn up up to 33 times as often as the average. */
  someArtist(random: Random): number {
    const u = random.next();
    return Math.floor(this.artists * (0.03 * u + 0.97 * u ** 3));
  }

  album(key: number): Album {
    const cast = this.cast(key);
    const random = new Random(this.seed, streams.album, key);
    const artist = cast.artists.length ? this.artistName(cast.artists[0]!) : 'Various';
    const script = scriptOfText(artist);
    return {
      key,
      masterId: key < this.masters ? 1000 + key * 7 : null,
      ...cast,
      title: cast.compilation ? compilationTitle(random) : albumTitle(random, script, artist),
      script,
      year: 2023 - random.skewed(70, 1.5),
    };
  }

  /** 6 % of the pressings have a title other than their album's: a translation, a retitled re-release. */
  hasOwnTitle(index: number): boolean {
    return new Random(this.seed, streams.pressing, index).chance(0.06);
  }

  /** As Discogs writes it, with the number of a namesake. Popular names are remembered. */
  artistName(index: number): string {
    const known = this.names.get(index);
    if (known !== undefined) return known;
    const name = artistName(this.seed, index);
    if (this.names.size < 50_000) this.names.set(index, name);
    return name;
  }

  /** The name as an album's sleeve prints it (`J. Coltrane`) if it differs; else empty. All pressings have the same. */
  printedName(key: number, artist: number): string {
    const [, first, last] = /^(\p{Lu})\p{Ll}+ (\p{L}+)$/u.exec(this.plainName(artist)) ?? [];
    return first && new Random(this.seed, streams.sleeve, key).chance(0.2)
      ? `${first}. ${last}`
      : '';
  }

  /** Discogs' id of the artist. */
  artistId(index: number): number {
    return 400 + index * 3;
  }

  /** The name as a library writes it. */
  plainName(index: number): string {
    return withoutNumber(this.artistName(index));
  }
}

function scriptOfText(text: string): Script {
  if (/\p{Script=Cyrillic}/u.test(text)) return 'cyrillic';
  if (/\p{Script=Greek}/u.test(text)) return 'greek';
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return 'japanese';
  if (/\p{Script=Hebrew}/u.test(text)) return 'hebrew';
  if (/\p{Script=Arabic}/u.test(text)) return 'arabic';
  return 'latin';
}
