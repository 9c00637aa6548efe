-- Searches for consumers, in the schema discogs, which stays when a cache is replaced. Safe to run again: it replaces existing
-- functions in one transaction, and a search under way ends with the function that it began with.
--
--   psql --single-transaction -f schema/create_functions.sql -f schema/create_database.sql -f schema/create_search.sql discogs
--
-- A search is a ladder, and each rung is tried only if the ones above found nothing: equal in normal form, equal in letters
-- and digits, one typing error away (all such texts are looked up in the indexes), then trigrams at 0.6, 0.45 and 0.3.
-- No text makes these functions fail, and none becomes part of a statement. Those that read tables are PL/pgSQL, whose plans are
-- cached for a session.
--
-- In the full profile a track has other credits beside its performers', marked by the column extra. The lean profile has no such column:
-- there `extra` resolves to that of `performing`, which wraps the table.

-- Loads the module: a role that is not a superuser may only set settings that the server knows.
SELECT public.similarity('', '');

-- Letters of all spellings of a folded text that a search index may hold: and-words spelled out, as `&` or omitted, each
-- article, vowels with their e. The first is the text itself.
CREATE OR REPLACE FUNCTION discogs.spellings(form text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  WITH joined (place, words) AS (
    SELECT * FROM (VALUES
      (0, form),
      (1, replace(form, '&', ' and ')),
      (2, regexp_replace(replace(form, '&', ' '), '(^|\s)(and|n)(?=\s|$)', ' ', 'g')),
      (3, regexp_replace(replace(form, '&', ' n '), '(^|\s)and(?=\s|$)', ' n ', 'g')),
      (4, CASE WHEN form ~ '^[^,]+, [^,]+$' THEN regexp_replace(form, '^([^,]+), ([^,]+)$', '\2 \1') END)
    ) AS spelled
  ), cut (place, letters, bare) AS (
    SELECT place, discogs.letters(words), discogs.letters(regexp_replace(words, '^\s*(the|los|las|les|la|le|el|die|der|das|a|an|os|il)\s+(?=\S)', '')) FROM joined WHERE words <> ''
  ), spelled (place, letters) AS (
    SELECT place, letters FROM cut
    UNION ALL SELECT 10, bare FROM cut
    UNION ALL SELECT 11, article || bare FROM cut, unnest('{the,los,las,les,la,le,el,die,der,das,a,an,os,il}'::text[]) article
    UNION ALL SELECT 12, bare || 'the' FROM cut
    UNION ALL SELECT 13, regexp_replace(bare, '([aou])e+', '\1', 'g') FROM cut
  )
  SELECT array_agg(letters ORDER BY place, letters) FROM (SELECT letters, min(place) AS place FROM spelled WHERE letters <> '' GROUP BY letters) once $$;

CREATE OR REPLACE FUNCTION discogs.keys(letters text[]) RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  RETURN ARRAY(SELECT DISTINCT hashtext(text) FROM unnest(letters) AS text);
END $$;

-- The keys of every text that is one typing error away, with or without an article: a letter omitted, added, replaced, or swapped
-- with the next. None for texts so short that all would be alike, nor for long ones, which trigrams distinguish as fast.
CREATE OR REPLACE FUNCTION discogs.keys_one_error_away(letters text, article text DEFAULT '') RETURNS integer[] LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  n integer := length(letters);
  alphabet text[];
BEGIN
  IF n NOT BETWEEN 3 AND 48 THEN
    RETURN '{}';
  END IF;
  alphabet := string_to_array(
    CASE WHEN letters ~ '[а-яёђ-џ]' THEN 'абвгдежзийклмнопрстуфхцчшщъыьэюяіє'
         WHEN letters ~ '[α-ω]' THEN 'αβγδεζηθικλμνξοπρστυφχψω'
         WHEN letters ~ '[א-ת]' THEN 'אבגדהוזחטיךכלםמןנסעףפץצקרשת'
         WHEN letters ~ '[ء-ي]' THEN 'ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي'
         WHEN letters ~ '[ぁ-んァ-ヶ]' THEN 'あいうえおかがきぎくぐけげこごさざしじすずせぜそぞただちぢっつづてでとどなにぬねのはばぱひびぴふぶぷへべぺほぼぽまみむめもやゆよらりるれろわをんアイウエオカガキギクグケゲコゴサザシジスズセゼソゾタダチヂッツヅテデトドナニヌネノハバパヒビピフブプヘベペホボポマミムメモャヤュユョヨラリルレロワヲンー'
         ELSE 'abcdefghijklmnopqrstuvwxyz0123456789' END, NULL);
  RETURN ARRAY(
    WITH part (i, head, rest, tail) AS MATERIALIZED (SELECT i, article || left(letters, i), substr(letters, i + 1), substr(letters, i + 2) FROM generate_series(0, n) i)
    SELECT hashtext(head || c || rest) FROM part, unnest(alphabet) c
    UNION ALL SELECT hashtext(head || c || tail) FROM part, unnest(alphabet) c WHERE i < n
    UNION ALL SELECT hashtext(head || tail) FROM part WHERE i < n
    UNION ALL SELECT hashtext(head || left(tail, 1) || left(rest, 1) || substr(tail, 2)) FROM part WHERE i < n - 1);
END $$;

-- Texts whose trigram similarity is above pg_trgm.similarity_threshold, most similar first. For artists one row per name.
CREATE OR REPLACE FUNCTION discogs.near(what text, wanted text, max_results integer)
  RETURNS TABLE (release_id integer, sequence integer, name text, likeness real)
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public SET jit = off SET enable_bitmapscan = on SET enable_seqscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
BEGIN
  CASE what
    WHEN 'title' THEN RETURN QUERY
      SELECT r.id, 0, r.title, similarity(lower(public.f_unaccent(r.title)), wanted) FROM public.release r
       WHERE lower(public.f_unaccent(r.title)) % wanted ORDER BY 4 DESC, 1 LIMIT max_results;
    WHEN 'artist' THEN RETURN QUERY
      SELECT 0, 0, a.artist_name, similarity(lower(public.f_unaccent(a.artist_name)), wanted)
        FROM (SELECT DISTINCT artist_name FROM public.release_artist WHERE lower(public.f_unaccent(artist_name)) % wanted) a ORDER BY 4 DESC, 3 LIMIT max_results;
    WHEN 'track' THEN RETURN QUERY
      SELECT t.release_id, t.sequence, t.title, similarity(lower(public.f_unaccent(t.title)), wanted) FROM public.release_track t
       WHERE lower(public.f_unaccent(t.title)) % wanted ORDER BY 4 DESC, 1, 2 LIMIT max_results;
    ELSE RETURN QUERY
      SELECT 0, 0, p.artist_name, similarity(lower(public.f_unaccent(p.artist_name)), wanted)
        FROM (SELECT DISTINCT artist_name FROM public.release_track_artist WHERE lower(public.f_unaccent(artist_name)) % wanted) p ORDER BY 4 DESC, 3 LIMIT max_results;
  END CASE;
END $$;

-- A setting of the function, and not set_config: that would fail in a parallel query.
CREATE OR REPLACE FUNCTION discogs.near_60(what text, wanted text, max_results integer) RETURNS TABLE (release_id integer, sequence integer, name text, likeness real)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.6 AS $$ SELECT * FROM discogs.near(what, wanted, max_results) $$;
CREATE OR REPLACE FUNCTION discogs.near_45(what text, wanted text, max_results integer) RETURNS TABLE (release_id integer, sequence integer, name text, likeness real)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.45 AS $$ SELECT * FROM discogs.near(what, wanted, max_results) $$;
CREATE OR REPLACE FUNCTION discogs.near_30(what text, wanted text, max_results integer) RETURNS TABLE (release_id integer, sequence integer, name text, likeness real)
  LANGUAGE sql STABLE STRICT PARALLEL SAFE SET pg_trgm.similarity_threshold = 0.3 AS $$ SELECT * FROM discogs.near(what, wanted, max_results) $$;

CREATE OR REPLACE FUNCTION discogs.near_at(rung integer, what text, wanted text, max_results integer) RETURNS TABLE (release_id integer, sequence integer, name text, likeness real)
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$
BEGIN
  CASE rung
    WHEN 4 THEN RETURN QUERY SELECT * FROM discogs.near_60(what, wanted, max_results);
    WHEN 5 THEN RETURN QUERY SELECT * FROM discogs.near_45(what, wanted, max_results);
    ELSE RETURN QUERY SELECT * FROM discogs.near_30(what, wanted, max_results);
  END CASE;
END $$;

-- What the searches return, and the forms of a query's text that they compare.
DO $$
BEGIN
  IF to_regtype('discogs.found_release') IS NULL THEN
    CREATE TYPE discogs.found_release AS (release_id integer, artist text, title text, release_year smallint, artwork_url text, score real, matched text);
    CREATE TYPE discogs.found_track AS (release_id integer, track_sequence integer, "position" text, track text, artist text, title text, score real, matched text);
    CREATE TYPE discogs.found_artist AS (artist text, releases integer, score real, matched text);
    END IF;
  IF to_regtype('discogs.question') IS NULL THEN
    CREATE TYPE discogs.question AS (normal text, loose text, plain text, letters text[], keys integer[], near_keys integer[]);
  END IF;
END $$;

-- Texts of megabytes are cut: no name is so long.

CREATE OR REPLACE FUNCTION discogs.ask(wanted text, is_artist boolean) RETURNS discogs.question LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  asked discogs.question;
  cut text := btrim(left(wanted, 10000), discogs.white_space());
BEGIN
  IF cut IS NULL OR cut = '' THEN
    RETURN NULL;
  END IF;
  asked.normal := CASE WHEN is_artist THEN discogs.normal_artist(cut) ELSE discogs.normal_title(cut) END;
  asked.loose := CASE WHEN is_artist THEN discogs.loose_artist(cut) ELSE discogs.loose_title(cut) END;
  asked.plain := lower(public.f_unaccent(left(cut, 300)));
  asked.letters := CASE WHEN length(asked.normal) > 400 THEN ARRAY[discogs.letters(asked.normal)] ELSE discogs.spellings(asked.normal) END;
  IF asked.letters IS NULL THEN
    RETURN NULL;
  END IF;
  -- Errors are looked for in the text as it stands, whose `&` no index holds.
  IF is_artist AND strpos(cut, '&') > 0 THEN
    asked.letters := discogs.letters(regexp_replace(cut, '\s*\([0-9]+\)$', '')) || asked.letters;
  END IF;
  -- The text as it stands too: of a row that holds it, whatever is around its letters.
  asked.letters := asked.letters || asked.loose || CASE WHEN is_artist THEN discogs.artist_letters(left(wanted, 10000)) ELSE discogs.title_letters(left(wanted, 10000)) END;
  asked.keys := discogs.keys(asked.letters);
  RETURN asked;
END $$;

-- The query with the keys for one error, then also for an error plus a missing article.
CREATE OR REPLACE FUNCTION discogs.ask_near(asked discogs.question, with_articles boolean DEFAULT false) RETURNS discogs.question LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
  IF asked.keys IS NULL THEN
    RETURN asked;
  END IF;
  IF NOT with_articles THEN
    asked.near_keys := asked.keys || discogs.keys_one_error_away(asked.letters[1]);
  ELSIF asked.normal ~ '^(the|los|las|les|la|le|el|die|der|das|a|an|os|il) ' THEN
    asked.near_keys := asked.near_keys || discogs.keys_one_error_away(discogs.letters(regexp_replace(asked.normal, '^\S+ ', '')));
  ELSE
    asked.near_keys := asked.near_keys || discogs.keys_one_error_away(asked.letters[1], 'the');
  END IF;
  RETURN asked;
END $$;

-- How similar a stored text is to the query: 1 exact, 0.98 loose, below 0.96 similar. The query comes in parts: passing all of it
-- with every row costs more than the comparison.
CREATE OR REPLACE FUNCTION discogs.likeness(stored text, is_artist boolean, normal text, plain text, letters text[], near_keys integer[]) RETURNS real LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  own text;
  share real;
BEGIN
  IF lower(stored) = normal THEN
    RETURN 1;
  END IF;
  own := CASE WHEN is_artist THEN discogs.artist_letters(stored) ELSE discogs.title_letters(stored) END;
  IF own = ANY (letters) THEN
    RETURN CASE WHEN CASE WHEN is_artist THEN discogs.normal_artist(stored) ELSE discogs.normal_title(stored) END = normal THEN 1 ELSE 0.98 END;
  END IF;
  share := public.similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(stored, 300))), plain);
  -- One error costs a short text most of its trigrams, and is still one error. A key may be that of other letters: those of an
  -- error are the same in one half.
  IF share < 0.9 AND hashtext(own) = ANY (near_keys) AND EXISTS (
       SELECT FROM unnest(letters) l, LATERAL (SELECT (least(length(own), length(l)) - 1) / 2) h (half)
        WHERE left(own, half) = left(l, half) OR right(own, half) = right(l, half)) THEN
    share := greatest(share, 1 - 1 / greatest(2, length(letters[1]))::real);
  END IF;
  RETURN share * 0.95;
