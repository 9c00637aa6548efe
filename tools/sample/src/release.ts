/** One release with everything that a dump record holds. */
import { albumTitle, personName, trackTitle } from './names.js';
import { Random, scramble } from './random.js';
import { word, words } from './words.js';
import type { Album, World } from './world.js';

export interface Credit {
  /** Null: no page of its own. */
  id: number | null;
  name: string;
  anv: string;
  join: string;
  role: string;
  tracks: string;
}

export interface Track {
  position: string;
  title: string;
  duration: string;
  artists: Credit[];
  extras: Credit[];
  sub: Track[];
}

export interface Release {
  id: number;
  images: { type: string; width: number; height: number }[];
  artists: Credit[];
  extras: Credit[];
  title: string;
  labels: { name: string; catno: string; id: number }[];
  series: { name: string; catno: string; id: number }[];
  formats: { name: string; qty: string; text: string; descriptions: string[] }[];
  genres: string[];
  styles: string[];
  country: string;
  released: string;
  notes: string;
  quality: string;
  masterId: number | null;
  isMain: boolean;
  tracks: Track[];
  identifiers: { type: string; description: string; value: string }[];
  videos: { src: string; duration: number; title: string; description: string }[];
  companies: { id: number; name: string; type: number; typeName: string }[];
}

const countries = [
  'US',
  'US',
  'US',
  'US',
  'US',
  'US',
  'UK',
  'UK',
  'Germany',
  'Germany',
  'Japan',
  'Italy',
  'France',
  'Netherlands',
  'Canada',
  'Spain',
  'Europe',
  'Russia',
  'Sweden',
  'Unknown',
  'UK & Europe',
  "Cote D'Ivoire",
];
const genres = [
  'Electronic',
  'Rock',
  'Jazz',
  'Pop',
  'Funk / Soul',
  'Hip Hop',
  'Folk, World, & Country',
  'Classical',
  'Reggae',
  'Latin',
  'Blues',
  'Stage & Screen',
  'Non-Music',
];
const styles = [
  'House',
  'Techno',
  'Punk',
  'Indie Rock',
  'Bop',
  'Soul',
  'Ambient',
  'Synth-pop',
  'Dub',
  'Samba',
  'Chanson',
  'Krautrock',
  'Free Jazz',
  'Shoegaze',
  'Disco',
  'Score',
  'Baroque',
  'Garage Rock',
  'Downtempo',
  'Noise',
];
const roles = [
  'Producer',
  'Engineer [Recording]',
  'Mixed By',
  'Mastered By',
  'Written-By',
  'Design, Artwork',
  'Photography By',
  'Remix',
  'Drums',
  'Bass',
  'Guitar, Vocals',
  'Liner Notes',
  'Lacquer Cut By',
  'Arranged By',
];
const companyTypes: [number, string][] = [
  [13, 'Phonographic Copyright (p)'],
  [14, 'Copyright (c)'],
  [17, 'Pressed By'],
  [23, 'Recorded At'],
  [29, 'Mastered At'],
  [9, 'Distributed By'],
];
const formats: [string, string[]][] = [
  ['Vinyl', ['LP', 'Album']],
  ['Vinyl', ['12"', '33 ⅓ RPM']],
  ['Vinyl', ['7"', '45 RPM', 'Single']],
  ['CD', ['Album']],
  ['CD', ['Album', 'Reissue']],
  ['CDr', ['Promo']],
  ['Cassette', ['Album']],
  ['File', ['MP3', '320 kbps']],
];
// Real credits contain odd characters: no-break spaces, joiners, right-to-left marks, emoji.
const oddities = ['\u00a0', '\u200d', '\u200f', ' 🎷', '\u2028'];
const streams = { release: 41, track: 42, label: 43 } as const;

