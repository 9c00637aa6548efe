/** The statements that consumers of a profile run, as examples with literal values: the contract check runs each of them. */
import {
  rootIdColumn,
  rootOf,
  tablesOf,
  type ColumnType,
  type Profile,
  type Table,
} from '@wxyc/dataset';

export interface ConsumerStatement {
  name: string;
  /** The statement, with unqualified names, as consumers write it: they find the tables by their search path. */
  sql: string;
  /** The server has to be able to answer with one of these indexes. */
  usesIndex?: readonly string[];
}

/** Far from any id of Discogs, which counts up from 1. */
const sampleId = 2_147_483_646;

const like = (column: string, text: string): string =>
  `lower(f_unaccent(${column})) % lower(f_unaccent('${text}'))`;
const rank = (column: string, text: string): string =>
  `similarity(lower(f_unaccent(${column})), lower(f_unaccent('${text}')))`;

const searches: readonly ConsumerStatement[] = [
  {
    name: 'search by title',
    sql: `SELECT r.id, r.title, ${rank('r.title', 'Aerial Ballet')} AS score FROM release r WHERE ${like('r.title', 'Aerial Ballet')} ORDER BY score DESC LIMIT 10`,
    usesIndex: ['idx_release_title_trgm'],
  },
  {
    name: 'search by artist',
    sql: `SELECT a.release_id, ${rank('a.artist_name', 'Björk')} AS score FROM release_artist a WHERE ${like('a.artist_name', 'Björk')} AND a.extra = 0 ORDER BY score DESC LIMIT 10`,
    usesIndex: ['idx_release_artist_name_trgm'],
  },
  {
    name: 'search by artist and title',
    sql: `SELECT r.id, r.title, a.artist_name FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
           WHERE ${like('r.title', 'Homogenic')} AND ${like('a.artist_name', 'Björk')}
           ORDER BY ${rank('a.artist_name', 'Björk')} + ${rank('r.title', 'Homogenic')} DESC LIMIT 10`,
    usesIndex: ['idx_release_title_trgm', 'idx_release_artist_name_trgm'],
  },
  {
    name: 'search by track',
    sql: `SELECT r.id, r.title, t.title AS track, a.artist_name FROM release_track t JOIN release r ON r.id = t.release_id
            JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
           WHERE ${like('t.title', 'Hunter')} ORDER BY ${rank('t.title', 'Hunter')} DESC LIMIT 10`,
    usesIndex: ['idx_release_track_title_trgm'],
  },
  {
    name: 'search by track artist',
    sql: `SELECT a.release_id, a.track_sequence FROM release_track_artist a WHERE ${like('a.artist_name', 'Björk')} ORDER BY ${rank('a.artist_name', 'Björk')} DESC LIMIT 10`,
    usesIndex: ['idx_release_track_artist_name_trgm'],
  },
];

/** The search functions, which read `public`: a check can call them only there. */
export const functionCalls: readonly ConsumerStatement[] = [
  {
    name: 'search with the function search_releases',
    sql: "SELECT * FROM discogs.search_releases('Björk', 'Homogenic')",
  },
  {
    name: 'search with the function search_tracks',
    sql: "SELECT * FROM discogs.search_tracks('Hunter', 'Björk')",
  },
  {
    name: 'search with the function search_artists',
    sql: "SELECT * FROM discogs.search_artists('Björk')",
  },
  {
    name: 'look up a track with the function has_track',
    sql: `SELECT * FROM discogs.has_track(${sampleId}, 'Hunter')`,
  },
  { name: 'read a release with the function release', sql: `SELECT discogs.release(${sampleId})` },
];

/** What the search functions run on the upper rungs of their ladder; the lower ones are the searches above. */
const rungs: readonly ConsumerStatement[] = [
  {
    name: 'exact search by title',
    sql: 'SELECT id FROM release WHERE discogs.title_key(title) = ANY (ARRAY[1, 2])',
    usesIndex: ['idx_release_search'],
  },
  {
    name: 'exact search by artist',
    sql: 'SELECT release_id FROM release_artist WHERE discogs.artist_key(artist_name) = ANY (ARRAY[1, 2])',
    usesIndex: ['idx_release_artist_search'],
  },
  {
    name: 'exact search by track',
    sql: 'SELECT release_id FROM release_track WHERE discogs.title_key(title) = ANY (ARRAY[1, 2])',
    usesIndex: ['idx_release_track_search'],
  },
  {
    name: 'exact search by track artist',
    sql: 'SELECT release_id FROM release_track_artist WHERE discogs.artist_key(artist_name) = ANY (ARRAY[1, 2])',
    usesIndex: ['idx_release_track_artist_search'],
  },
];