END $$;

-- The main artists of a release as one text.
CREATE OR REPLACE FUNCTION discogs.credit(of_release integer) RETURNS text LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN (SELECT string_agg(a.artist_name, ', ' ORDER BY a.ctid) FROM public.release_artist a WHERE a.release_id = of_release AND a.extra = 0);
END $$;

CREATE OR REPLACE FUNCTION discogs.kind(likeness real) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN likeness >= 1 THEN 'exact' WHEN likeness > 0.96 THEN 'loose' ELSE 'similar' END $$;

-- The releases whose title, or one of whose artists, has one of the keys, up to a limit: of rows, since a release may credit an
-- artist many times. Where there are more rows of artists, a NULL follows.
CREATE OR REPLACE FUNCTION discogs.titled(keys integer[], most integer) RETURNS integer[]
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  RETURN ARRAY(SELECT id FROM public.release WHERE discogs.title_key(title) = ANY (keys) LIMIT most);
END $$;

CREATE OR REPLACE FUNCTION discogs.credited(keys integer[], most integer) RETURNS integer[]
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  RETURN (SELECT array_agg(DISTINCT id) || CASE WHEN count(*) < most THEN '{}' ELSE '{NULL}'::integer[] END
            FROM (SELECT release_id AS id FROM public.release_artist WHERE discogs.artist_key(artist_name) = ANY (keys) LIMIT most) a);
