/**
 * The library of a station that owns some of the sample's albums, typed by people: most rows are easy to match, many are hard,
 * some only resemble an album of the dump.
 */
import { writeFileSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { albumTitle, artistName, compilationTitle, withoutNumber } from './names.js';
import { Random } from './random.js';
import { settled } from './settled.js';
import { words } from './words.js';
import { World, type Album, type SampleOptions } from './world.js';

export interface LibraryOptions extends SampleOptions {
  /** Rows of the library. Default 300. */
  albums?: number | undefined;
  /** Its approximate number of artists. Default: 0.37 of the albums, as at a real station. */
  artists?: number | undefined;
}

/**
 * How a row was written down. `typo` and `retitled` may match or not; `other volume`, `near miss` and `stranger` are not in the dump
 * under that name; `joined` has all artists of a joint album, `variation` the name that the sleeve prints, `alternate` is filed under
 * another name and has the artist's as its alternate; all other kinds are the same album in the matcher's normal form.
 */
export type RowKind =
  | 'joined'
  | 'variation'
  | 'alternate'
  | 'other volume'
  | 'exact'
  | 'case'
  | 'plain letters'
  | 'name, the'
  | 'ampersand'
  | 'title suffix'
  | 'bracket'
  | 'compilation'
  | 'typo'
  | 'retitled'
  | 'near miss'
  | 'stranger';

export interface LibraryRow {
  artist: string;
  title: string;
  /** The artist's other name (`alternate_artist_name`). */
  alternate?: string;
  format: string;
  kind: RowKind;
  /** The album of the sample that the row was written for, or null. */
  album: number | null;
}

const certain: ReadonlySet<RowKind> = new Set<RowKind>([
  'joined',
  'variation',
  'alternate',
  'exact',
  'case',
  'plain letters',
  'name, the',
  'ampersand',
  'title suffix',
  'bracket',
  'compilation',
]);
const streams = { choice: 51, row: 52, other: 53, filing: 54 } as const;

/** The rows of the library, in a fixed order. */
export function makeLibrary(options: LibraryOptions): LibraryRow[] {
  const world = new World(options);
  const albums = options.albums ?? 300;
  const artists = ownedArtists(world, options.artists ?? Math.ceil(albums * 0.37));
  const { byArtist, compilations } = albumsOf(world, artists);
  const rows: LibraryRow[] = [];
  const share = (part: number): number => Math.round(albums * part);

  for (const key of choose(world, compilations, share(0.06))) rows.push(compilationRow(world, key));
  const owned = choose(world, [...byArtist.keys()], share(0.8));
  for (const key of owned) rows.push(albumRow(world, key, byArtist.get(key)!));
  for (let n = 0; n < share(0.07); n++) rows.push(nearMiss(world, artists, n));
  for (let n = 0; rows.length < albums; n++) rows.push(stranger(world, n));
  return rows.slice(0, albums);
}

/**
 * Writes `library.db` (table `library` with id, artist, title, alternate_artist_name, format) and the list of its artists, without compilations, sorted by
 * code point.
 */
export function writeLibrary(
  databaseFile: string,
  artistsFile: string | null,
  options: LibraryOptions,
): LibraryRow[] {
  const rows = makeLibrary(options);
  rmSync(databaseFile, { force: true });
  const database = new Database(databaseFile);
  try {
    database.exec(
      'CREATE TABLE library (id INTEGER PRIMARY KEY, artist TEXT, title TEXT, alternate_artist_name TEXT, format TEXT)',
    );
    const insert = database.prepare(
      'INSERT INTO library (artist, title, alternate_artist_name, format) VALUES (?, ?, ?, ?)',
    );
    database.transaction(() => {
      for (const { artist, title, alternate, format } of rows)
        insert.run(artist, title, alternate ?? null, format);
    })();
  } finally {
    database.close();
  }
  settled(databaseFile);
  if (artistsFile) {
    const names = new Set(
      rows.filter(({ kind }) => kind !== 'compilation').map(({ artist }) => artist),
    );
    writeFileSync(
      artistsFile,
      [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))).join('\n') + '\n',
    );
    settled(artistsFile);
  }
  return rows;
}