/** Makes release number `index`, 0-based. */
export function makeRelease(world: World, index: number): Release {
  const random = new Random(world.seed, streams.release, index);
  const album = world.album(world.albumKey(index));
  const title = world.hasOwnTitle(index)
    ? albumTitle(random, album.script, 'Untitled')
    : album.title;
  const label = random.skewed(world.labels, 2);
  const format = random.pick(formats);
  const year = Math.min(2024, album.year + (random.chance(0.5) ? 0 : random.skewed(25, 2)));
  return {
    id: world.releaseId(index),
    images: Array.from({ length: random.below(6) }, (_, n) => ({
      type: n ? 'secondary' : 'primary',
      width: 600,
      height: random.between(450, 600),
    })),
    artists: mainCredits(world, album, random, index),
    extras: Array.from({ length: random.skewed(9, 1.7) }, () => extraCredit(world, random)),
    title: index % 4999 === 17 ? longText(random, title, 6000) : title,
    labels: Array.from({ length: random.chance(0.12) ? 2 : 1 }, (_, n) => ({
      name: labelName(world, label + n),
      catno: catalogueNumber(random),
      id: 9 + label + n,
    })),
    series: random.chance(0.04)
      ? [
          {
            name: `${word(random, 0.6)} Series`,
            catno: String(random.between(1, 4000)),
            id: 300_000 + random.below(5000),
          },
        ]
      : [],
    formats: [
      {
        name: format[0],
        qty: index % 9973 === 5 ? `1${'0'.repeat(62)}1` : random.chance(0.85) ? '1' : '2',
        text: random.chance(0.06) ? random.pick(['180 Gram', 'Gatefold', 'Blue']) : '',
        descriptions: format[1],
      },
    ],
    genres: random.chance(0.25)
      ? [random.pick(genres.slice(0, 6)), random.pick(genres.slice(6))]
      : [random.pick(genres)],
    styles: Array.from({ length: random.below(4) }, () => random.pick(styles)),
    country: random.chance(0.03) ? '' : random.pick(countries),
    released: releasedText(random, year),
    notes: random.chance(0.64) ? notes(random) : '',
    quality: random.chance(0.88)
      ? 'Needs Vote'
      : random.pick(['Correct', 'Complete and Correct', 'Needs Minor Changes']),
    masterId: album.masterId ?? (index % 577 === 3 ? 0 : null),
    isMain: album.masterId !== null && random.chance(0.3),
    tracks: tracks(world, album, random),
    identifiers: Array.from({ length: random.skewed(6, 2) }, (_, n) => identifier(random, n)),
    videos: Array.from({ length: random.skewed(8, 2) }, () => video(random, title)),
    companies: Array.from({ length: random.skewed(7, 2) }, () => company(world, random)),
  };
}

function mainCredits(world: World, album: Album, random: Random, index: number): Credit[] {
  if (album.compilation) return [credit({ id: 194, name: 'Various' })];
  const last = album.artists.length - 1;
  return album.artists.map((artist, n) => {
    const odd = random.chance(0.05)
      ? `${world.plainName(artist)}${random.chance(0.2) ? random.pick(oddities) : '!'}`
      : '';
    return credit({
      id: world.artistId(artist),
      name:
        index % 6007 === 23 && n === 1
          ? longText(random, world.artistName(artist), 2900)
          : world.artistName(artist),
      anv: world.printedName(album.key, artist) || odd,
      join: n < last ? (n === last - 1 ? random.pick(['&', 'And', 'Feat.', 'Vs.']) : ',') : '',
    });
  });
}

function credit(given: Partial<Credit>): Credit {
  return { id: null, name: '', anv: '', join: '', role: '', tracks: '', ...given };
}

function extraCredit(world: World, random: Random): Credit {
  const role = random.pick(roles);
  const tracks = random.chance(0.2) ? `${random.between(1, 4)} to ${random.between(5, 9)}` : '';
  // A twentieth of the credits go to somebody who also makes albums.
  if (random.chance(0.05)) {
    const artist = world.someArtist(random);
    return credit({ id: world.artistId(artist), name: world.artistName(artist), role, tracks });
  }
  const person = random.skewed(world.people, 2);
  const name = personName(world.seed, person);
  return credit({
    id: random.chance(0.1) ? null : 5_000_001 + person,
    name: random.chance(0.01) ? name + random.pick(oddities) : name,
    anv: random.chance(0.08) ? `${name[0]}. ${name.split(' ').pop()}` : '',
    role,
    tracks,
  });
}

function tracks(world: World, album: Album, random: Random): Track[] {
  if (random.chance(0.02)) return [];
  const usual = new Random(world.seed, streams.track, album.key);
  // Pressings of one album differ: a bonus track, one left off.
  const count = Math.max(
    1,
    1 + usual.skewed(24, 1.5) + (random.chance(0.7) ? 0 : random.between(-2, 3)),
  );
  const sided = random.chance(0.5);
  const list: Track[] = [];
  if (count > 8 && random.chance(0.06))
    list.push({
      position: '',
      title: `${word(random, 0.5)} Side`,
      duration: '',
      artists: [],
      extras: [],
      sub: [],
    });
  for (let n = 0; n < count; n++)
    list.push(
      track(
        world,
        album,
        random,
        n,
        sided ? `${n < count / 2 ? 'A' : 'B'}${(n % Math.ceil(count / 2)) + 1}` : String(n + 1),
      ),
    );
  if (random.chance(0.03)) {
    const parent = list[list.length - 1]!;
    parent.sub = [1, 2, 3].map((n) => ({
      ...track(world, album, random, 100 + n, `${parent.position}.${n}`),
      artists: [],
      extras: [],
    }));
  }
  return list;
}

