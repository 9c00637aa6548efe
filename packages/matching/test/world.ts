/** Generated libraries and releases in which every rule fires: few words, many near misses. */

import type { LibraryRow } from '@wxyc/matching';
import type { Credit, Mappings, MatchBasis, Release } from '@wxyc/matching';

/** A small deterministic generator (mulberry32), 0..1. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface World {
  basis: MatchBasis & { mappings: Mappings };
  releases: Release[];
}

const syllables =
  'ba be bi bo ka ke ko la le lo ma me mo na no ra ro sa se so ta te ti to va vo an en in or ar st nd'.split(
    ' ',
  );
const fixed = [
  'the',
  'and',
  'dj',
  'of',
  'orchestra',
  'trio',
  'band',
  'が',
  'か',
  '𝔄𝔅',
  'björk',
  'ørsted',
  'Ωμέγα',
  'москва',
  'r.e.m.',
  'motoer',
  'p!nk',
  "rock'n'roll",
  'two',
  'goin’',
  '10,000',
  'x',
  'e',
  'y',
];
const affixes = [
  '',
  '',
  '',
  '',
  ' (2)',
  ' [Scotland]',
  ', The',
  ' & Friends',
  "'s Band",
  ' Trio',
  '\u200e',
];
const suffixes = [
  '',
  '',
  '',
  ' 12"',
  ' (EP)',
  ' (2 CD Set)',
  ' (Deluxe Edition)',
  ' (3)',
  ' Vol. 2',
  ' Volume II',
  ': Live',
  ' - Remastered 2009',
  ' [1962-1966]',
  ' EP',
  ' (Live Version)',
  ' - Fan Edition',
];
const compilations = [
  'Various',
  'Various Artists',
  'V/A',
  'Soundtrack',
  'Various - Rock',
  'Compilation',
  'VA',
  'OST',
];
const joints = [' & ', ', ', ' / ', ' feat. ', ' with ', ' + ', ' x ', ' e '];
const fixedTitles = ['s/t', 'Untitled', 'Greatest Hits', 'Live', 'Self-Titled', '†', '( )'];

export function createWorld(
  seed: number,
  size: { artists: number; words: number; releases: number },
): World {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const words = Array.from({ length: size.words }, () =>
    next() < 0.15
      ? pick(fixed)
      : Array.from({ length: 1 + below(4) }, () => pick(syllables)).join(''),
  );
  const phrase = (most: number): string =>
    Array.from({ length: 1 + below(most) }, () => pick(words)).join(' ');
  const capital = (text: string): string =>
    text.replace(/(^| )\p{L}/gu, (letter) => letter.toUpperCase());
  const name = (): string => capital(phrase(3)) + pick(affixes);
  const mutate = (text: string): string => {
    const letters = [...text];
    const kind = next();
    if (kind < 0.3) letters.splice(below(letters.length), 1);
    else if (kind < 0.55) letters.splice(below(letters.length), 0, pick([...'aeionrst']));
    else if (kind < 0.7) return text.split(' ').reverse().join(' ');
    else if (kind < 0.85) return `${text} ${pick(words)}`;
    else return text.split(' ').slice(1).join(' ') || text;
    return letters.join('');
  };
  const title = (): string =>
    next() < 0.08 ? pick(fixedTitles) : capital(phrase(5)) + pick(suffixes);

  const library: LibraryRow[] = [];
  for (let artist = 0; artist < size.artists; artist += 1) {
    const joint = next() < 0.15 ? `${name()}${pick(joints)}${name()}` : name();
    const alternates = next() < 0.1 ? [name()] : undefined;
    for (let album = 1 + below(3); album > 0; album -= 1) {
      library.push({
        artist: joint,
        title: title(),
        alternates,
        ...(next() < 0.03 ? { releaseId: 1 + below(200) } : {}),
        ...(next() < 0.03 ? { masterId: 1 + below(50) } : {}),
      });
    }
  }
  for (let album = 0; album < 1 + size.artists / 6; album += 1) {
    library.push({
      artist: pick(compilations),
      title: title(),
      ...(next() < 0.2 ? { trackArtists: [name(), pick(library).artist] } : {}),
    });
  }
  const alternates = Array.from({ length: 3 }, () => [pick(library).artist, name()] as const);
  const artists = Array.from({ length: 6 }, name);
  const aliases = new Map<number, string[]>(
    Array.from({ length: 8 }, (_, id) => [id + 1, [pick(library).artist]]),
  );

  const credit = (row: LibraryRow): Credit => {
    const kind = next();
    const spelled =
      kind < 0.35
        ? row.artist
        : kind < 0.6
          ? mutate(row.artist)
          : kind < 0.68
            ? pick(compilations)
            : kind < 0.71
              ? ''
              : kind < 0.76
                ? pick(artists)
                : kind < 0.8
                  ? pick(alternates)[1]
                  : name();
    return {
      name: spelled,
      ...(next() < 0.15 ? { variation: next() < 0.5 ? mutate(row.artist) : name() } : {}),
      ...(next() < 0.4 ? { artistId: 1 + below(8) } : {}),
    };
  };
  const releases = Array.from({ length: size.releases }, (_, at): Release => {
    const row = pick(library);
    const kind = next();
    const named =
      kind < 0.35
        ? row.title
        : kind < 0.6
          ? mutate(row.title)
          : kind < 0.7
            ? `${row.title}: ${capital(phrase(3))}`
            : kind < 0.76
              ? `${row.artist} ${row.title}`
              : kind < 0.8
                ? `${title()} = ${row.title}`
                : title();
    const parts = row.artist.split(/ & |, | \/ | feat\. | with | \+ /);
    const credits =
      next() < 0.1 && parts.length > 1
        ? parts.map((part) => ({ name: part }))
        : Array.from({ length: below(8) === 0 ? 0 : 1 + below(3) }, () => credit(row));
    return { id: at + 1, masterId: below(60), title: named, credits };
  });
  const mappings: Mappings = { keep: new Map(), prune: new Set() };
  const targets = [null, pick(library).artist, pick(library).artist, 'Nobody'];
  const names = [...new Set(releases.flatMap(({ credits }) => credits.map((one) => one.name)))]
    .filter((one) => one !== '')
    .slice(0, 12);
  for (const [number, one] of names.entries()) {
    if (number % 2 === 0) mappings.keep.set(one, targets[(number / 2) % targets.length]!);
    else mappings.prune.add(one);
  }
  return { basis: { library, mappings, alternates, artists, aliases, keepIds: [3, 77] }, releases };
}