END $$;

CREATE OR REPLACE FUNCTION discogs.performed(keys integer[], most integer) RETURNS integer[]
  LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public SET enable_seqscan = off SET enable_bitmapscan = off AS $$
BEGIN
  RETURN (SELECT array_agg(DISTINCT p.id) || CASE WHEN count(*) < most THEN '{}' ELSE '{NULL}'::integer[] END
            FROM (SELECT 0 AS extra) performing, LATERAL (SELECT release_id AS id FROM public.release_track_artist WHERE discogs.artist_key(artist_name) = ANY (keys) AND extra = 0 LIMIT most) p);
END $$;

-- The releases among these whose title, or one of whose artists, is similar to the query, most similar first.
CREATE OR REPLACE FUNCTION discogs.titled_like(ids integer[], asked discogs.question, share real, most integer) RETURNS integer[]
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
BEGIN
  RETURN ARRAY(
    SELECT id FROM (SELECT r.id, similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(r.title, 300))), asked.plain) AS share, discogs.title_key(r.title) = ANY (coalesce(asked.near_keys, asked.keys)) AS near
                      FROM unnest(ids) u (id) JOIN public.release r USING (id) OFFSET 0) f
     WHERE near OR f.share >= titled_like.share ORDER BY near DESC, f.share DESC, id LIMIT most);