/** A release that the library certainly owns: it or another pressing of its master must stay. */
export interface OwnedRelease {
  id: number;
  masterId: number | null;
  album: number;
}

/**
 * The releases that are certainly owned: the library has the album under a name and title that are equal in normal form, and the pressing
 * has the album's own title. Releases that are a typo away from a row, or only share an artist, are not among them.
 */
export function* ownedReleases(options: LibraryOptions): Generator<OwnedRelease> {
  const world = new World(options);
  const albums = new Set(
    makeLibrary(options)
      .filter(({ kind }) => certain.has(kind))
      .map(({ album }) => album),
  );
  for (let index = 0; index < world.releases; index++) {
    const album = world.albumKey(index);
    if (!albums.has(album) || world.hasOwnTitle(index) || index % 4999 === 17) continue;
    yield { id: world.releaseId(index), masterId: world.album(album).masterId, album };
  }
}

/**
 * Numbers of the library's artists: spread over the better-known ones, so that about a quarter of all releases is theirs, as at a real
 * station.
 */
function ownedArtists(world: World, wanted: number): Set<number> {
  const n = Math.min(wanted, world.artists);
  const share = n / world.artists;
  const top = Math.min(1, Math.max(share, (6 * share) ** 1.5)) * world.artists;
  return new Set(Array.from({ length: n }, (_, j) => Math.floor(((j + 0.5) * top) / n)));
}

/** The albums that have a release: the artists' albums, each with its artist, and the compilations. */
function albumsOf(
  world: World,
  artists: Set<number>,
): { byArtist: Map<number, number>; compilations: number[] } {
  const byArtist = new Map<number, number>();
  const compilations = new Set<number>();
  for (let index = 0; index < world.releases; index++) {
    const key = world.albumKey(index);
    if (byArtist.has(key) || compilations.has(key)) continue;
    const cast = world.cast(key);
    const owner = cast.artists.find((artist) => artists.has(artist));
    if (owner !== undefined) byArtist.set(key, owner);
    else if (cast.compilation) compilations.add(key);
  }
  return { byArtist, compilations: [...compilations] };
}

/** `n` of the albums, always the same ones, whatever their order. */
function choose(world: World, keys: number[], n: number): number[] {
  const drawn = keys.map((key) => ({
    key,
    at: new Random(world.seed, streams.choice, key).next(),
  }));
  drawn.sort((a, b) => a.at - b.at);
  return drawn.slice(0, n).map(({ key }) => key);
}

function albumRow(world: World, key: number, owner: number): LibraryRow {
  const random = new Random(world.seed, streams.row, key);
  const album = world.album(key);
  const row: LibraryRow = {
    artist: world.plainName(owner),
    title: album.title,
    format: random.pick(['LP', 'CD', '12"', '7"']),
    kind: 'exact',
    album: key,
  };
  const filed = filing(world, album, owner, row);
  if (filed) return filed;
  const draw = random.next();
  if (draw < 0.1)
    return {
      ...row,
      artist: random.chance(0.5) ? latinUpper(row.artist) : row.artist.toLowerCase(),
      title: row.title.toLowerCase(),
      kind: 'case',
    };
  if (draw < 0.3 && withoutMarks(row.artist) !== row.artist)
    return { ...row, artist: withoutMarks(row.artist), kind: 'plain letters' };
  if (draw < 0.55 && /^The /.test(row.artist))
    return { ...row, artist: `${row.artist.slice(4)}, The`, kind: 'name, the' };
  if (draw < 0.7 && / (&|And) /.test(row.artist))
    return {
      ...row,
      artist: row.artist.replace(/ (&|And) /g, (_, sign) => (sign === '&' ? ' and ' : ' & ')),
      kind: 'ampersand',
    };
  if (draw < 0.76)
    return {
      ...row,
      title:
        row.title +
        random.pick([
          ' (Deluxe Edition)',
          ' (reissue)',
          ' (2 CD set)',
          ' (Bonus Tracks)',
          ' (2LP)',
          ' (LP)',
        ]),
      kind: 'title suffix',
    };
  if (draw < 0.78)
    return {
      ...row,
      artist: `${row.artist} [${random.pick(['Scotland', 'US', 'jazz'])}]`,
      kind: 'bracket',
    };
  if (draw < 0.83) return { ...row, artist: mistype(random, row.artist), kind: 'typo' };
  if (draw < 0.88) return { ...row, title: mistype(random, row.title), kind: 'typo' };
  if (draw < 0.91)
    return { ...row, title: row.title.split(' ').reverse().join(' '), kind: 'retitled' };
  return row;
}

