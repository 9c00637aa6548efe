/** Names of artists and people, titles of albums and tracks. */
import { Random } from './random.js';
import { scriptOf, word, words, type Script } from './words.js';

const firstNames =
  `James Mary John Linda David Maria Peter Anna Paul Sofia Thomas Ingrid Michel Claire Jean Hélène Carlos Lucía José Inés Hans Greta
Jürgen Ute Sven Astrid Bjørn Kari Akira Yuki Kenji Hiroko Fela Amina Ola Chioma Ivan Olga Marek Zofia Luca Giulia Marco Elena Kim Lee Ravi Asha
Ali Leila Omar Nadia Joe Betty Ray Ella Miles Nina Otis Aretha Chet Carmen Duke Billie Frank Sarah Sam Dinah`.split(
    /\s+/,
  );

const streams = { artist: 21, person: 22 } as const;

/** The name of artist number `index` as Discogs writes it: with a number if another artist had the name first. */
export function artistName(seed: number, index: number): string {
  const random = new Random(seed, streams.artist, index);
  if (index > 20 && random.chance(0.06))
    return `${withoutNumber(artistName(seed, index >> 1))} (${random.between(2, 9)})`;
  const script = scriptOf(random);
  if (script !== 'latin') return words(random, random.between(1, 2), 0, script);
  const kind = random.next();
  if (kind < 0.34) return personal(random);
  if (kind < 0.5)
    return `The ${words(random, random.between(1, 2), 0.55)}${random.chance(0.5) ? 's' : ''}`;
  if (kind < 0.72) return words(random, random.between(2, 3), 0.6);
  if (kind < 0.82) return words(random, 1, 0.97);
  if (kind < 0.87) return `${personal(random)} & The ${word(random, 0.4)}s`;
  if (kind < 0.9)
    return `${word(random, 0.8)} ${random.pick(['&', 'And', '&'])} ${word(random, 0.8)}`;
  if (kind < 0.94)
    return `${random.pick(['DJ', 'MC', 'Dr.', 'Lady', 'Los', 'Les', 'Die'])} ${words(random, random.between(1, 2), 0.7)}`;
  if (kind < 0.97)
    return `${personal(random)} ${random.pick(['Trio', 'Quartet', 'Orchestra', 'Ensemble', 'Big Band', 'Sextet'])}`;
  if (kind < 0.985) return `${random.between(2, 999)} ${word(random, 0.5)}`;
  return `${word(random, 0.7)}'s ${word(random, 0.7)}`;
}

/** Engineers, writers, sleeve designers: credited, rarely the main artist. */
export function personName(seed: number, index: number): string {
  const random = new Random(seed, streams.person, index);
  const name = personal(random);
  return random.chance(0.08) ? `${name} (${random.between(2, 30)})` : name;
}

function personal(random: Random): string {
  const first = random.pick(firstNames);
  const middle = random.chance(0.12) ? ` ${String.fromCharCode(65 + random.below(26))}.` : '';
  return `${first}${middle} ${word(random, 0.97)}`;
}

export function albumTitle(random: Random, script: Script, artist: string): string {
  const kind = random.next();
  if (kind < 0.03) return withoutNumber(artist);
  if (script !== 'latin') return words(random, random.between(1, 3), 0, script);
  if (kind < 0.3) return words(random, 2, 0.35);
  if (kind < 0.5) return words(random, 3, 0.4);
  if (kind < 0.62) return `The ${words(random, random.between(1, 3), 0.45)}`;
  if (kind < 0.72)
    return `${words(random, random.between(1, 2), 0.4)} ${random.pick(['Of The', 'In The', 'And The', 'For', 'On', 'Without'])} ${words(random, random.between(1, 2), 0.5)}`;
  if (kind < 0.78) return words(random, 1, 0.9);
  if (kind < 0.83) return `${words(random, 2, 0.5)} / ${words(random, 2, 0.5)}`;
  if (kind < 0.87)
    return `${words(random, 2, 0.5)} ${random.pick(['EP', 'Remixes', 'Sessions', 'Live', 'Dubs'])}`;
  if (kind < 0.91) return `${words(random, 2, 0.5)} Vol. ${random.between(1, 12)}`;
  if (kind < 0.94)
    return `Live At ${words(random, random.between(1, 2), 0.8)} ${random.between(1958, 2023)}`;
  return words(random, random.between(4, 7), 0.4);
}

export function compilationTitle(random: Random): string {
  const what = words(random, random.between(1, 2), 0.6);
  const kind = random.next();
  if (kind < 0.25) return `${what} Hits ${random.between(1965, 2023)}`;
  if (kind < 0.5) return `The Sound Of ${what} Vol. ${random.between(1, 20)}`;
  if (kind < 0.7) return `${what} - ${words(random, random.between(2, 4), 0.5)}`;
  return words(random, random.between(2, 5), 0.5);
}

export function trackTitle(random: Random, script: Script): string {
  if (script !== 'latin') return words(random, random.between(1, 3), 0, script);
  const base = words(random, random.between(1, 4), 0.4);
  const kind = random.next();
  if (kind < 0.07) return `${base} (${word(random, 0.8)} Remix)`;
  if (kind < 0.1)
    return `${base} (${random.pick(['Live', 'Demo', 'Instrumental', 'Radio Edit', 'Original Mix', 'Reprise'])})`;
  if (kind < 0.12) return `${base} = ${words(random, 2, 0.8)}`;
  return base;
}

/** The name without the number that Discogs gives namesakes. */
export function withoutNumber(name: string): string {
  return name.replace(/ \(\d+\)$/, '');
}
