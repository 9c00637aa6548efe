/** A published cache whose releases lack artwork. */
import { ensureIndexes, createSchema, publish } from '@wxyc/cache';
import { openClient } from '@wxyc/postgres';

export interface CacheRow {
  id: number;
  year?: number;
  artwork?: string;
}

/** Builds the given releases beside the published cache. Titles and artists are `Title 7` by `Artist 7`. */
export async function build(databaseUrl: string, rows: readonly CacheRow[]): Promise<void> {
  await createSchema({ databaseUrl, schema: 'discogs_next', replace: true });
  const client = await openClient(databaseUrl, { schema: 'discogs_next' });
  try {
    await client.query('ALTER TABLE release DROP COLUMN IF EXISTS master_id');
    await client.query(
      "INSERT INTO release (id, title, release_year, artwork_url) SELECT id, 'Title ' || id, year, artwork FROM unnest($1::int[], $2::int[], $3::text[]) AS r (id, year, artwork)",
      [
        rows.map(({ id }) => id),
        rows.map(({ year }) => year ?? 2000),
        rows.map(({ artwork }) => artwork ?? null),
      ],
    );
    await client.query(`
      INSERT INTO release_artist (release_id, artist_name) SELECT id, 'Artist ' || id FROM release;
      INSERT INTO release_track (release_id, sequence, title) SELECT id, 1, 'Track' FROM release;
      INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM release`);
  } finally {
    await client.end();
  }
  await ensureIndexes({ databaseUrl, schema: 'discogs_next' });
}

/** Replaces the published cache with the given releases. */
export async function publishCache(databaseUrl: string, rows: readonly CacheRow[]): Promise<void> {
  await build(databaseUrl, rows);
  await publish({ databaseUrl, allowShrink: true });
}

/** Ids from..to; every ten share a year. */
export const releases = (from: number, to: number): CacheRow[] =>
  Array.from({ length: to - from + 1 }, (_, n) => ({
    id: from + n,
    year: 1990 + Math.floor((from + n) / 10),
  }));
