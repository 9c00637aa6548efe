/** Generated libraries and releases in which every rule fires: few words, many near misses. */

import type { LibraryRow } from '@wxyc/library';
import type { Mappings } from '@wxyc/matching';

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
  library: LibraryRow[];
  mappings: Mappings;
  releases: { artists: string[]; title: string }[];
}

const syllables = 'ba be bi bo ka ke ko la le lo ma me mo na no ra ro sa se so ta te ti to va vo an en in or ar st nd'.split(' ');
const fixed = ['the', 'and', 'dj', 'of', 'orchestra', 'trio', 'band', 'が', 'か', '𝔄𝔅', 'björk', 'ørsted', 'Ωμέγα', 'москва'];
const affixes = ['', '', '', ' (2)', ' [Scotland]', ', The', ' & Friends', "'s Band"];
const suffixes = ['', '', '', ' 12"', ' (EP)', ' (2 CD Set)', ' (Deluxe Edition)', ' (3)'];
const compilations = ['Various', 'Various Artists', 'V/A', 'Soundtrack', 'Various - Rock', 'Compilation'];

export function createWorld(seed: number, size: { artists: number; words: number; releases: number; names?: number }): World {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const words = Array.from({ length: size.words }, () =>
    next() < 0.1 ? pick(fixed) : Array.from({ length: 1 + below(4) }, () => pick(syllables)).join(''),
  );
  const phrase = (most: number): string => Array.from({ length: 1 + below(most) }, () => pick(words)).join(' ');
  const capital = (text: string): string => text.replace(/(^| )\p{L}/gu, (letter) => letter.toUpperCase());
  const mutate = (text: string): string => {
    const letters = [...text];
    const kind = next();
    if (kind < 0.25) letters.splice(below(letters.length), 1);
    else if (kind < 0.5) letters.splice(below(letters.length), 0, pick(syllables));
    else if (kind < 0.7) return text.split(' ').reverse().join(' ');
    else if (kind < 0.85) return `${text} ${pick(words)}`;
    else return text.split(' ').slice(1).join(' ') || text;
    return letters.join('');
  };
  const library: LibraryRow[] = [];
  for (let artist = 0; artist < size.artists; artist += 1) {
    const name = capital(phrase(4)) + pick(affixes);
    for (let album = 1 + below(3); album > 0; album -= 1) library.push({ artist: name, title: capital(phrase(5)) + pick(suffixes) });
  }
  for (let album = 0; album < size.artists / 8; album += 1) {
    library.push({ artist: pick(compilations), title: capital(phrase(5)) + pick(suffixes) });
  }
  const freshCredit = (row: LibraryRow): string => {
    const kind = next();
    if (kind < 0.3) return row.artist;
    if (kind < 0.6) return mutate(row.artist);
    if (kind < 0.7) return pick(compilations);
    if (kind < 0.73) return '';
    if (kind < 0.78) return `${row.artist.split(' ')[0]} ${Array.from({ length: 30 }, () => pick(syllables)).join('')}`;
    return capital(phrase(4)) + pick(affixes);
  };
  // With a limited number of names, as many releases as one likes cost the oracle no more searches.
  const names: string[] = [];
  const credit = (row: LibraryRow): string => {
    if (names.length >= (size.names ?? Infinity)) return pick(names);
    names.push(freshCredit(row));
    return names.at(-1)!;
  };
  const releases = Array.from({ length: size.releases }, () => {
    const row = pick(library);
    const kind = next();
    const title = kind < 0.35 ? row.title : kind < 0.7 ? mutate(row.title) : capital(phrase(5)) + pick(suffixes);
    return { artists: Array.from({ length: below(8) === 0 ? 0 : 1 + below(3) }, () => credit(row)), title };
  });
  const mappings: Mappings = { keep: new Map(), prune: new Set() };
  const targets = [null, pick(library).artist, pick(library).artist, 'Nobody'];
  for (const [number, name] of [...new Set(names)].filter((name) => name !== '').slice(0, 30).entries()) {
    if (number % 2 === 0) mappings.keep.set(name, targets[(number / 2) % targets.length]!);
    else mappings.prune.add(name);
  }
  for (const row of library.slice(0, 20)) mappings.prune.add(row.artist);
  return { library, mappings, releases };
}