END $$;

CREATE OR REPLACE FUNCTION discogs.credited_like(ids integer[], asked discogs.question, share real, most integer) RETURNS integer[]
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
BEGIN
  RETURN ARRAY(
    SELECT id FROM (SELECT c.release_id AS id, max(similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(c.artist_name, 300))), asked.plain)) AS share,
                           bool_or(discogs.artist_key(c.artist_name) = ANY (coalesce(asked.near_keys, asked.keys))) AS near
                      FROM unnest(ids) u (id) JOIN public.release_artist c ON c.release_id = u.id GROUP BY c.release_id OFFSET 0) f
     WHERE near OR f.share >= credited_like.share ORDER BY near DESC, f.share DESC, id LIMIT most);
END $$;

-- The performers of a track as one text, or else the main artists of its release.
CREATE OR REPLACE FUNCTION discogs.performers(of_release integer, of_track integer) RETURNS text LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN coalesce((SELECT string_agg(q.artist_name, ', ' ORDER BY q.place) FROM (SELECT 0 AS extra) performing,
                          LATERAL (SELECT p.artist_name, p.ctid AS place FROM public.release_track_artist p WHERE p.release_id = of_release AND p.track_sequence = of_track AND extra = 0) q),
                  discogs.credit(of_release));
END $$;

-- Releases by artist, title or both, best first. score: 0 to 1; matched: exact, loose or similar.
CREATE OR REPLACE FUNCTION discogs.search_releases(artist text, title text, max_results integer DEFAULT 10)
  RETURNS SETOF discogs.found_release
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 COST 10000
  SET search_path = pg_catalog, public SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  a discogs.question := discogs.ask($1, true);
  t discogs.question := discogs.ask($2, false);
  wanted integer := least($3, 1000);
  ids integer[];
  by_artist integer[];
  by_title integer[];
  names integer[];
  least_score real;
