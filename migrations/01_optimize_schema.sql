-- The one-time migration of the first production database, from the wide layout (every column of discogs-xml2db) to the lean
-- one. Kept for databases that were never migrated. All or nothing, and safe to run again:
--
--   psql -v ON_ERROR_STOP=1 -f migrations/01_optimize_schema.sql discogs
--
-- It keeps one pressing of each master (most tracks, then lowest id) and removes what consumers never read. Afterwards
-- schema/create_functions.sql, create_database.sql, create_indexes.sql, create_track_indexes.sql and create_search.sql add what the wide layout lacked.

BEGIN;

-- Tables that nobody reads.
DROP TABLE IF EXISTS release_genre, release_style, artist;

-- Labels stay, without catalogue numbers.
DO $$
DECLARE
  labels text[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = to_regclass('release_label') AND attnum > 0 AND NOT attisdropped);
BEGIN
  IF 'label' = ANY (labels) AND NOT 'label_name' = ANY (labels) THEN
    ALTER TABLE release_label RENAME COLUMN label TO label_name;
  END IF;
END $$;
ALTER TABLE IF EXISTS release_label DROP COLUMN IF EXISTS id, DROP COLUMN IF EXISTS label_id, DROP COLUMN IF EXISTS catno;

-- One pressing of each master. Rows are deleted by joins, table by table: with the foreign keys in place, deleting a release
-- would look up its children one release at a time.
CREATE TEMP TABLE further_pressing (id integer PRIMARY KEY) ON COMMIT DROP;
DO $$
DECLARE
  child text;
BEGIN
  IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = 'release'::regclass AND attname = 'master_id' AND NOT attisdropped) THEN
    INSERT INTO further_pressing
    SELECT id FROM (
      SELECT r.id, row_number() OVER (PARTITION BY r.master_id ORDER BY coalesce(t.tracks, 0) DESC, r.id) AS place
        FROM release r LEFT JOIN (SELECT release_id, count(*) AS tracks FROM release_track GROUP BY release_id) t ON t.release_id = r.id
       WHERE r.master_id <> 0 AND r.title IS NOT NULL
    ) ranked WHERE place > 1;
  END IF;
  -- Nobody can look for a release without a title: imports leave them out.
  INSERT INTO further_pressing SELECT id FROM release WHERE title IS NULL;
  ANALYZE further_pressing;
  FOREACH child IN ARRAY ARRAY['release_artist', 'release_label', 'release_track', 'release_track_artist', 'cache_metadata'] LOOP
    CONTINUE WHEN to_regclass(child) IS NULL;
    EXECUTE format('DELETE FROM %I c USING further_pressing f WHERE c.release_id = f.id', child);
    -- Rows without a release would prevent the foreign key.
    EXECUTE format('DELETE FROM %I c WHERE NOT EXISTS (SELECT FROM release r WHERE r.id = c.release_id AND NOT EXISTS (SELECT FROM further_pressing f WHERE f.id = r.id))', child);
  END LOOP;
  DELETE FROM release r USING further_pressing f WHERE r.id = f.id;
END $$;

-- released becomes release_year, its first four digits.
DO $$
DECLARE
  columns text[] := ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = 'release'::regclass AND attnum > 0 AND NOT attisdropped);
  year constant text := $y$ CASE WHEN released::text ~ '^[0-9]{4}' AND left(released::text, 4) <> '0000' THEN left(released::text, 4)::smallint END $y$;
BEGIN
  IF 'released' = ANY (columns) AND NOT 'release_year' = ANY (columns) THEN
    ALTER TABLE release ALTER COLUMN released DROP DEFAULT, ALTER COLUMN released DROP NOT NULL;
    -- Writes the table once; adding a column and filling it would leave two versions of every row.
    EXECUTE format('ALTER TABLE release ALTER COLUMN released TYPE smallint USING %s', year);
    ALTER TABLE release RENAME COLUMN released TO release_year;
  ELSIF 'released' = ANY (columns) THEN
    EXECUTE format('UPDATE release SET release_year = %s WHERE release_year IS NULL', year);
  END IF;
END $$;

ALTER TABLE release
  ADD COLUMN IF NOT EXISTS release_year smallint,
  ADD COLUMN IF NOT EXISTS artwork_url text,
  DROP COLUMN IF EXISTS released,
  DROP COLUMN IF EXISTS status,
  DROP COLUMN IF EXISTS notes,
  DROP COLUMN IF EXISTS data_quality,
  DROP COLUMN IF EXISTS master_id;
