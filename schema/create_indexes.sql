-- Keys and indexes of release, release_artist, release_label and cache_metadata. Safe to run again: what exists is left alone.
--
--   psql -f schema/create_indexes.sql discogs
--
-- wxyc-index runs the CREATE INDEX statements of both files in parallel, over several connections; the rest follows in order.

CREATE UNIQUE INDEX IF NOT EXISTS release_pkey ON release (id);
CREATE UNIQUE INDEX IF NOT EXISTS release_artist_release_id_artist_name_key ON release_artist (release_id, artist_name);
CREATE UNIQUE INDEX IF NOT EXISTS cache_metadata_pkey ON cache_metadata (release_id);

CREATE INDEX IF NOT EXISTS idx_release_artist_release_id ON release_artist (release_id);
CREATE INDEX IF NOT EXISTS idx_release_label_release_id ON release_label (release_id);
CREATE INDEX IF NOT EXISTS idx_cache_metadata_cached_at ON cache_metadata (cached_at);
CREATE INDEX IF NOT EXISTS idx_cache_metadata_source ON cache_metadata (source);

-- The expression must match the consumers' predicate to the letter; otherwise their searches read the whole table.
CREATE INDEX IF NOT EXISTS idx_release_artist_name_trgm ON release_artist USING gin (lower(public.f_unaccent(artist_name)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_release_title_trgm ON release USING gin (lower(public.f_unaccent(title)) public.gin_trgm_ops);

-- For exact searches, see create_functions.sql: a number for each text, so that long texts fit and equal ones share an entry.
CREATE INDEX IF NOT EXISTS idx_release_artist_search ON release_artist (discogs.artist_key(artist_name));
CREATE INDEX IF NOT EXISTS idx_release_search ON release (discogs.title_key(title));

-- Keys become constraints of the unique indexes above; foreign keys are checked afterwards, table by table.
DO $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT * FROM (VALUES
    ('release', 'release_pkey', 'PRIMARY KEY USING INDEX release_pkey'),
    ('release_artist', 'release_artist_release_id_artist_name_key', 'UNIQUE USING INDEX release_artist_release_id_artist_name_key'),
    ('cache_metadata', 'cache_metadata_pkey', 'PRIMARY KEY USING INDEX cache_metadata_pkey'),
    ('release_artist', 'release_artist_release_id_fkey', 'FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE NOT VALID'),
    ('release_label', 'release_label_release_id_fkey', 'FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE NOT VALID'),
    ('cache_metadata', 'cache_metadata_release_id_fkey', 'FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE NOT VALID')
  ) AS wanted (of_table, name, definition) LOOP
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = key.of_table::regclass AND conname = key.name) THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', key.of_table, key.name, key.definition);
    END IF;
  END LOOP;
END $$;

ALTER TABLE release_artist VALIDATE CONSTRAINT release_artist_release_id_fkey;
ALTER TABLE release_label VALIDATE CONSTRAINT release_label_release_id_fkey;
ALTER TABLE cache_metadata VALIDATE CONSTRAINT cache_metadata_release_id_fkey;