BEGIN
  -- A text that is nothing but white space asks for nothing, as NULL does; text that was given and cannot be found finds nothing.
  IF a.keys IS NULL AND t.keys IS NULL OR wanted IS NULL OR wanted < 1 THEN
    RETURN;
  END IF;
  -- Parents first, as publishing locks them.
  PERFORM FROM public.release LIMIT 1;
  FOR rung IN 0..6 LOOP
    IF rung IN (2, 3) THEN
      a := discogs.ask_near(a, rung = 3);
      t := discogs.ask_near(t, rung = 3);
    END IF;
    least_score := CASE rung WHEN 0 THEN 0.96 WHEN 1 THEN 0.45 WHEN 2 THEN 0.4 WHEN 3 THEN 0.4 ELSE 0.28 END;
    IF a.keys IS NULL THEN
      CONTINUE WHEN rung = 1;
      ids := CASE rung WHEN 0 THEN discogs.titled(t.keys, 2000)
                       WHEN 2 THEN discogs.titled(t.near_keys, 500)
                       WHEN 3 THEN discogs.titled(t.near_keys, 500)
                       ELSE ARRAY(SELECT n.release_id FROM discogs.near_at(rung, 'title', t.plain, wanted) n) END;
    ELSIF t.keys IS NULL THEN
      CONTINUE WHEN rung = 1;
      names := CASE rung WHEN 0 THEN a.keys WHEN 2 THEN a.near_keys WHEN 3 THEN a.near_keys
                         ELSE ARRAY(SELECT discogs.artist_key(n.name) FROM discogs.near_at(rung, 'artist', a.plain, wanted) n) END;
      -- Of every name a part, however many releases another one has; those an error away are read together, since most of their
      -- keys are nobody's. The most similar names come first, and are ranked before releases.
      RETURN QUERY
        WITH k AS MATERIALIZED (
          SELECT c.* FROM (SELECT names WHERE rung IN (2, 3) UNION ALL SELECT ARRAY[key] FROM (SELECT key FROM unnest(names) WITH ORDINALITY n (key, place) WHERE rung NOT IN (2, 3) GROUP BY key ORDER BY min(place)) d) u (keys),
                 LATERAL (SELECT release_id, artist_name, extra FROM public.release_artist WHERE discogs.artist_key(artist_name) = ANY (u.keys) LIMIT 3000) c
           LIMIT 30000
        ), n AS MATERIALIZED (
          SELECT artist_name, discogs.likeness(artist_name, true, a.normal, a.plain, a.letters, a.near_keys) AS likeness FROM (SELECT DISTINCT artist_name FROM k) d
        )
        SELECT r.id, f.artist_name, r.title, r.release_year, r.artwork_url, (f.likeness * CASE f.extra WHEN 0 THEN 1 ELSE 0.99 END)::real, discogs.kind(f.likeness)
          FROM (SELECT DISTINCT ON (c.release_id) c.*
                  FROM (SELECT k.release_id, k.artist_name, k.extra, n.likeness FROM k JOIN n USING (artist_name)
                         WHERE n.likeness >= least_score ORDER BY n.likeness DESC, k.extra, k.release_id LIMIT 20 * wanted) c
                 ORDER BY c.release_id, c.likeness DESC, c.extra) f
          JOIN public.release r ON r.id = f.release_id
         ORDER BY f.likeness DESC, f.extra, r.id LIMIT wanted;
      IF FOUND THEN RETURN; END IF;
      CONTINUE;
    ELSIF rung = 0 THEN
      by_title := discogs.titled(t.keys, 1500);
      IF cardinality(by_title) <= 200 THEN
        ids := discogs.credited_like(by_title, a, 2, 200);
      ELSE
        -- Of a title that thousands bear, or an artist with thousands of releases, only a part is read here: the other side
        -- leads then, and what it found is looked at.
        by_artist := discogs.credited(a.keys, 1500);
        ids := ARRAY(SELECT unnest(by_artist) INTERSECT SELECT unnest(by_title));
        IF cardinality(by_title) = 1500 THEN ids := ids || discogs.titled_like(by_artist, t, 2, 200); END IF;
        IF array_position(by_artist, NULL) > 0 THEN ids := ids || discogs.credited_like(by_title, a, 2, 200); END IF;
      END IF;
    ELSIF rung = 1 THEN
      by_artist := coalesce(by_artist, discogs.credited(a.keys, 1500));
      -- One of the two is right: whatever is wrong with the other, it is like one of a few.
      ids := discogs.titled_like(by_artist[1:500], t, 0.4, 2 * wanted) || discogs.credited_like(by_title[1:500], a, 0.4, 2 * wanted);
    ELSIF rung IN (2, 3) THEN
      by_title := discogs.titled(t.near_keys, 500);
      ids := discogs.credited_like(by_title, a, 0.35, 3 * wanted);
      IF cardinality(ids) = 0 OR cardinality(by_title) = 500 THEN
        ids := ids || discogs.titled_like(discogs.credited(a.near_keys, 800), t, 0.35, 3 * wanted);
      END IF;
    ELSE
      ids := discogs.credited_like(ARRAY(SELECT n.release_id FROM discogs.near_at(rung, 'title', t.plain, 200) n), a, 0.3, 3 * wanted);
      IF cardinality(ids) = 0 THEN
        names := ARRAY(SELECT discogs.artist_key(n.name) FROM discogs.near_at(rung, 'artist', a.plain, 20) n);
        ids := discogs.titled_like(discogs.credited(names, 500), t, 0.3, 3 * wanted);
      END IF;
    END IF;
    IF cardinality(ids) > 0 THEN
      RETURN QUERY
        SELECT f.id, coalesce(f.name, discogs.credit(f.id)), f.title, f.release_year, f.artwork_url, f.score, discogs.kind(f.weakest)
          FROM (
            SELECT r.id, c.artist_name AS name, r.title, r.release_year, r.artwork_url, coalesce(c.extra, 0) AS extra,
                   CASE WHEN a.keys IS NULL THEN of_title WHEN t.keys IS NULL THEN c.likeness ELSE ((of_title + c.likeness) / 2 * CASE c.extra WHEN 0 THEN 1 ELSE 0.99 END)::real END AS score,
                   least(of_title, c.likeness) AS weakest
              FROM (SELECT DISTINCT id FROM unnest(ids) id) u
              JOIN public.release r ON r.id = u.id
              CROSS JOIN LATERAL (SELECT discogs.likeness(r.title, false, t.normal, t.plain, t.letters, t.near_keys) AS of_title OFFSET 0) l
              LEFT JOIN LATERAL (
                SELECT n.artist_name, n.extra, discogs.likeness(n.artist_name, true, a.normal, a.plain, a.letters, a.near_keys) AS likeness FROM public.release_artist n
                 WHERE n.release_id = r.id AND a.keys IS NOT NULL AND (rung > 0 OR discogs.artist_key(n.artist_name) = ANY (a.keys)) ORDER BY 3 DESC, n.extra, n.artist_name LIMIT 1) c ON true
             WHERE a.keys IS NULL OR c.artist_name IS NOT NULL
          ) f
         WHERE f.weakest >= least_score
         ORDER BY discogs.kind(f.weakest), f.score DESC, f.extra, f.id LIMIT wanted;
      IF FOUND THEN RETURN; END IF;
    END IF;
  END LOOP;
END $$;

-- Tracks by title, and by the artist who performs them or else the release's artist.
CREATE OR REPLACE FUNCTION discogs.search_tracks(track text, artist text DEFAULT NULL, max_results integer DEFAULT 10)
  RETURNS SETOF discogs.found_track
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 COST 10000
  SET search_path = pg_catalog, public SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  a discogs.question := discogs.ask($2, true);
  t discogs.question := discogs.ask($1, false);
  wanted integer := least($3, 1000);
  -- Tracks as release and sequence, side by side.
  ids integer[];
  sequences integer[];
  by_artist integer[];
  least_score real;