function track(world: World, album: Album, random: Random, n: number, position: string): Track {
  const own = new Random(world.seed, streams.track, scramble(album.key, n));
  const title = trackTitle(own, album.script);
  const seconds = own.between(90, 480);
  const artists = album.compilation || own.chance(0.03) ? [trackArtist(world, own)] : [];
  if (artists.length && own.chance(0.1)) {
    artists[0]!.join = '&';
    artists.push(trackArtist(world, own));
  }
  return {
    position,
    title: own.chance(0.01) ? `${title} ` : title,
    duration: random.chance(0.6)
      ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
      : '',
    artists,
    extras: random.chance(0.12) ? [extraCredit(world, random)] : [],
    sub: [],
  };
}

function trackArtist(world: World, random: Random): Credit {
  const artist = world.someArtist(random);
  return credit({ id: world.artistId(artist), name: world.artistName(artist) });
}

function releasedText(random: Random, year: number): string {
  const month = String(random.between(1, 12)).padStart(2, '0');
  const kind = random.next();
  if (kind < 0.12) return '';
  if (kind < 0.62) return String(year);
  if (kind < 0.75) return `${year}-${month}-00`;
  if (kind < 0.96) return `${year}-${month}-${String(random.between(1, 28)).padStart(2, '0')}`;
  if (kind < 0.98) return `${year}-${month}`;
  return random.pick([`${year}-00-00`, 'Unknown', '0000', '?', `c. ${year}`]);
}

function notes(random: Random): string {
  const line = (): string => `${words(random, random.between(4, 14), 0.3)}.`;
  const end = random.chance(0.5) ? '\r\n' : '\n';
  return [
    ...Array.from({ length: random.between(0, 5) }, () => (random.chance(0.15) ? '' : line())),
    line(),
  ].join(end);
}

function identifier(random: Random, n: number): Release['identifiers'][number] {
  if (n === 0 && random.chance(0.6))
    return {
      type: 'Barcode',
      description: random.chance(0.5) ? 'Text' : '',
      value: `${random.between(0, 9)} ${random.between(10000, 99999)} ${random.between(10000, 99999)} ${random.between(0, 9)}`,
    };
  return {
    type: 'Matrix / Runout',
    description: `Side ${n + 1}, "etched"`,
    value: `${catalogueNumber(random)}-A${n}, ${word(random, 0.9)}`,
  };
}

function video(random: Random, title: string): Release['videos'][number] {
  const about = `${title} - ${words(random, 2, 0.4)}`;
  return {
    src: `https://www.youtube.com/watch?v=${scramble(random.below(1e9), 1).toString(36)}${scramble(random.below(1e9), 2).toString(36)}`.slice(
      0,
      43,
    ),
    duration: random.between(60, 600),
    title: about,
    description: `${about}\n\n${words(random, random.between(3, 20), 0.3)}\r\n${words(random, 5, 0.3)}`,
  };
}

function company(world: World, random: Random): Release['companies'][number] {
  const [type, typeName] = random.pick(companyTypes);
  const id = random.skewed(world.labels, 2);
  return {
    id: 270_000 + id,
    name: `${labelName(world, id)} ${random.pick(['Studios', 'Ltd.', 'GmbH', 'Inc.', 'Pressing'])}`,
    type,
    typeName,
  };
}

function labelName(world: World, index: number): string {
  const random = new Random(world.seed, streams.label, index);
  return random.chance(0.04)
    ? `Not On Label (${words(random, 2, 0.7)} Self-released)`
    : `${words(random, random.between(1, 2), 0.7)}${random.chance(0.4) ? ' Records' : ''}`;
}

function catalogueNumber(random: Random): string {
  return random.chance(0.05)
    ? 'none'
    : `${String.fromCharCode(65 + random.below(26), 65 + random.below(26), 65 + random.below(26))} ${random.between(1, 9999)}`;
}

/** Texts of several thousand bytes exist: a btree cannot hold them, a terminal cannot show them. */
function longText(random: Random, start: string, bytes: number): string {
  let text = start;
  while (Buffer.byteLength(text) < bytes) text += ` / ${words(random, 6, 0.6)}`;
  return text;
}
