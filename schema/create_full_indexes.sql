-- Keys and indexes of all tables of the full profile. Safe to run again: what exists is left alone.
--
--   psql -f schema/create_full_indexes.sql discogs
--
-- wxyc-index runs the CREATE INDEX statements in parallel, over several connections; the rest follows in order.

CREATE UNIQUE INDEX IF NOT EXISTS release_pkey ON release (id);
CREATE UNIQUE INDEX IF NOT EXISTS cache_metadata_pkey ON cache_metadata (release_id);
CREATE UNIQUE INDEX IF NOT EXISTS artist_pkey ON artist (id);
CREATE UNIQUE INDEX IF NOT EXISTS master_pkey ON master (id);
-- Consumers write performers repeatedly; other credits of a track may take several rows.
CREATE UNIQUE INDEX IF NOT EXISTS release_track_artist_performer_key ON release_track_artist (release_id, track_sequence, artist_name) WHERE (extra = 0);

CREATE INDEX IF NOT EXISTS idx_release_artist_release_id ON release_artist (release_id);
CREATE INDEX IF NOT EXISTS idx_release_label_release_id ON release_label (release_id);
CREATE INDEX IF NOT EXISTS idx_release_genre_release_id ON release_genre (release_id);
CREATE INDEX IF NOT EXISTS idx_release_style_release_id ON release_style (release_id);
CREATE INDEX IF NOT EXISTS idx_release_format_release_id ON release_format (release_id);
CREATE INDEX IF NOT EXISTS idx_release_identifier_release_id ON release_identifier (release_id);
CREATE INDEX IF NOT EXISTS idx_release_video_release_id ON release_video (release_id);
CREATE INDEX IF NOT EXISTS idx_release_track_release_id ON release_track (release_id);
CREATE INDEX IF NOT EXISTS idx_release_track_artist_release_id ON release_track_artist (release_id);
CREATE INDEX IF NOT EXISTS idx_cache_metadata_cached_at ON cache_metadata (cached_at);
CREATE INDEX IF NOT EXISTS idx_cache_metadata_source ON cache_metadata (source);
CREATE INDEX IF NOT EXISTS idx_artist_alias_artist_id ON artist_alias (artist_id);
CREATE INDEX IF NOT EXISTS idx_artist_name_variation_artist_id ON artist_name_variation (artist_id);
CREATE INDEX IF NOT EXISTS idx_artist_member_artist_id ON artist_member (artist_id);
CREATE INDEX IF NOT EXISTS idx_artist_url_artist_id ON artist_url (artist_id);
CREATE INDEX IF NOT EXISTS idx_master_artist_master_id ON master_artist (master_id);

-- The other releases of a master, the releases of an artist, and the releases whose artwork has not been looked up.
CREATE INDEX IF NOT EXISTS idx_release_master_id ON release (master_id) WHERE (master_id IS NOT NULL);
CREATE INDEX IF NOT EXISTS idx_release_artist_artist_id ON release_artist (artist_id);
CREATE INDEX IF NOT EXISTS idx_release_artwork_unchecked ON release (id) WHERE ((artwork_url IS NULL) AND (artwork_checked_at IS NULL));

-- The expression must match the consumers' predicate to the letter; otherwise their searches read the whole table.
CREATE INDEX IF NOT EXISTS idx_release_artist_name_trgm ON release_artist USING gin (lower(public.f_unaccent(artist_name)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_release_title_trgm ON release USING gin (lower(public.f_unaccent(title)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_release_track_title_trgm ON release_track USING gin (lower(public.f_unaccent(title)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_release_track_artist_name_trgm ON release_track_artist USING gin (lower(public.f_unaccent(artist_name)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_artist_name_trgm ON artist USING gin (lower(public.f_unaccent(name)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_artist_name_variation_trgm ON artist_name_variation USING gin (lower(public.f_unaccent(name)) public.gin_trgm_ops);

-- For exact searches, see create_functions.sql: a number for each text, so that long texts fit and equal ones share an entry.
CREATE INDEX IF NOT EXISTS idx_release_artist_search ON release_artist (discogs.artist_key(artist_name));
CREATE INDEX IF NOT EXISTS idx_release_search ON release (discogs.title_key(title));
CREATE INDEX IF NOT EXISTS idx_release_track_search ON release_track (discogs.title_key(title));
CREATE INDEX IF NOT EXISTS idx_release_track_artist_search ON release_track_artist (discogs.artist_key(artist_name));

-- Keys become constraints of the unique indexes above; foreign keys are checked afterwards, table by table.
DO $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT of_table, name, definition FROM (VALUES
    ('release', 'release_pkey', 'PRIMARY KEY USING INDEX release_pkey'),
    ('cache_metadata', 'cache_metadata_pkey', 'PRIMARY KEY USING INDEX cache_metadata_pkey'),
    ('artist', 'artist_pkey', 'PRIMARY KEY USING INDEX artist_pkey'),
    ('master', 'master_pkey', 'PRIMARY KEY USING INDEX master_pkey')
  ) AS wanted (of_table, name, definition)
  UNION ALL SELECT of_table, of_table || '_' || root || '_id_fkey', format('FOREIGN KEY (%s_id) REFERENCES %s (id) ON DELETE CASCADE NOT VALID', root, root) FROM (VALUES
    ('release', '{release_artist,release_label,release_genre,release_style,release_format,release_identifier,release_video,release_track,release_track_artist,cache_metadata}'::text[]),
    ('artist', '{artist_alias,artist_name_variation,artist_member,artist_url}'),
    ('master', '{master_artist}')
  ) AS below (root, names), unnest(names) AS of_table LOOP
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = key.of_table::regclass AND conname = key.name) THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', key.of_table, key.name, key.definition);
    END IF;
  END LOOP;
END $$;

ALTER TABLE release_artist VALIDATE CONSTRAINT release_artist_release_id_fkey;
ALTER TABLE release_label VALIDATE CONSTRAINT release_label_release_id_fkey;
ALTER TABLE release_genre VALIDATE CONSTRAINT release_genre_release_id_fkey;
ALTER TABLE release_style VALIDATE CONSTRAINT release_style_release_id_fkey;
ALTER TABLE release_format VALIDATE CONSTRAINT release_format_release_id_fkey;
ALTER TABLE release_identifier VALIDATE CONSTRAINT release_identifier_release_id_fkey;
ALTER TABLE release_video VALIDATE CONSTRAINT release_video_release_id_fkey;
ALTER TABLE release_track VALIDATE CONSTRAINT release_track_release_id_fkey;
ALTER TABLE release_track_artist VALIDATE CONSTRAINT release_track_artist_release_id_fkey;
ALTER TABLE cache_metadata VALIDATE CONSTRAINT cache_metadata_release_id_fkey;
ALTER TABLE artist_alias VALIDATE CONSTRAINT artist_alias_artist_id_fkey;
ALTER TABLE artist_name_variation VALIDATE CONSTRAINT artist_name_variation_artist_id_fkey;
ALTER TABLE artist_member VALIDATE CONSTRAINT artist_member_artist_id_fkey;
ALTER TABLE artist_url VALIDATE CONSTRAINT artist_url_artist_id_fkey;
ALTER TABLE master_artist VALIDATE CONSTRAINT master_artist_master_id_fkey;