BEGIN
  IF t.keys IS NULL OR wanted IS NULL OR wanted < 1 THEN
    RETURN;
  END IF;
  PERFORM FROM public.release LIMIT 1;
  FOR rung IN 0..6 LOOP
    IF rung IN (2, 3) THEN
      a := discogs.ask_near(a, rung = 3);
      t := discogs.ask_near(t, rung = 3);
    END IF;
    least_score := CASE rung WHEN 0 THEN 0.96 WHEN 1 THEN 0.45 WHEN 2 THEN 0.4 WHEN 3 THEN 0.4 ELSE 0.28 END;
    ids := NULL;
    IF a.keys IS NULL THEN
      CONTINUE WHEN rung = 1;
      IF rung = 0 THEN
        -- In the order of the table, which is the releases': a title that thousands of tracks bear is not read to its end.
        SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
          SELECT k.release_id, k.sequence FROM unnest(t.keys) key,
                 LATERAL (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = key
                           LIMIT 20 * wanted) k LIMIT 1000) f;
      ELSIF rung IN (2, 3) THEN
        SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences
          FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (t.near_keys) LIMIT 300) f;
      ELSE
        SELECT array_agg(n.release_id), array_agg(n.sequence) INTO ids, sequences FROM discogs.near_at(rung, 'track', t.plain, wanted) n;
      END IF;
    ELSE
      IF rung = 0 THEN
        -- The title leads if few tracks bear it.
        SELECT array_agg(k.release_id), array_agg(k.sequence) INTO ids, sequences
          FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (t.keys) LIMIT 61) k;
        IF cardinality(ids) <= 60 THEN
          SELECT array_agg(f.id), array_agg(f.sequence) INTO ids, sequences FROM (
            SELECT u.id, u.sequence FROM unnest(ids, sequences) AS u (id, sequence)
             WHERE EXISTS (SELECT FROM public.release_track_artist p WHERE p.release_id = u.id AND p.track_sequence = u.sequence AND discogs.artist_key(p.artist_name) = ANY (a.keys))
                OR EXISTS (SELECT FROM public.release_artist c WHERE c.release_id = u.id AND discogs.artist_key(c.artist_name) = ANY (a.keys)) LIMIT 10 * wanted) f;
        ELSIF ids IS NOT NULL THEN
          ids := NULL;
          by_artist := discogs.performed(a.keys, 1000) || discogs.credited(a.keys, 1500);
          IF cardinality(by_artist) <= 200 THEN
            SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
              SELECT k.release_id, k.sequence FROM (SELECT DISTINCT id FROM unnest(by_artist) id) u JOIN public.release_track k ON k.release_id = u.id
               WHERE discogs.title_key(k.title) = ANY (t.keys) LIMIT 10 * wanted) f;
          ELSE
            SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
              SELECT k.release_id, k.sequence FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (t.keys) LIMIT 5000) k
                JOIN (SELECT DISTINCT id FROM unnest(by_artist) id) u ON u.id = k.release_id LIMIT 10 * wanted) f;
          END IF;
          IF ids IS NULL AND array_position(by_artist, NULL) > 0 THEN
            -- There are more releases of this artist than were read.
            SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
              SELECT k.release_id, k.sequence FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (t.keys) LIMIT 5000) k
               WHERE EXISTS (SELECT FROM public.release_track_artist p WHERE p.release_id = k.release_id AND p.track_sequence = k.sequence AND discogs.artist_key(p.artist_name) = ANY (a.keys))
                  OR EXISTS (SELECT FROM public.release_artist c WHERE c.release_id = k.release_id AND discogs.artist_key(c.artist_name) = ANY (a.keys)) LIMIT 10 * wanted) f;
          END IF;
        END IF;
      ELSE
        IF rung > 1 OR by_artist IS NULL THEN
          by_artist := CASE rung
            WHEN 1 THEN discogs.performed(a.keys, 1000) || discogs.credited(a.keys, 1500)
            WHEN 2 THEN discogs.performed(a.near_keys, 200) || discogs.credited(a.near_keys, 300)
            WHEN 3 THEN discogs.performed(a.near_keys, 200) || discogs.credited(a.near_keys, 300)
            ELSE discogs.performed(ARRAY(SELECT discogs.artist_key(n.name) FROM discogs.near_at(rung, 'performer', a.plain, 10) n), 100)
              || discogs.credited(ARRAY(SELECT discogs.artist_key(n.name) FROM discogs.near_at(rung, 'artist', a.plain, 10) n), 200) END;
        END IF;
        IF rung = 1 THEN t := discogs.ask_near(t); END IF;
        IF rung IN (1, 2) AND cardinality(by_artist) > 30 THEN
          -- Of an artist with many releases, what is one error away is found faster by its keys.
          SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
            SELECT k.release_id, k.sequence FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (t.near_keys) LIMIT 2000) k
              JOIN (SELECT DISTINCT id FROM unnest(by_artist) id) u ON u.id = k.release_id LIMIT 5 * wanted) f;
        END IF;
        -- What the artist's releases hold, by likeness.
        IF ids IS NULL THEN
          SELECT array_agg(f.release_id), array_agg(f.sequence) INTO ids, sequences FROM (
            SELECT s.release_id, s.sequence FROM (
              SELECT k.release_id, k.sequence, similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(k.title, 300))), t.plain) AS share,
                     rung <= 3 AND discogs.title_key(k.title) = ANY (t.near_keys) AS near
                FROM (SELECT DISTINCT id FROM unnest(by_artist[1:300]) id) u JOIN public.release_track k ON k.release_id = u.id OFFSET 0) s
             WHERE s.near OR s.share >= CASE rung WHEN 1 THEN 0.4 ELSE 0.3 END ORDER BY s.near DESC, s.share DESC LIMIT 3 * wanted) f;
        END IF;
        IF rung <= 3 AND (rung = 1 OR ids IS NULL) THEN
          -- And from the other side: tracks of this title, by an artist that is like the one asked for.
          SELECT ids || array_agg(f.release_id), sequences || array_agg(f.sequence) INTO ids, sequences FROM (
            SELECT k.release_id, k.sequence
              FROM (SELECT release_id, sequence FROM public.release_track WHERE discogs.title_key(title) = ANY (CASE rung WHEN 1 THEN t.keys ELSE t.near_keys END) LIMIT 400) k
             WHERE EXISTS (SELECT FROM public.release_track_artist p WHERE p.release_id = k.release_id AND p.track_sequence = k.sequence AND similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(p.artist_name, 300))), a.plain) >= 0.3)
                OR EXISTS (SELECT FROM public.release_artist c WHERE c.release_id = k.release_id AND similarity(lower(public.unaccent('public.unaccent'::regdictionary, left(c.artist_name, 300))), a.plain) >= 0.3)
             LIMIT 5 * wanted) f;
        END IF;
      END IF;
    END IF;
    IF cardinality(ids) > 0 THEN
      RETURN QUERY
        SELECT f.release_id, f.sequence, f.position, f.track, coalesce(f.name, discogs.performers(f.release_id, f.sequence)), f.title, f.score, discogs.kind(f.weakest)
          FROM (
            SELECT k.release_id, k.sequence, k.position, k.title AS track, c.name, r.title, coalesce(c.place, 0) AS place,
                   CASE WHEN a.keys IS NULL THEN of_track ELSE ((of_track + c.likeness) / 2 * CASE c.place WHEN 2 THEN 0.99 ELSE 1 END)::real END AS score,
                   least(of_track, c.likeness) AS weakest
              FROM (SELECT DISTINCT * FROM unnest(ids, sequences) AS u (id, sequence)) u
              CROSS JOIN (SELECT 0 AS extra) performing
              JOIN public.release_track k ON k.release_id = u.id AND k.sequence = u.sequence
              JOIN public.release r ON r.id = k.release_id
              CROSS JOIN LATERAL (SELECT discogs.likeness(k.title, false, t.normal, t.plain, t.letters, t.near_keys) AS of_track OFFSET 0) l
              LEFT JOIN LATERAL (
                SELECT n.name, n.place, discogs.likeness(n.name, true, a.normal, a.plain, a.letters, a.near_keys) AS likeness FROM (
                  SELECT p.artist_name AS name, 0 AS place FROM public.release_track_artist p WHERE p.release_id = k.release_id AND p.track_sequence = k.sequence AND extra = 0
                  UNION ALL SELECT m.artist_name, CASE m.extra WHEN 0 THEN 1 ELSE 2 END FROM public.release_artist m WHERE m.release_id = k.release_id) n
                 WHERE a.keys IS NOT NULL AND (rung > 0 OR discogs.artist_key(n.name) = ANY (a.keys)) ORDER BY 3 DESC, n.place, n.name LIMIT 1) c ON true
             WHERE a.keys IS NULL OR c.name IS NOT NULL
          ) f
         WHERE f.weakest >= least_score
         ORDER BY discogs.kind(f.weakest), f.score DESC, f.place, f.release_id, f.sequence LIMIT wanted;
      IF FOUND THEN RETURN; END IF;
    END IF;
  END LOOP;
