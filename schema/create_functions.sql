-- The extensions and f_unaccent(text). They live in public, outside every schema that a run builds and replaces, and are
-- created only where missing: the published cache's indexes hang on them.
--
--   psql -f schema/create_functions.sql discogs

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

-- unaccent(text) is only STABLE, because its dictionary is looked up by the search path. With the dictionary pinned the
-- result never changes, so that it may be indexed.
DO $$
BEGIN
  IF to_regprocedure('public.f_unaccent(text)') IS NULL THEN
    CREATE FUNCTION public.f_unaccent(text) RETURNS text
      LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
      AS $f$ SELECT public.unaccent('public.unaccent'::regdictionary, $1) $f$;
  END IF;
END $$;
