-- The cache's tables, in the first schema of the search path. Safe to run again.
--
--   psql -f schema/create_functions.sql -f schema/create_database.sql discogs
--   PGOPTIONS='-c search_path=discogs_next' psql -c 'CREATE SCHEMA IF NOT EXISTS discogs_next' -f schema/create_database.sql discogs
--
-- import drops keys and indexes to load faster; create_indexes.sql and create_track_indexes.sql restore them.

CREATE TABLE IF NOT EXISTS release (
  id           integer  NOT NULL CONSTRAINT release_pkey PRIMARY KEY,
  title        text     NOT NULL,
  release_year smallint,
  country      text,
  artwork_url  text,
  -- Pressings of one album share it; dedup drops it.
  master_id    integer
);

CREATE TABLE IF NOT EXISTS release_artist (
  release_id  integer NOT NULL CONSTRAINT release_artist_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  artist_name text    NOT NULL,
  extra       integer NOT NULL DEFAULT 0, -- 0 main, 1 extra credit
  CONSTRAINT release_artist_release_id_artist_name_key UNIQUE (release_id, artist_name)
);

CREATE TABLE IF NOT EXISTS release_label (
  release_id integer NOT NULL CONSTRAINT release_label_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  label_name text    NOT NULL
);

CREATE TABLE IF NOT EXISTS release_track (
  release_id integer NOT NULL CONSTRAINT release_track_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  sequence   integer NOT NULL,
  position   text,
  title      text    NOT NULL,
  duration   text
);

CREATE TABLE IF NOT EXISTS release_track_artist (
  release_id     integer NOT NULL CONSTRAINT release_track_artist_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  track_sequence integer NOT NULL,
  artist_name    text    NOT NULL,
  CONSTRAINT release_track_artist_release_id_track_sequence_artist_name_key UNIQUE (release_id, track_sequence, artist_name)
);

CREATE TABLE IF NOT EXISTS cache_metadata (
  release_id     integer     NOT NULL CONSTRAINT cache_metadata_pkey PRIMARY KEY
                             CONSTRAINT cache_metadata_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  cached_at      timestamptz NOT NULL DEFAULT now(),
  source         text        NOT NULL, -- 'bulk_import' or 'api_fetch'
  last_validated timestamptz
);

-- Companion tables: what decisions need beyond the columns that consumers read. They move with the cache, and a cache without
-- them is complete. No keys to release: consumers need not know of them.

-- Main credits with a variation or an id, which release_artist lacks.
CREATE TABLE IF NOT EXISTS release_credit (
  release_id  integer NOT NULL,
  artist_name text    NOT NULL,
  variation   text,   -- the name as printed
  artist_id   integer -- Discogs' id
);
CREATE INDEX IF NOT EXISTS idx_release_credit_release_id ON release_credit (release_id);

-- The masters of the releases, once dedup has dropped the column.
CREATE TABLE IF NOT EXISTS release_master (
  release_id integer NOT NULL,
  master_id  integer NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_release_master_release_id ON release_master (release_id);

-- Pressings that dedup dropped: release_id was kept instead of dropped_id.
CREATE TABLE IF NOT EXISTS release_pressing (
  release_id integer NOT NULL,
  dropped_id integer NOT NULL,
  reason     text    NOT NULL
);
CREATE INDEX IF NOT EXISTS idx_release_pressing_release_id ON release_pressing (release_id);
CREATE INDEX IF NOT EXISTS idx_release_pressing_dropped_id ON release_pressing (dropped_id);

-- What the cache was made from: one row, or none if the steps were run by hand. It moves with the cache.
CREATE TABLE IF NOT EXISTS cache_origin (
  run_id         text,
  published_at   timestamptz,
  month          text,    -- of the dump: 2026-09
  dump           text,    -- its file's name
  dump_checksum  text,    -- SHA-256, if the run verified it
  library        text,    -- fingerprint of the library's content
  library_albums integer,
  profile        text NOT NULL DEFAULT 'lean'
);