END $$;

-- Artists by name, one row for each spelling.
CREATE OR REPLACE FUNCTION discogs.search_artists(artist text, max_results integer DEFAULT 10)
  RETURNS SETOF discogs.found_artist
  LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10 COST 10000
  SET search_path = pg_catalog, public SET jit = off SET enable_seqscan = off SET enable_bitmapscan = off SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  a discogs.question := discogs.ask($1, true);
  wanted integer := least($2, 1000);
  names integer[];
BEGIN
  IF a.keys IS NULL OR wanted IS NULL OR wanted < 1 THEN
    RETURN;
  END IF;
  PERFORM FROM public.release LIMIT 1;
  FOR rung IN 0..6 LOOP
    CONTINUE WHEN rung = 1;
    IF rung IN (2, 3) THEN a := discogs.ask_near(a, rung = 3); END IF;
    names := CASE rung WHEN 0 THEN a.keys WHEN 2 THEN a.near_keys WHEN 3 THEN a.near_keys
                       ELSE ARRAY(SELECT DISTINCT discogs.artist_key(n.name) FROM discogs.near_at(rung, 'artist', a.plain, wanted) n) END;
    RETURN QUERY
      SELECT f.artist_name, f.releases, f.likeness, discogs.kind(f.likeness)
        FROM (SELECT c.artist_name, c.releases, c.main, discogs.likeness(c.artist_name, true, a.normal, a.plain, a.letters, a.near_keys) AS likeness
                FROM (SELECT r.artist_name, count(DISTINCT r.release_id)::integer AS releases, count(*) FILTER (WHERE r.extra = 0) AS main
                        FROM public.release_artist r WHERE discogs.artist_key(r.artist_name) = ANY (names) GROUP BY r.artist_name) c OFFSET 0) f
       WHERE f.likeness >= CASE rung WHEN 0 THEN 0.96 ELSE 0.28 END
       ORDER BY f.likeness DESC, f.main DESC, f.releases DESC, f.artist_name COLLATE "C" LIMIT wanted;
    IF FOUND THEN RETURN; END IF;
  END LOOP;
END $$;

-- Whether a release has a track, by this artist if one is given, and how certain that is: a similarity of 0.5 or more counts as yes.
CREATE OR REPLACE FUNCTION discogs.has_track(release_id integer, track text, artist text DEFAULT NULL, OUT has boolean, OUT score real)
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
  a discogs.question := discogs.ask_near(discogs.ask($3, true));
  t discogs.question := discogs.ask_near(discogs.ask($2, false));
