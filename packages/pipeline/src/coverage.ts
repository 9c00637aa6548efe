/** How much of the library the cache covers. */
import { publishedSchema } from '@wxyc/dataset';
import { readLibrary } from '@wxyc/library';
import { qualifiedName, type Sql } from '@wxyc/postgres';
import { throwIfInterrupted } from '@wxyc/step';
import { isCompilationArtist, normalizeArtist } from '@wxyc/text';

export interface Coverage {
  /** Distinct (artist, title) pairs of the library. */
  pairs: number;
  artists: number;
  /** Artists with at least one release in the cache. */
  found: number;
  /** Artists without any, those with the most albums first. */
  missing: { artist: string; albums: number }[];
}

/** A list longer than this helps nobody. */
const mostMissing = 200;

/**
 * Compares the library with the published cache by normal form. `matched` are library artists that releases were
 * matched to under another name.
 */
export async function measureCoverage(sql: Sql, libraryDb: string, matched: readonly string[], signal: AbortSignal): Promise<Coverage> {
  const albums = new Map<string, { artist: string; titles: Set<string> }>();
  let pairs = 0;
  for (const { artist, title } of readLibrary(libraryDb)) {
    if (isCompilationArtist(artist)) continue;
    const form = normalizeArtist(artist);
    const entry = albums.get(form) ?? { artist, titles: new Set<string>() };
    if (!entry.titles.has(title)) pairs++;
    entry.titles.add(title);
    albums.set(form, entry);
  }
  const cached = new Set(matched.map(normalizeArtist));
  const query = sql.unsafe(`SELECT DISTINCT artist_name AS name FROM ${qualifiedName(publishedSchema, 'release_artist')} WHERE extra = 0`);
  await query.cursor(10_000, (rows) => {
    throwIfInterrupted(signal);
    for (const row of rows) cached.add(normalizeArtist(String(row['name'])));
  });
  const missing = [...albums].filter(([form]) => !cached.has(form)).map(([, { artist, titles }]) => ({ artist, albums: titles.size }));
  missing.sort((a, b) => b.albums - a.albums || (a.artist < b.artist ? -1 : 1));
  return { pairs, artists: albums.size, found: albums.size - missing.length, missing: missing.slice(0, mostMissing) };
}
