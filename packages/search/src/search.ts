/** The search functions of a published cache as functions for Node: the same answers, with types. */

/**
 * The part of a connection of `postgres` that is used, so that any of its versions fits. For a `pg` pool:
 * `{ unsafe: async (text, values) => (await pool.query(text, values)).rows }`.
 */
export interface SearchSql {
  unsafe(
    text: string,
    values: (string | number | null)[],
    options?: { prepare: boolean },
  ): PromiseLike<readonly Record<string, unknown>[]>;
}

/** How a result was found: equal, equal in letters and digits, or similar. */
export type Matched = 'exact' | 'loose' | 'similar';

export interface FoundRelease {
  releaseId: number;
  /** The credit that was asked for; without an artist in the question, all main artists. */
  artist: string;
  title: string;
  releaseYear: number | null;
  artworkUrl: string | null;
  /** 0 to 1; 1 is equal. */
  score: number;
  matched: Matched;
}

export interface FoundTrack {
  releaseId: number;
  trackSequence: number;
  /** As printed: `A1`. */
  position: string | null;
  track: string;
  /** Who performs the track, or else made the release. */
  artist: string;
  /** The release's. */
  title: string;
  score: number;
  matched: Matched;
}

export interface FoundArtist {
  artist: string;
  /** How many releases have the name, extra credits included. */
  releases: number;
  score: number;
  matched: Matched;
}

export interface TrackAnswer {
  /** From a score of 0.5 on. */
  has: boolean;
  score: number;
}

/** A release with everything below it, as `discogs.release` returns it. Only a cache of the full profile has what is optional here. */
export interface ReleaseRecord {
  id: number;
  title: string;
  release_year: number | null;
  country: string | null;
  artwork_url: string | null;
  /** As the dump has it: `1994-05-00`. */
  released?: string | null;
  format?: string | null;
  master_id?: number | null;
  artwork_checked_at?: string | null;
  not_found?: boolean;
  artists: {
    artist_name: string;
    extra: number;
    artist_id?: number | null;
    anv?: string | null;
    role?: string | null;
  }[];
  labels: { label_name: string; catno?: string | null; label_id?: number | null }[];
  genres?: string[];
  styles?: string[];
  formats?: {
    name: string;
    qty: number | null;
    text: string | null;
    descriptions: string[] | null;
  }[];
  identifiers?: { type: string; value: string; description: string | null }[];
  videos?: {
    sequence: number;
    src: string;
    title: string | null;
    duration: number | null;
    embed: boolean;
  }[];
  tracks: {
    sequence: number;
    position: string | null;
    title: string;
    duration: string | null;
    artists: { artist_name: string; extra?: number; role?: string | null }[];
  }[];
  metadata: { cached_at: string; source: string; last_validated: string | null } | null;
}

export interface SearchOptions {
  /** Default 10, at most 1,000. */
  maxResults?: number | undefined;
}

/**
 * Releases by artist, title or both, best first. Any text is a question, none an error; without artist and title
 * nothing is found.
 *
 * @example
 * const [best] = await searchReleases(sql, { artist: 'bjork', title: 'homogenik' });
 */
export async function searchReleases(
  sql: SearchSql,
  question: { artist?: string | null | undefined; title?: string | null | undefined },
  options: SearchOptions = {},
): Promise<FoundRelease[]> {
  const rows = await sql.unsafe(
    'SELECT * FROM discogs.search_releases($1, $2, $3)',
    [asked(question.artist), asked(question.title), wanted(options)],
    prepared,
  );
  return rows.map((row) => ({
    releaseId: row['release_id'] as number,
    artist: (row['artist'] as string | null) ?? '',
    title: row['title'] as string,
    releaseYear: row['release_year'] as number | null,
    artworkUrl: row['artwork_url'] as string | null,
    ...howFound(row),
  }));
}

/** Tracks by title, and by artist if one is given, best first. */
export async function searchTracks(
  sql: SearchSql,
  question: { track: string; artist?: string | null | undefined },
  options: SearchOptions = {},
): Promise<FoundTrack[]> {
  const rows = await sql.unsafe(
    'SELECT * FROM discogs.search_tracks($1, $2, $3)',
    [asked(question.track), asked(question.artist), wanted(options)],
    prepared,
  );
  return rows.map((row) => ({
    releaseId: row['release_id'] as number,
    trackSequence: row['track_sequence'] as number,
    position: row['position'] as string | null,
    track: row['track'] as string,
    artist: (row['artist'] as string | null) ?? '',
    title: row['title'] as string,
    ...howFound(row),
  }));
}

/** Artists by name, one for each way of writing the name, best first. */
export async function searchArtists(
  sql: SearchSql,
  question: { artist: string },
  options: SearchOptions = {},
): Promise<FoundArtist[]> {
  const rows = await sql.unsafe(
    'SELECT * FROM discogs.search_artists($1, $2)',
    [asked(question.artist), wanted(options)],
    prepared,
  );
  return rows.map((row) => ({
    artist: row['artist'] as string,
    releases: row['releases'] as number,
    ...howFound(row),
  }));
}

/** Whether a release has a track, by this artist if one is given. */
export async function hasTrack(
  sql: SearchSql,
  question: { releaseId: number; track: string; artist?: string | null | undefined },
): Promise<TrackAnswer> {
  const [row] = await sql.unsafe(
    'SELECT * FROM discogs.has_track($1, $2, $3)',
    [question.releaseId, asked(question.track), asked(question.artist)],
    prepared,
  );
  return { has: row?.['has'] === true, score: Number(row?.['score'] ?? 0) };
}

/** The release with artists, labels, tracks and their performers; undefined if the cache does not hold it. */
export async function readRelease(
  sql: SearchSql,
  releaseId: number,
): Promise<ReleaseRecord | undefined> {
  const [row] = await sql.unsafe('SELECT discogs.release($1) AS release', [releaseId], prepared);
  return (row?.['release'] as ReleaseRecord | null) ?? undefined;
}

/** More than this the functions never return. */
export const mostResults = 1000;

const wanted = ({ maxResults }: SearchOptions): number => Math.min(maxResults ?? 10, mostResults);

const prepared = { prepare: true };

/** No text of the server can hold a NUL: it would refuse the question instead of answering it. */
function asked(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : text.replaceAll('\0', '');
}

function howFound(row: Record<string, unknown>): { score: number; matched: Matched } {
  return { score: Number(row['score']), matched: row['matched'] as Matched };
}