BEGIN
  PERFORM FROM public.release LIMIT 1;
  IF t.keys IS NOT NULL THEN
    SELECT f.score INTO has_track.score FROM (
      SELECT CASE WHEN a.keys IS NULL THEN l.of_track ELSE least(l.of_track, c.likeness) END AS score
        FROM public.release_track k
        CROSS JOIN (SELECT 0 AS extra) performing
        CROSS JOIN LATERAL (SELECT discogs.likeness(k.title, false, t.normal, t.plain, t.letters, t.near_keys) AS of_track OFFSET 0) l
        LEFT JOIN LATERAL (
          SELECT max(discogs.likeness(n.name, true, a.normal, a.plain, a.letters, a.near_keys)) AS likeness FROM (
            SELECT p.artist_name AS name FROM public.release_track_artist p WHERE p.release_id = k.release_id AND p.track_sequence = k.sequence AND extra = 0
            UNION ALL SELECT m.artist_name FROM public.release_artist m WHERE m.release_id = k.release_id AND m.extra = 0) n
           WHERE a.keys IS NOT NULL AND l.of_track >= 0.28) c ON true
       WHERE k.release_id = $1) f
     WHERE f.score IS NOT NULL ORDER BY f.score DESC LIMIT 1;
  END IF;
  score := coalesce(has_track.score, 0);
  has := score >= 0.5;
END $$;

-- A release with everything that belongs to it, which is more in the full profile; NULL if there is none.
CREATE OR REPLACE FUNCTION discogs.release(release_id integer) RETURNS jsonb
  LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  found jsonb;
BEGIN
  SELECT to_jsonb(r) || jsonb_build_object(
    'artists', (SELECT coalesce(jsonb_agg(to_jsonb(a) - 'release_id' ORDER BY a.extra, a.ctid), '[]') FROM public.release_artist a WHERE a.release_id = r.id),
    'labels', (SELECT coalesce(jsonb_agg(to_jsonb(l) - 'release_id' ORDER BY l.ctid), '[]') FROM public.release_label l WHERE l.release_id = r.id),
    'tracks', (SELECT coalesce(jsonb_agg((to_jsonb(t) - 'release_id') || jsonb_build_object('artists',
        (SELECT coalesce(jsonb_agg(to_jsonb(p) - 'release_id' - 'track_sequence' ORDER BY p.ctid), '[]') FROM public.release_track_artist p WHERE p.release_id = t.release_id AND p.track_sequence = t.sequence))
        ORDER BY t.sequence, t.ctid), '[]') FROM public.release_track t WHERE t.release_id = r.id),
    'metadata', (SELECT to_jsonb(m) - 'release_id' FROM public.cache_metadata m WHERE m.release_id = r.id))
    INTO found FROM public.release r WHERE r.id = $1;
  -- Each table by itself: a cache that an earlier version built may lack the newest. One without ids of artists is lean, whatever else is there.
  IF found IS NOT NULL AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.release_artist') AND attname = 'artist_id' AND NOT attisdropped) THEN
    IF to_regclass('public.release_genre') IS NOT NULL THEN
      found := found || jsonb_build_object('genres', (SELECT coalesce(jsonb_agg(g.genre ORDER BY g.ctid), '[]') FROM public.release_genre g WHERE g.release_id = $1));
    END IF;
    IF to_regclass('public.release_style') IS NOT NULL THEN
      found := found || jsonb_build_object('styles', (SELECT coalesce(jsonb_agg(s.style ORDER BY s.ctid), '[]') FROM public.release_style s WHERE s.release_id = $1));
    END IF;
    IF to_regclass('public.release_format') IS NOT NULL THEN
      found := found || jsonb_build_object('formats', (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'release_id' ORDER BY f.ctid), '[]') FROM public.release_format f WHERE f.release_id = $1));
    END IF;
    IF to_regclass('public.release_identifier') IS NOT NULL THEN
      found := found || jsonb_build_object('identifiers', (SELECT coalesce(jsonb_agg(to_jsonb(i) - 'release_id' ORDER BY i.ctid), '[]') FROM public.release_identifier i WHERE i.release_id = $1));
    END IF;
    IF to_regclass('public.release_video') IS NOT NULL THEN
      found := found || jsonb_build_object('videos', (SELECT coalesce(jsonb_agg(to_jsonb(v) - 'release_id' ORDER BY v.sequence), '[]') FROM public.release_video v WHERE v.release_id = $1));
    END IF;
  END IF;
  RETURN found;
END $$;

COMMENT ON FUNCTION discogs.search_releases(text, text, integer) IS 'Releases by artist, title or both, best first';
COMMENT ON FUNCTION discogs.search_tracks(text, text, integer) IS 'Tracks by title and artist, best first';
COMMENT ON FUNCTION discogs.search_artists(text, integer) IS 'Artists by name, best first';
COMMENT ON FUNCTION discogs.has_track(integer, text, text) IS 'Whether a release has a track';
COMMENT ON FUNCTION discogs.release(integer) IS 'A release with all that belongs to it';
COMMENT ON SCHEMA discogs IS 'Searches for consumers, version 1';
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA discogs TO PUBLIC;
