/** The statements that consumers run, as examples with literal values: the contract check runs each of them. */

export interface ConsumerStatement {
  name: string;
  /** Unqualified, as consumers write it: they find the tables by their search path. */
  sql: string;
  /** Searches have to be able to use one of these indexes. */
  usesIndex?: readonly string[];
}

/** Far from any id of Discogs, which counts up from 1. */
const sampleId = 2_147_483_646;

const like = (column: string, text: string): string => `lower(f_unaccent(${column})) % lower(f_unaccent('${text}'))`;
const rank = (column: string, text: string): string => `similarity(lower(f_unaccent(${column})), lower(f_unaccent('${text}')))`;

export const consumerSearches: readonly ConsumerStatement[] = [
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

/** The search functions, which read `public`: only there a check can call them. */
export const functionCalls: readonly ConsumerStatement[] = [
  { name: 'search by the function search_releases', sql: "SELECT * FROM discogs.search_releases('Björk', 'Homogenic')" },
  { name: 'search by the function search_tracks', sql: "SELECT * FROM discogs.search_tracks('Hunter', 'Björk')" },
  { name: 'search by the function search_artists', sql: "SELECT * FROM discogs.search_artists('Björk')" },
  { name: 'ask for a track by the function has_track', sql: `SELECT * FROM discogs.has_track(${sampleId}, 'Hunter')` },
  { name: 'read a release by the function release', sql: `SELECT discogs.release(${sampleId})` },
];

/** What the search functions run on the upper rungs of their ladder; the lower ones are the searches above. */
export const rungs: readonly ConsumerStatement[] = [
  { name: 'exact search by title', sql: 'SELECT id FROM release WHERE discogs.title_key(title) = ANY (ARRAY[1, 2])', usesIndex: ['idx_release_search'] },
  { name: 'exact search by artist', sql: 'SELECT release_id FROM release_artist WHERE discogs.artist_key(artist_name) = ANY (ARRAY[1, 2])', usesIndex: ['idx_release_artist_search'] },
  { name: 'exact search by track', sql: 'SELECT release_id FROM release_track WHERE discogs.title_key(title) = ANY (ARRAY[1, 2])', usesIndex: ['idx_release_track_search'] },
  { name: 'exact search by track artist', sql: 'SELECT release_id FROM release_track_artist WHERE discogs.artist_key(artist_name) = ANY (ARRAY[1, 2])', usesIndex: ['idx_release_track_artist_search'] },
];

export const consumerReads: readonly ConsumerStatement[] = [
  { name: 'read a release', sql: `SELECT id, title, release_year, artwork_url FROM release WHERE id = ${sampleId}` },
  { name: 'read artists', sql: `SELECT artist_name, extra FROM release_artist WHERE release_id = ${sampleId} ORDER BY extra` },
  { name: 'read tracks', sql: `SELECT sequence, position, title, duration FROM release_track WHERE release_id = ${sampleId} ORDER BY sequence` },
  { name: 'read track artists', sql: `SELECT track_sequence, artist_name FROM release_track_artist WHERE release_id = ${sampleId} ORDER BY track_sequence` },
];

/** In the order in which a consumer runs them. */
export const consumerWrites: readonly ConsumerStatement[] = [
  {
    name: 'upsert a release',
    sql: `INSERT INTO release (id, title, release_year, artwork_url) VALUES (${sampleId}, 'Homogenic', 1997, NULL)
          ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url`,
  },
  { name: 'upsert an artist', sql: `INSERT INTO release_artist (release_id, artist_name, extra) VALUES (${sampleId}, 'Björk', 0) ON CONFLICT (release_id, artist_name) DO NOTHING` },
  { name: 'delete tracks', sql: `DELETE FROM release_track WHERE release_id = ${sampleId}` },
  { name: 'insert a track', sql: `INSERT INTO release_track (release_id, sequence, position, title, duration) VALUES (${sampleId}, 1, 'A1', 'Hunter', '4:15')` },
  { name: 'insert a track artist', sql: `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${sampleId}, 1, 'Björk') ON CONFLICT DO NOTHING` },
  {
    name: 'upsert metadata',
    sql: `INSERT INTO cache_metadata (release_id, source) VALUES (${sampleId}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
  },
];
