/** A small cache to search in. */
import { ensureIndexes, createSchema } from '@wxyc/cache';
import type { TestDatabase } from '@wxyc/testing';

/** A build beside the published cache: a few albums to look for, one that bears the build's mark in all its tables, and a few hundred more. */
export async function build(database: TestDatabase, mark = ''): Promise<void> {
  await createSchema({ databaseUrl: database.url, schema: 'discogs_next', replace: true });
  await database.query(`SET search_path = discogs_next, public;
    ALTER TABLE release DROP COLUMN master_id;
    INSERT INTO release (id, title, release_year) VALUES (1, 'Homogenic', 1997), (2, 'Aerial Ballet', 1968), (3, '†', 2007), (4, '!!!', 2001), (5, 'Murmur', 1983), (6, 'Кино', 1990),
      (7, repeat('Long title ', 400), 1999), (8, 'Selected Ambient Works 85-92', 1992), (9, 'Bookends', 1968), (10, 'Homogenic', 2001), (11, 'Greatest Hits', 1999), (13, 'Song 160785', NULL);
    INSERT INTO release_artist VALUES (1, 'Björk', 0), (1, 'Mark Bell', 1), (2, 'Harry Nilsson', 0), (3, 'Justice (3)', 0), (4, '!!!', 0), (5, 'R.E.M.', 0), (6, 'Кино', 0), (7, 'The Long Ones', 0),
      (8, 'Aphex Twin', 0), (9, 'Simon & Garfunkel', 0), (10, 'Somebody Else', 0), (11, 'Björk', 0);
    INSERT INTO release_label VALUES (1, 'One Little Indian');
    INSERT INTO release_track VALUES (1, 1, '1', 'Hunter', '4:15'), (1, 2, '2', 'Jóga', '5:05'), (1, 10, '10', 'All Is Full of Love', '4:33'), (11, 1, 'A1', 'Hunter', NULL), (9, 1, 'A1', 'America', NULL), (10, 1, '1', 'Hunter', NULL),
      (4, 1, '1', '!!!', NULL);
    INSERT INTO release_track_artist VALUES (11, 1, 'Mark Bell');
    INSERT INTO release (id, title) VALUES (12, 'Edition${mark}');
    INSERT INTO release_artist VALUES (13, 'Numbers', 0);
    INSERT INTO release_artist VALUES (12, 'Printers${mark}', 0);
    INSERT INTO release_track VALUES (12, 1, '1', 'Impression${mark}', NULL);
    INSERT INTO release SELECT n, '${mark}Filler ' || md5(n::text) FROM generate_series(100, 400) n;
    INSERT INTO release_artist SELECT n, 'Band ' || md5((n % 50)::text), 0 FROM generate_series(100, 400) n;
    INSERT INTO release_track SELECT n, 1, '1', 'Song ' || md5(n::text), NULL FROM generate_series(100, 400) n;
    INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM release`);
  await ensureIndexes({ databaseUrl: database.url, schema: 'discogs_next' });
}