const reads: readonly ConsumerStatement[] = [
  {
    name: 'read a release',
    sql: `SELECT id, title, release_year, artwork_url FROM release WHERE id = ${sampleId}`,
  },
  {
    name: 'read artists',
    sql: `SELECT artist_name, extra FROM release_artist WHERE release_id = ${sampleId} ORDER BY extra`,
  },
  {
    name: 'read tracks',
    sql: `SELECT sequence, position, title, duration FROM release_track WHERE release_id = ${sampleId} ORDER BY sequence`,
  },
  {
    name: 'read track artists',
    sql: `SELECT track_sequence, artist_name FROM release_track_artist WHERE release_id = ${sampleId} ORDER BY track_sequence`,
  },
];

/** In the order in which a consumer runs them. */
const writes: readonly ConsumerStatement[] = [
  {
    name: 'upsert a release',
    sql: `INSERT INTO release (id, title, release_year, artwork_url) VALUES (${sampleId}, 'Homogenic', 1997, NULL)
          ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url`,
  },
  {
    name: 'upsert an artist',
    sql: `INSERT INTO release_artist (release_id, artist_name, extra) VALUES (${sampleId}, 'Björk', 0) ON CONFLICT (release_id, artist_name) DO NOTHING`,
  },
  { name: 'delete tracks', sql: `DELETE FROM release_track WHERE release_id = ${sampleId}` },
  {
    name: 'insert a track',
    sql: `INSERT INTO release_track (release_id, sequence, position, title, duration) VALUES (${sampleId}, 1, 'A1', 'Hunter', '4:15')`,
  },
  {
    name: 'insert a track artist',
    sql: `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${sampleId}, 1, 'Björk') ON CONFLICT DO NOTHING`,
  },
  {
    name: 'upsert metadata',
    sql: `INSERT INTO cache_metadata (release_id, source) VALUES (${sampleId}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
  },
];

/** Far from any id of Discogs, as above. */
const sampleArtist = 2_147_483_645;

const idOf = (table: Table): number => (rootOf(table) === 'artist' ? sampleArtist : sampleId);
const names = ({ columns }: Table): string[] => columns.map(({ name }) => name);

const readOf = (table: Table): ConsumerStatement => {
  const key = rootIdColumn(table);
  const order = ['sequence', 'track_sequence', 'extra'].find((name) => names(table).includes(name));
  return {
    name: `read ${table.name}`,
    sql: `SELECT ${names(table).join(', ')} FROM ${table.name} WHERE ${key} = ${idOf(table)}${order ? ` ORDER BY ${order}` : ''}`,
    usesIndex: [table.primaryKey ? `${table.name}_pkey` : `idx_${table.name}_${key}`],
  };
};

const fullSearches: readonly ConsumerStatement[] = [
  {
    name: 'search for artists by name',
    sql: `SELECT id, name, ${rank('name', 'Björk')} AS score FROM artist WHERE ${like('name', 'Björk')} ORDER BY score DESC LIMIT 10`,
    usesIndex: ['idx_artist_name_trgm'],
  },
  {
    name: 'search for artists by a variation of the name',
    sql: `SELECT artist_id, name, ${rank('name', 'Bjork')} AS score FROM artist_name_variation WHERE ${like('name', 'Bjork')} ORDER BY score DESC LIMIT 10`,
    usesIndex: ['idx_artist_name_variation_trgm'],
  },
];

const fullReads: readonly ConsumerStatement[] = [
  ...tablesOf('full').map(readOf),
  {
    name: 'read the releases of a master',
    sql: `SELECT id, title FROM release WHERE master_id = ${sampleId}`,
    usesIndex: ['idx_release_master_id'],
  },
  {
    name: 'read the releases of an artist',
    sql: `SELECT release_id FROM release_artist WHERE artist_id = ${sampleArtist} AND extra = 0`,
    usesIndex: ['idx_release_artist_artist_id'],
  },
];

/** Releases whose artwork nobody has looked for. In a small cache the plan may use the key instead. */
export const unchecked: ConsumerStatement = {
  name: 'read releases without artwork',
  sql: 'SELECT id FROM release WHERE artwork_url IS NULL AND artwork_checked_at IS NULL ORDER BY id LIMIT 100',
};

/** A value of each type. */
const samples: Readonly<Record<ColumnType, string>> = {
  integer: '1',
  smallint: '1997',
  text: "'Björk'",
  'text[]': "'{LP,Album}'",
  boolean: 'true',
  'timestamp with time zone': 'now()',
};

/** Rows that are written anew; a main and an extra credit of the same name are two rows. */
const anew = (table: Table): ConsumerStatement[] => [
  {
    name: `delete from ${table.name}`,
    sql: `DELETE FROM ${table.name} WHERE ${rootIdColumn(table)} = ${idOf(table)}`,
  },
  ...(names(table).includes('extra') ? [0, 1] : [0]).map((extra) => ({
    name: `insert into ${table.name}`,
    sql: `INSERT INTO ${table.name} (${names(table).join(', ')}) VALUES (${table.columns
      .map(({ name, type }) =>
        name === rootIdColumn(table) ? idOf(table) : name === 'extra' ? extra : samples[type],
      )
      .join(', ')})`,
  })),
];
const anewOf = (root: 'release' | 'artist'): ConsumerStatement[] =>
  tablesOf('full')
    .filter((table) => rootOf(table) === root && table.written !== undefined)
    .flatMap(anew);

/** What consumers write in one transaction: a release that they fetched, an artist, a note of what does not exist. */
const fullWrites: readonly ConsumerStatement[] = [
  {
    name: 'upsert all of a release',
    sql: `INSERT INTO release (id, title, release_year, released, country, format, master_id, artwork_url, not_found) VALUES (${sampleId}, 'Homogenic', 1997, '1997-09-22', 'UK', '2xVinyl', 21, NULL, false)
          ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, released = EXCLUDED.released, country = EXCLUDED.country, format = EXCLUDED.format,
            master_id = EXCLUDED.master_id, artwork_url = EXCLUDED.artwork_url, not_found = false`,
  },
  ...anewOf('release'),
  ...[1, 2].map(() => ({
    name: 'insert a performer',
    sql: `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${sampleId}, 1, 'Björk') ON CONFLICT DO NOTHING`,
  })),
  {
    name: 'upsert metadata',
    sql: `INSERT INTO cache_metadata (release_id, source) VALUES (${sampleId}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
  },
  {
    name: 'note a search for artwork',
    sql: `UPDATE release SET artwork_url = 'https://example.org/a', artwork_checked_at = now() WHERE id = ${sampleId}`,
  },
  {
    name: 'note that there is no such release',
    sql: `INSERT INTO release (id, title, not_found) VALUES (${sampleId - 2}, '', true) ON CONFLICT (id) DO UPDATE SET not_found = true`,
  },
  {
    name: 'upsert an artist',
    sql: `INSERT INTO artist (id, name, profile, image_url) VALUES (${sampleArtist}, 'Björk', 'Icelandic singer', NULL)
          ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name, profile = EXCLUDED.profile, image_url = EXCLUDED.image_url, fetched_at = now(), not_found = false`,
  },
  ...anewOf('artist'),
  {
    name: 'note that there is no such artist',
    sql: `INSERT INTO artist (id, name, not_found) VALUES (${sampleArtist - 2}, '', true) ON CONFLICT (id) DO UPDATE SET not_found = true`,
  },
];

export interface ConsumerStatements {
  /** By trigrams. */
  searches: readonly ConsumerStatement[];
  rungs: readonly ConsumerStatement[];
  reads: readonly ConsumerStatement[];
  /** In the order in which a consumer runs them. */
  writes: readonly ConsumerStatement[];
}

/** The lean profile's searches and reads serve consumers of the full one as well; its writes need a key that the full one does not have. */
const byProfile: Readonly<Record<Profile, ConsumerStatements>> = {
  lean: { searches, rungs, reads, writes },
  full: {
    searches: [...searches, ...fullSearches],
    rungs,
    reads: [...reads, ...fullReads, unchecked],
    writes: fullWrites,
  },
};

export const consumerStatements = (profile: Profile): ConsumerStatements => byProfile[profile];