ALTER TABLE release_artist
  DROP COLUMN IF EXISTS id,
  DROP COLUMN IF EXISTS artist_id,
  DROP COLUMN IF EXISTS anv,
  DROP COLUMN IF EXISTS position,
  DROP COLUMN IF EXISTS join_string,
  DROP COLUMN IF EXISTS role,
  DROP COLUMN IF EXISTS tracks;
ALTER TABLE release_track
  DROP COLUMN IF EXISTS id,
  DROP COLUMN IF EXISTS parent,
  DROP COLUMN IF EXISTS track_id;

-- A row per credit becomes a row per name, the main one first; and nothing is NULL that consumers rely on.
DELETE FROM release_artist a
 USING (SELECT ctid AS row, row_number() OVER (PARTITION BY release_id, artist_name ORDER BY extra NULLS FIRST, ctid) AS place FROM release_artist) c
 WHERE a.ctid = c.row AND (c.place > 1 OR a.artist_name IS NULL OR a.release_id IS NULL);
UPDATE release_artist SET extra = 0 WHERE extra IS NULL;
DELETE FROM release_track WHERE title IS NULL OR sequence IS NULL OR release_id IS NULL;
ALTER TABLE release ALTER COLUMN title SET NOT NULL;
ALTER TABLE release_artist ALTER COLUMN release_id SET NOT NULL, ALTER COLUMN artist_name SET NOT NULL, ALTER COLUMN extra SET DEFAULT 0, ALTER COLUMN extra SET NOT NULL;
ALTER TABLE release_track ALTER COLUMN release_id SET NOT NULL, ALTER COLUMN sequence SET NOT NULL, ALTER COLUMN title SET NOT NULL;
DO $$
BEGIN
  IF to_regclass('release_label') IS NOT NULL THEN
    DELETE FROM release_label WHERE label_name IS NULL OR release_id IS NULL;
    ALTER TABLE release_label ALTER COLUMN release_id SET NOT NULL, ALTER COLUMN label_name SET NOT NULL;
  END IF;
  IF to_regclass('release_track_artist') IS NOT NULL THEN
    DELETE FROM release_track_artist a
     USING (SELECT ctid AS row, row_number() OVER (PARTITION BY release_id, track_sequence, artist_name ORDER BY ctid) AS place FROM release_track_artist) c
     WHERE a.ctid = c.row AND (c.place > 1 OR a.release_id IS NULL OR a.track_sequence IS NULL OR a.artist_name IS NULL);
    ALTER TABLE release_track_artist ALTER COLUMN release_id SET NOT NULL, ALTER COLUMN track_sequence SET NOT NULL, ALTER COLUMN artist_name SET NOT NULL;
  END IF;
  -- A release without metadata counts as a consumer's, and is carried over from month to month.
  IF to_regclass('cache_metadata') IS NULL THEN
    CREATE TABLE cache_metadata (release_id integer NOT NULL CONSTRAINT cache_metadata_pkey PRIMARY KEY, cached_at timestamptz NOT NULL DEFAULT now(), source text NOT NULL, last_validated timestamptz);
  END IF;
  IF NOT EXISTS (SELECT FROM cache_metadata) THEN
    INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM release;
  END IF;
END $$;

-- Foreign keys that cascade, instead of those that do not.
DO $$
DECLARE
  child text;
  old record;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'release'::regclass AND contype = 'p') THEN
    ALTER TABLE release ADD CONSTRAINT release_pkey PRIMARY KEY (id);
  END IF;
  FOREACH child IN ARRAY ARRAY['release_artist', 'release_label', 'release_track', 'release_track_artist', 'cache_metadata'] LOOP
    CONTINUE WHEN to_regclass(child) IS NULL;
    FOR old IN SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(child) AND contype = 'f' AND confrelid = 'release'::regclass AND confdeltype <> 'c' LOOP
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT %I', child, old.conname);
    END LOOP;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = to_regclass(child) AND contype = 'f' AND confrelid = 'release'::regclass) THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE', child, child || '_release_id_fkey');
    END IF;
  END LOOP;
END $$;

COMMIT;
