-- Keys and indexes of release_track and release_track_artist. Safe to run again: what exists is left alone.
--
--   psql -f schema/create_track_indexes.sql discogs
--
-- wxyc-index runs the CREATE INDEX statements of both files in parallel, over several connections; the rest follows in order.

CREATE UNIQUE INDEX IF NOT EXISTS release_track_artist_release_id_track_sequence_artist_name_key
  ON release_track_artist (release_id, track_sequence, artist_name);

CREATE INDEX IF NOT EXISTS idx_release_track_release_id ON release_track (release_id);
CREATE INDEX IF NOT EXISTS idx_release_track_artist_release_id ON release_track_artist (release_id);

CREATE INDEX IF NOT EXISTS idx_release_track_title_trgm ON release_track USING gin (lower(public.f_unaccent(title)) public.gin_trgm_ops);
CREATE INDEX IF NOT EXISTS idx_release_track_artist_name_trgm ON release_track_artist USING gin (lower(public.f_unaccent(artist_name)) public.gin_trgm_ops);

-- For exact searches.
CREATE INDEX IF NOT EXISTS idx_release_track_search ON release_track (discogs.title_key(title));
CREATE INDEX IF NOT EXISTS idx_release_track_artist_search ON release_track_artist (discogs.artist_key(artist_name));

-- Keys become constraints of the unique indexes above; foreign keys are checked afterwards, table by table.
DO $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT * FROM (VALUES
    ('release_track_artist', 'release_track_artist_release_id_track_sequence_artist_name_key', 'UNIQUE USING INDEX release_track_artist_release_id_track_sequence_artist_name_key'),
    ('release_track', 'release_track_release_id_fkey', 'FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE NOT VALID'),
    ('release_track_artist', 'release_track_artist_release_id_fkey', 'FOREIGN KEY (release_id) REFERENCES release (id) ON DELETE CASCADE NOT VALID')
  ) AS wanted (of_table, name, definition) LOOP
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = key.of_table::regclass AND conname = key.name) THEN
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT %I %s', key.of_table, key.name, key.definition);
    END IF;
  END LOOP;
END $$;

ALTER TABLE release_track VALIDATE CONSTRAINT release_track_release_id_fkey;
ALTER TABLE release_track_artist VALIDATE CONSTRAINT release_track_artist_release_id_fkey;
