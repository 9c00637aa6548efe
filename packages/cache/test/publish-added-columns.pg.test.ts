import {
  ensureIndexes,
  carryOver,
  checkContract,
  publishObstacles,
  replacementRemarks,
  undoPublication,
} from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import {
  fetchStatements,
  makeBuild,
  publishedCache,
  publishNow,
  releaseRows,
  run,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

// A role called discogs would make things in the search functions' schema.
const sql = (text: string): Promise<unknown> => database.query(`SET search_path = public; ${text}`);
const obstacles = async (): Promise<string> =>
  (await publishObstacles({ databaseUrl: database.url })).join('; ');
const next = (generation: string, to = 12, indexes = true): Promise<void> =>
  makeBuild(database.url, { to, generation, indexes });

/** Columns of a table beyond the contract's, as the catalogue has them. */
const added = (table: string): Promise<unknown[]> =>
  database.query(
    `SELECT attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS required, pg_get_expr(adbin, adrelid) AS value, attgenerated::text AS computed, col_description(attrelid, attnum) AS comment, attacl::text AS rights
       FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
      WHERE attrelid = 'public.${table}'::regclass AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('id', 'title', 'release_year', 'country', 'artwork_url', 'release_id', 'cached_at', 'source', 'last_validated') ORDER BY 1`,
  );

/** Publishes while a consumer is in a transaction: it has run the first statement, and runs the second while publishing waits for the tables. */
const whileWaiting = (first: string, then: string): Promise<void> =>
  withClient(database.url, async (holder) => {
    await holder.query(`BEGIN; ${first}`);
    const publishing = publishNow(database.url);
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'wxyc-publish%'";
    while ((await database.query(waiting)).length === 0);
    await holder.query(`${then}; COMMIT`);
    await publishing;
  });

describe('columns that somebody added', () => {
  it('are carried over on tables with a row per release: type, default, NOT NULL, values, indexes, comments, rights', async () => {
    await publishedCache(database.url, 10);
    const reader = await database.role();
    await sql(`CREATE TYPE mood AS ENUM ('glad', 'sad'); ALTER TABLE release ADD rating numeric(3,1) NOT NULL DEFAULT 0.5, ADD felt mood, ADD "in Stock" boolean, ADD facts json, ADD bare text COLLATE "C",
        ADD words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED;
      ALTER TABLE cache_metadata ADD checked_by text DEFAULT 'nobody';
      CREATE INDEX by_rating ON release (rating) WHERE felt IS NOT NULL; CREATE INDEX by_words ON release USING gin (words);
      COMMENT ON COLUMN release.rating IS 'ours'; COMMENT ON INDEX by_rating IS 'for the shop'; GRANT SELECT (rating), UPDATE (felt) ON release TO ${reader.name};
      UPDATE release SET rating = id, felt = 'sad', "in Stock" = id > 5, facts = '{"id": 1}' WHERE id <= 8; UPDATE cache_metadata SET checked_by = 'somebody ' || release_id WHERE release_id = 3`);
    await run(database.url, fetchStatements(77, 'mine'));
    await sql('UPDATE release SET rating = 9 WHERE id = 77');
    const [before, ofMetadata] = [await added('release'), await added('cache_metadata')];
    expect(before).toHaveLength(6);
    expect(await obstacles()).toBe('');
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
    await next('new');
    await publishNow(database.url);
    expect(await added('release')).toEqual(before);
    expect(await added('cache_metadata')).toEqual(ofMetadata);
    expect(
      await database.query(
        'SELECT id, title, rating::float8, felt::text, "in Stock" AS stock, facts FROM public.release WHERE id IN (3, 8, 9, 12, 77) ORDER BY id',
      ),
    ).toEqual([
      { id: 3, title: 'new release 3', rating: 3, felt: 'sad', stock: false, facts: { id: 1 } },
      { id: 8, title: 'new release 8', rating: 8, felt: 'sad', stock: true, facts: { id: 1 } },
      { id: 9, title: 'new release 9', rating: 0.5, felt: null, stock: null, facts: null },
      { id: 12, title: 'new release 12', rating: 0.5, felt: null, stock: null, facts: null },
      { id: 77, title: 'mine title', rating: 9, felt: null, stock: null, facts: null },
    ]);
    expect(
      await database.query(
        "SELECT id FROM public.release WHERE words @@ to_tsquery('simple', 'new') AND id = 3",
      ),
    ).toEqual([{ id: 3 }]);
    expect(
      await database.query(
        'SELECT release_id AS id, checked_by AS by FROM public.cache_metadata WHERE release_id IN (3, 4) ORDER BY 1',
      ),
    ).toEqual([
      { id: 3, by: 'somebody 3' },
      { id: 4, by: 'nobody' },
    ]);
    expect(
      await database.query(
        "SELECT obj_description('public.by_rating'::regclass) AS comment, (SELECT count(*)::int FROM pg_indexes WHERE schemaname = 'public' AND indexname = 'by_words') AS words",
      ),
    ).toEqual([{ comment: 'for the shop', words: 1 }]);
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
  });

  it('are carried by the thousand before indexing, and so are writes to them during the run and under the lock', async () => {
    await publishedCache(database.url, 2000);
    await sql(
      "ALTER TABLE release ADD rating integer, ADD wanted text; UPDATE release SET rating = id, wanted = 'by many'",
    );
    await next('new', 2000, false);
    await carryOver({ databaseUrl: database.url });
    // Written anew, not updated in place.
    expect(
      await database.query(
        "SELECT count(*)::int AS n, pg_relation_size('discogs_next.release') < 2 * pg_relation_size('public.release') AS lean FROM discogs_next.release WHERE rating = id AND wanted = 'by many'",
      ),
    ).toEqual([{ n: 2000, lean: true }]);
    await ensureIndexes({ databaseUrl: database.url, schema: 'discogs_next' });
    await sql(
      "UPDATE release SET rating = -1 WHERE id = 5; UPDATE release SET rating = NULL WHERE id = 6; ALTER TABLE cache_metadata ADD late text DEFAULT 'x'; UPDATE cache_metadata SET late = 'y' WHERE release_id = 7",
    );
    await whileWaiting(
      'UPDATE public.release SET rating = -2 WHERE id = 8',
      'ALTER TABLE public.release ADD later integer; UPDATE public.release SET later = 1 WHERE id = 9',
    );
    expect(
      await database.query(
        'SELECT id, title, rating, later FROM public.release WHERE id BETWEEN 4 AND 9 ORDER BY 1',
      ),
    ).toEqual(
      // Written to during the wait for the tables: perhaps an unfinished fetch, so they stay whole.
      [4, -1, null, 7, -2, 9].map((rating, at) => ({
        id: at + 4,
        title: `${at > 3 ? 'old' : 'new'} release ${at + 4}`,
        rating,
        later: at === 5 ? 1 : null,
      })),
    );
    expect(
      await database.query("SELECT release_id AS id FROM public.cache_metadata WHERE late = 'y'"),
    ).toEqual([{ id: 7 }]);
    // Without a new column it is found only under the lock.
    await next('newer', 2000);
    await whileWaiting(
      "UPDATE public.cache_metadata SET late = 'z' WHERE release_id = 4",
      'SELECT 1',
    );
    expect(
      await database.query(
        "SELECT r.id, r.title, m.late FROM public.release r JOIN public.cache_metadata m ON m.release_id = r.id WHERE m.late <> 'x' ORDER BY 1",
      ),
    ).toEqual([
      { id: 4, title: 'newer release 4', late: 'z' },
      { id: 7, title: 'newer release 7', late: 'y' },
    ]);
    // And back, with what was written since.
    await sql('UPDATE release SET rating = 55 WHERE id = 10');
    await undoPublication({ databaseUrl: database.url });
    expect(
      await database.query(
        'SELECT id, title, rating FROM public.release WHERE id IN (10, 11) ORDER BY 1',
      ),
    ).toEqual([
      { id: 10, title: 'new release 10', rating: 55 },
      { id: 11, title: 'new release 11', rating: 11 },
    ]);
  });

  it.each([
    [
      'a track table',
      'ALTER TABLE release_track ADD bpm integer',
      /the column bpm, which somebody added to public\.release_track, cannot be carried over.*ALTER TABLE public\.release_track DROP COLUMN "bpm"/,
    ],
    [
      'an identity',
      'ALTER TABLE release ADD nr integer GENERATED BY DEFAULT AS IDENTITY',
      /column nr, .*public\.release, draws its values from a sequence/,
    ],
    [
      'a serial',
      'ALTER TABLE cache_metadata ADD nr serial',
      /column nr, .*public\.cache_metadata, draws its values from a sequence/,
    ],
    [
      'NOT NULL alone',
      'ALTER TABLE release ADD shelf text; UPDATE release SET shelf = id; ALTER TABLE release ALTER shelf SET NOT NULL',
      /column shelf, .* is NOT NULL without a default/,
    ],
    [
      'a constraint on one',
      'ALTER TABLE release ADD shelf text, ADD CONSTRAINT known CHECK (shelf <> $$x$$)',
      /constraint known on table public\.release/,
    ],
    [
      'a unique one',
      'ALTER TABLE release ADD shelf text UNIQUE',
      /constraint release_shelf_key on table public\.release/,
    ],
  ])('%s is named and refused, at the start and before publishing', async (_, create, named) => {
    await publishedCache(database.url);
    await next('new');
    await sql(create);
    expect(await obstacles()).toMatch(named);
    await expect(publishNow(database.url)).rejects.toThrow(named);
    expect(await releaseRows(database.url, 3)).toMatchObject({
      release: [{ title: 'old release 3' }],
    });
  });

  it('a default of a role that is not trusted is named', async () => {
    await publishedCache(database.url);
    const stranger = await database.role();
    await sql(
      `CREATE FUNCTION planted() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION planted() OWNER TO ${stranger.name}; ALTER TABLE release ADD rating integer DEFAULT planted()`,
    );
    expect(await obstacles()).toMatch(
      new RegExp(
        `function .*planted\\(\\), which a default on public\\.release uses, belongs to ${stranger.name}`,
      ),
    );
  });
});

describe('a wider layout', () => {
  it('keeps only its performers, no release without a title, and warns that its columns go', async () => {
    await publishedCache(database.url);
    await sql(`ALTER TABLE release ADD not_found boolean NOT NULL DEFAULT false, ADD released text, ADD artwork_checked_at timestamptz; ALTER TABLE release_track_artist ADD extra integer NOT NULL DEFAULT 0, ADD role text;
      ALTER TABLE release_artist ADD artist_id integer, ADD anv text, ADD role text`);
    await run(database.url, fetchStatements(77, 'mine'));
    await sql(`INSERT INTO release_track_artist (release_id, track_sequence, artist_name, extra, role) VALUES (77, 1, 'a producer', 1, 'Producer');
      INSERT INTO release (id, title, not_found) VALUES (78, '', true), (79, '', true); INSERT INTO cache_metadata (release_id, source) VALUES (78, 'api_fetch');
      UPDATE release SET artwork_checked_at = '2026-09-01 12:00Z' WHERE id = 4`);
    await next('new');
    await run(database.url, [
      "INSERT INTO release (id, title, not_found) VALUES (80, '', true)",
      "INSERT INTO cache_metadata (release_id, source) VALUES (80, 'api_fetch')",
      "UPDATE release SET title = '', not_found = true WHERE id = 5",
    ]);
    expect(await obstacles()).toBe('');
    expect(await replacementRemarks({ databaseUrl: database.url })).toEqual([
      'public.release has columns of an earlier or wider layout that the new cache does not have: not_found, released',
      'public.release_artist has columns of an earlier or wider layout that the new cache does not have: artist_id, anv, role',
      'public.release_track_artist has columns of an earlier or wider layout that the new cache does not have: extra, role',
    ]);
    await publishNow(database.url);
    expect(await releaseRows(database.url, 77)).toMatchObject({
      release: [{ title: 'mine title' }],
      trackArtists: ['mine performer'],
    });
    expect(
      await database.query("SELECT id FROM public.release WHERE title = '' OR id IN (78, 79, 80)"),
    ).toEqual([]);
    expect(await releaseRows(database.url, 5)).toMatchObject({
      release: [{ title: 'new release 5' }],
    });
    // Consumers know which releases were looked at.
    expect(
      await database.query(
        "SELECT artwork_checked_at = '2026-09-01 12:00Z' AS kept FROM public.release WHERE id IN (3, 4) ORDER BY id",
      ),
    ).toEqual([{ kept: null }, { kept: true }]);
  });
});
