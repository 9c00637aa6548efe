-- What the full profile adds to create_database.sql, which comes first: everything the dumps say about a release, and tables for
-- artists and masters. Safe to run again.
--
--   psql -f schema/create_functions.sql -f schema/create_database.sql -f schema/create_full.sql discogs
--
-- create_full_indexes.sql replaces create_indexes.sql and create_track_indexes.sql.

ALTER TABLE release
  ADD COLUMN IF NOT EXISTS released           text, -- as the dump has it: 1994-05-00
  ADD COLUMN IF NOT EXISTS format             text, -- 2xVinyl, CD
  ADD COLUMN IF NOT EXISTS artwork_checked_at timestamptz,
  -- Discogs has no such release: a row without a title, so that nobody asks again.
  ADD COLUMN IF NOT EXISTS not_found          boolean NOT NULL DEFAULT false;

-- Every credit is a row, even a main and an extra one of the same name.
ALTER TABLE release_artist DROP CONSTRAINT IF EXISTS release_artist_release_id_artist_name_key;
ALTER TABLE release_artist
  ADD COLUMN IF NOT EXISTS artist_id integer,
  ADD COLUMN IF NOT EXISTS anv       text, -- the name as printed
  ADD COLUMN IF NOT EXISTS role      text;

ALTER TABLE release_label
  ADD COLUMN IF NOT EXISTS catno    text,
  ADD COLUMN IF NOT EXISTS label_id integer;

-- Only performers are unique, by an index.
ALTER TABLE release_track_artist DROP CONSTRAINT IF EXISTS release_track_artist_release_id_track_sequence_artist_name_key;
ALTER TABLE release_track_artist
  ADD COLUMN IF NOT EXISTS extra integer NOT NULL DEFAULT 0, -- 0 performer, 1 other credit
  ADD COLUMN IF NOT EXISTS role  text;

CREATE TABLE IF NOT EXISTS release_genre (
  release_id integer NOT NULL CONSTRAINT release_genre_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  genre      text    NOT NULL
);

CREATE TABLE IF NOT EXISTS release_style (
  release_id integer NOT NULL CONSTRAINT release_style_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  style      text    NOT NULL
);

CREATE TABLE IF NOT EXISTS release_format (
  release_id   integer NOT NULL CONSTRAINT release_format_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  name         text    NOT NULL,
  qty          integer,
  text         text,
  descriptions text[]
);

-- Barcodes, matrix numbers and the like.
CREATE TABLE IF NOT EXISTS release_identifier (
  release_id  integer NOT NULL CONSTRAINT release_identifier_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  type        text    NOT NULL,
  value       text    NOT NULL,
  description text
);

CREATE TABLE IF NOT EXISTS release_video (
  release_id integer NOT NULL CONSTRAINT release_video_release_id_fkey REFERENCES release (id) ON DELETE CASCADE,
  sequence   integer NOT NULL,
  src        text    NOT NULL,
  title      text,
  duration   integer, -- seconds
  embed      boolean NOT NULL DEFAULT true
);

CREATE TABLE IF NOT EXISTS artist (
  id         integer     NOT NULL CONSTRAINT artist_pkey PRIMARY KEY,
  name       text        NOT NULL,
  profile    text,
  image_url  text,
  fetched_at timestamptz NOT NULL DEFAULT now(), -- of artists from a dump: when its releases were imported
  not_found  boolean     NOT NULL DEFAULT false
);

CREATE TABLE IF NOT EXISTS artist_alias (
  artist_id  integer NOT NULL CONSTRAINT artist_alias_artist_id_fkey REFERENCES artist (id) ON DELETE CASCADE,
  alias_id   integer,
  alias_name text    NOT NULL
);

CREATE TABLE IF NOT EXISTS artist_name_variation (
  artist_id integer NOT NULL CONSTRAINT artist_name_variation_artist_id_fkey REFERENCES artist (id) ON DELETE CASCADE,
  name      text    NOT NULL
);

CREATE TABLE IF NOT EXISTS artist_member (
  artist_id   integer NOT NULL CONSTRAINT artist_member_artist_id_fkey REFERENCES artist (id) ON DELETE CASCADE,
  member_id   integer NOT NULL,
  member_name text    NOT NULL,
  active      boolean NOT NULL DEFAULT true
);

CREATE TABLE IF NOT EXISTS artist_url (
  artist_id integer NOT NULL CONSTRAINT artist_url_artist_id_fkey REFERENCES artist (id) ON DELETE CASCADE,
  url       text    NOT NULL
);

CREATE TABLE IF NOT EXISTS master (
  id              integer NOT NULL CONSTRAINT master_pkey PRIMARY KEY,
  title           text    NOT NULL,
  main_release_id integer,
  year            smallint
);

CREATE TABLE IF NOT EXISTS master_artist (
  master_id   integer NOT NULL CONSTRAINT master_artist_master_id_fkey REFERENCES master (id) ON DELETE CASCADE,
  artist_id   integer,
  artist_name text    NOT NULL
);

-- The steps go by this.
INSERT INTO cache_origin (profile) SELECT 'full' WHERE NOT EXISTS (SELECT FROM cache_origin);
UPDATE cache_origin SET profile = 'full' WHERE profile <> 'full';