/** Albums that a station knows by another name than Discogs, or has in another volume. */
function filing(
  world: World,
  album: Album,
  owner: number,
  row: LibraryRow,
): LibraryRow | undefined {
  const random = new Random(world.seed, streams.filing, album.key);
  const names = album.artists.map((artist) => world.plainName(artist));
  if (names.length > 1 && random.chance(0.5))
    return {
      ...row,
      artist: names.join(random.pick([' & ', ', ', ' / ', ' + ', ' with '])),
      kind: 'joined',
    };
  const printed = world.printedName(album.key, owner);
  if (printed !== '') return { ...row, artist: printed, kind: 'variation' };
  const volume = / Vol\. (\d+)$/.exec(row.title);
  if (volume && random.chance(0.5))
    return {
      ...row,
      title: row.title.replace(/\d+$/, String(Number(volume[1]) + 20)),
      kind: 'other volume',
      album: null,
    };
  if (names.length === 1 && random.chance(0.04))
    return {
      ...row,
      artist: withoutNumber(artistName(world.seed, world.artists + 50 + (album.key % 40))),
      alternate: row.artist,
      kind: 'alternate',
    };
  return undefined;
}

function compilationRow(world: World, key: number): LibraryRow {
  const random = new Random(world.seed, streams.row, key);
  const artist = random.pick([
    'Various Artists',
    'Various',
    'V/A',
    'Various Artists - Rock',
    'Various Artists: Jazz',
    'Soundtracks',
  ]);
  return { artist, title: world.album(key).title, format: 'LP', kind: 'compilation', album: key };
}

/** An artist of the dump, with an album that the dump does not have. */
function nearMiss(world: World, artists: Set<number>, n: number): LibraryRow {
  const random = new Random(world.seed, streams.other, n);
  const artist = [...artists].at(random.below(artists.size))!;
  return {
    artist: world.plainName(artist),
    title: words(random, 3, 1),
    format: 'CD',
    kind: 'near miss',
    album: null,
  };
}

/** An artist and an album that the dump does not have, or only half of the name. */
function stranger(world: World, n: number): LibraryRow {
  const random = new Random(world.seed, streams.other, 1_000_000 + n);
  const artist = artistName(world.seed, world.artists + 100 + Math.floor(n / 2.7)).replace(
    / \(\d+\)$/,
    '',
  );
  const title = random.chance(0.1) ? compilationTitle(random) : albumTitle(random, 'latin', artist);
  return { artist, title, format: 'LP', kind: 'stranger', album: null };
}

/** One letter gone, doubled, or swapped with its neighbour. */
function mistype(random: Random, text: string): string {
  const letters = [...text];
  if (letters.length < 5) return text;
  const at = random.between(1, letters.length - 2);
  const kind = random.below(3);
  if (kind === 0) letters.splice(at, 1);
  else if (kind === 1) letters.splice(at, 0, letters[at]!);
  else letters.splice(at, 2, letters[at + 1]!, letters[at]!);
  return letters.join('');
}

function withoutMarks(text: string): string {
  return /^[\u0000-\u017f]*$/.test(text)
    ? text
        .normalize('NFKD')
        .replace(/\p{M}/gu, '')
        .replace(/ł/g, 'l')
        .replace(/ø/g, 'o')
        .replace(/Ø/g, 'O')
        .replace(/ß/g, 'ss')
        .replace(/æ/g, 'ae')
    : text;
}

function latinUpper(text: string): string {
  return /^[\u0000-\u017f]*$/.test(text) ? text.toUpperCase() : text;
}
