import { publishedRunId, publishObstacles } from '@wxyc/cache';
import { madeOnce, testDatabase, type TestDatabase } from '@wxyc/testing';
import {
  buildSchema,
  makeBuild,
  publishedCache,
  publishNow,
  untilAsking,
  wholeState,
  withClient,
} from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

// A role called discogs would make things in the search functions' schema.
const sql = (text: string): Promise<unknown> => database.query(text);
const obstacles = (): Promise<string[]> => publishObstacles({ databaseUrl: database.url });

async function twoGenerations(): Promise<void> {
  await madeOnce(database.url, 'two generations', async () => {
    await publishedCache(database.url);
    await makeBuild(database.url, { to: 10, generation: 'new' });
  });
}

describe('what hangs on the old tables', () => {
  it('trap 21: owner, table grants and column grants are carried over, grant options too; nothing is added', async () => {
    await twoGenerations();
    const [reader, writer, owner] = [
      await database.role(),
      await database.role(),
      await database.role(),
    ];
    await sql(`GRANT CREATE ON SCHEMA public TO ${owner.name}; GRANT USAGE ON SCHEMA public TO PUBLIC;
      ALTER TABLE release_label OWNER TO ${owner.name};
      GRANT SELECT ON release, release_label TO ${reader.name}, PUBLIC; GRANT SELECT, INSERT, UPDATE, DELETE ON release TO ${writer.name} WITH GRANT OPTION;
      GRANT SELECT (artist_name), UPDATE (extra) ON release_artist TO ${reader.name};
      ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO ${writer.name}`);
    // Made after the default privileges: they must not stick.
    await makeBuild(database.url, { to: 10, generation: 'newer' });
    const rights = (): Promise<unknown> =>
      database.query(`SELECT relname, pg_get_userbyid(relowner) AS owner, (SELECT array_agg(a::text ORDER BY a::text) FROM unnest(relacl) a) AS acl,
          (SELECT string_agg(attname || attacl::text, ',' ORDER BY attname) FROM pg_attribute WHERE attrelid = c.oid) AS columns
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`);
    const before = (await rights()) as { relname: string; acl: string[] | null }[];
    await publishNow(database.url);
    const after = (await rights()) as typeof before;
    // No explicit list means the owner's own rights, which may also be spelt out.
    const plain = (rows: typeof before): unknown =>
      rows.map((row) => ({
        ...row,
        acl: row.acl?.filter((entry) => !entry.startsWith(`${currentOwner}=`)) ?? [],
      }));
    const currentOwner =
      (await database.query<{ me: string }>('SELECT current_user AS me'))[0]?.me ?? '';
    expect(plain(after)).toEqual(plain(before));
    await withClient(reader.url, async (client) => {
      expect(
        (await client.query('SELECT artist_name FROM release_artist LIMIT 1')).rows,
      ).toHaveLength(1);
      await expect(client.query('SELECT extra FROM release_artist')).rejects.toThrow(
        /permission denied/,
      );
    });
  });

  it('a table that the old cache lacked is as accessible as the others; the first one follows default privileges', async () => {
    const reader = await database.role();
    await sql(`ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO ${reader.name}`);
    await publishedCache(database.url);
    await withClient(reader.url, async (client) =>
      expect((await client.query('SELECT count(*)::int AS n FROM release_track')).rows).toEqual([
        { n: 30 },
      ]),
    );
    await sql('DROP TABLE release_label');
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await publishNow(database.url);
    await withClient(reader.url, async (client) =>
      expect((await client.query('SELECT count(*)::int AS n FROM release_label')).rows).toEqual([
        { n: 10 },
      ]),
    );
  });

  it('indexes, comments, statistics, storage options and replica identity are put on the new tables', async () => {
    await twoGenerations();
    await sql(`CREATE INDEX "by ON public.release country" ON release (country) WHERE country IS NOT NULL;
      CREATE UNIQUE INDEX one_sequence ON release_track (release_id, sequence DESC) WITH (fillfactor = 80);
      CREATE INDEX same_as_ours ON release_artist USING gin (lower(f_unaccent(artist_name)) gin_trgm_ops);
      CREATE STATISTICS public.correlated ON country, release_year FROM release; COMMENT ON STATISTICS correlated IS 'for the planner';
      COMMENT ON TABLE release_track IS 'it''s a \\ comment'; COMMENT ON COLUMN release.country IS 'as Discogs spells it';
      COMMENT ON INDEX one_sequence IS 'mine'; COMMENT ON CONSTRAINT release_pkey ON release IS 'ids of Discogs';
      COMMENT ON TABLE release IS E'The cache.\\nPublished by run old';
      ALTER TABLE release SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_enabled = false);
      ALTER TABLE release ALTER title SET STATISTICS 500, ALTER artwork_url SET STORAGE EXTERNAL, ALTER country SET (n_distinct = 150);
      ALTER TABLE release_track REPLICA IDENTITY FULL`);
    const described = (): Promise<unknown> =>
      database.query(`SELECT c.relname, c.reloptions, c.relreplident, obj_description(c.oid, 'pg_class') AS comment,
          (SELECT reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast,
          (SELECT array_agg(pg_get_indexdef(indexrelid) || coalesce(obj_description(indexrelid, 'pg_class'), '') ORDER BY i.relname) FROM pg_index JOIN pg_class i ON i.oid = indexrelid
            WHERE indrelid = c.oid AND i.relname <> 'same_as_ours') AS indexes,
          (SELECT array_agg(row(attname, attstattarget, attstorage, (SELECT array_agg(o) FROM unnest(attoptions) o WHERE o LIKE 'n_%'), col_description(attrelid, attnum))::text ORDER BY attname) FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped) AS columns,
          (SELECT array_agg(conname || coalesce(obj_description(oid, 'pg_constraint'), '') ORDER BY conname) FROM pg_constraint WHERE conrelid = c.oid) AS constraints,
          (SELECT array_agg(pg_get_statisticsobjdef(oid) || obj_description(oid, 'pg_statistic_ext')) FROM pg_statistic_ext WHERE stxrelid = c.oid) AS statistics
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1`);
    const before = JSON.stringify(await described()).replace(
      'Published by run old',
      'Published by run new',
    );
    expect(await obstacles()).toEqual([]);
    await publishNow(database.url, { runId: 'new' });
    expect(JSON.stringify(await described())).toBe(before);
    // Our own index under another name is not built twice.
    expect(
      await database.query(
        "SELECT 1 FROM pg_class WHERE relname = 'same_as_ours' AND relnamespace = 'public'::regnamespace",
      ),
    ).toEqual([]);
  });

  const attached: [string, string, RegExp][] = [
    [
      'a view',
      'CREATE VIEW titles AS SELECT title FROM release',
      /view public\.titles hangs on public\.release/,
    ],
    [
      'a materialized view',
      'CREATE MATERIALIZED VIEW names AS SELECT artist_name FROM release_artist',
      /materialized view public\.names hangs on public\.release_artist/,
    ],
    [
      'a foreign key from outside',
      'CREATE TABLE plays (release_id integer REFERENCES release)',
      /constraint plays_release_id_fkey on table public\.plays hangs on public\.release/,
    ],
    [
      'a foreign key to outside',
      "CREATE TABLE countries (name text PRIMARY KEY); INSERT INTO countries VALUES ('US'); ALTER TABLE release ADD FOREIGN KEY (country) REFERENCES countries",
      /release_country_fkey/,
    ],
    [
      'a check',
      'ALTER TABLE release ADD CONSTRAINT sane CHECK (release_year > 1000)',
      /constraint sane on table public\.release/,
    ],
    [
      'a unique constraint',
      'ALTER TABLE release_track ADD CONSTRAINT one UNIQUE (release_id, sequence)',
      /constraint one on table public\.release_track/,
    ],
    [
      'a trigger',
      "CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER notice BEFORE INSERT ON release FOR EACH ROW EXECUTE FUNCTION noticed()",
      /trigger notice on table public\.release/,
    ],
    [
      'a rule',
      'CREATE RULE quiet AS ON DELETE TO release DO INSTEAD NOTHING',
      /rule quiet on table public\.release/,
    ],
    [
      'a policy',
      'CREATE POLICY mine ON release USING (true)',
      /policy mine on table public\.release/,
    ],
    [
      'row level security',
      'ALTER TABLE release ENABLE ROW LEVEL SECURITY',
      /row level security hangs on public\.release/,
    ],
    [
      'a publication',
      'CREATE PUBLICATION shared_out FOR TABLE release_track',
      /publication of table public\.release_track in publication shared_out/,
    ],
    [
      'a child table',
      'CREATE TABLE more () INHERITS (release)',
      /table public\.more hangs on public\.release/,
    ],
    [
      'a function on the row type',
      "CREATE FUNCTION shout(release) RETURNS text LANGUAGE sql AS 'SELECT upper($1.title)'",
      /function public\.shout\(public\.release\)/,
    ],
    [
      'a column of the row type',
      'CREATE TABLE history (was release[])',
      /column was of table public\.history|table public\.history/,
    ],
    [
      'a view in the place of a table',
      'DROP TABLE release_label; CREATE VIEW release_label AS SELECT 1 AS release_id',
      /a view in the place of the table hangs on public\.release_label/,
    ],
  ];
  it.each(attached)(
    '%s is named and refused, at the start and when publishing',
    async (_, create, named) => {
      await twoGenerations();
      await sql(create);
      expect((await obstacles()).join('; ')).toMatch(named);
      const [before, build] = [
        await database.query('SELECT title FROM release ORDER BY 1'),
        await wholeState(database.url, buildSchema),
      ];
      await expect(publishNow(database.url)).rejects.toThrow(named);
      expect(await database.query('SELECT title FROM release ORDER BY 1')).toEqual(before);
      expect(await wholeState(database.url, buildSchema)).toEqual(build);
    },
  );

  it.each([
    ['a view', 'CREATE VIEW titles AS SELECT title FROM release', /view public\.titles/],
    [
      'a name of ours',
      'CREATE TABLE mine (id integer); CREATE INDEX idx_release_title_trgm ON mine (id)',
      /index public\.idx_release_title_trgm has a name that the new cache needs/,
    ],
  ])(
    '%s that comes while the publication waits is named before anything is replaced',
    async (_, create, named) => {
      await twoGenerations();
      await sql('DROP INDEX idx_release_title_trgm');
      await withClient(database.url, async (holder) => {
        await holder.query('BEGIN; LOCK TABLE release_track IN ACCESS SHARE MODE');
        const publishing = publishNow(database.url, { runId: 'late' });
        publishing.catch(() => undefined);
        await untilAsking(database);
        await sql(create);
        // Gone by the next attempt.
        await untilAsking(database, false);
        await holder.query('COMMIT');
        await expect(publishing).rejects.toThrow(named);
      });
      expect(await publishedRunId(database.url)).toBe('old');
    },
  );

  it("an index with one of our names on somebody else's table is reported", async () => {
    await makeBuild(database.url, { to: 10, generation: 'new' });
    await sql('CREATE TABLE mine (id integer); CREATE INDEX idx_release_title_trgm ON mine (id)');
    await expect(publishNow(database.url)).rejects.toThrow(
      /index public\.idx_release_title_trgm has a name that the new cache needs/,
    );
  });

  it('an older layout goes without complaint: its columns, their keys and indexes', async () => {
    await twoGenerations();
    await sql(`ALTER TABLE release ADD COLUMN status text, ADD COLUMN master_id integer; CREATE INDEX ON release (master_id); CREATE INDEX ON release (status, country);
      ALTER TABLE release_artist ADD COLUMN id serial PRIMARY KEY; ALTER TABLE release ADD CHECK (status <> ''); COMMENT ON COLUMN release.status IS 'Accepted'; GRANT SELECT (status) ON release TO PUBLIC;
      CREATE STATISTICS gone ON status, country FROM release; CREATE TABLE release_genre (release_id integer, genre text)`);
    expect(await obstacles()).toEqual([]);
    await publishNow(database.url);
    expect(
      await database.query(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'release'::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
      ),
    ).toEqual(
      ['id', 'title', 'release_year', 'country', 'artwork_url'].map((attname) => ({ attname })),
    );
    expect(await database.query('SELECT * FROM release_genre')).toEqual([]);
  });
});

describe('rights', () => {
  it('missing ones are named at the start', async () => {
    await publishedCache(database.url);
    const stranger = await database.role();
    const found = (await publishObstacles({ databaseUrl: stranger.url })).join('\n');
    expect(found).toMatch(/may not create tables in the schema public/);
    expect(found).toMatch(/table public\.release belongs to .*does not own it/);
    await sql(
      `GRANT ALL ON SCHEMA public TO ${stranger.name}; GRANT ALL ON DATABASE ${database.name} TO ${stranger.name}`,
    );
    await makeBuild(stranger.url, { to: 10, generation: 'new' });
    await expect(publishNow(stranger.url)).rejects.toThrow(/public\.cache_metadata belongs to/);
  });

  it('a plain owner is enough, also when the tables belong to a role that it is a member of', async () => {
    const plain = await testDatabase({ owner: 'plain' });
    await publishedCache(plain.url);
    await makeBuild(plain.url, { to: 10, generation: 'new' });
    await publishNow(plain.url);
    const me = (await plain.query<{ me: string }>('SELECT current_user AS me'))[0]?.me ?? '';
    const group = await plain.role();
    await sql(`GRANT ${group.name} TO ${me}`);
    await plain.query(`GRANT USAGE ON SCHEMA public TO ${group.name}`);
    await withClient(
      plain.url.replace(/\/\/[^@]*@/, `//${new URL(database.url).username}@`),
      (client) => client.query(`ALTER TABLE release OWNER TO ${group.name}`),
    );
    expect(await publishObstacles({ databaseUrl: plain.url })).toEqual([
      expect.stringMatching(/belongs to .*, which may not own tables in public/),
    ]);
    await plain.query(`GRANT CREATE ON SCHEMA public TO ${group.name}`);
    await makeBuild(plain.url, { to: 10, generation: 'newer' });
    expect(await publishNow(plain.url)).toMatchObject({ replaced: true });
    expect(
      await plain.query(
        "SELECT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE oid = 'release'::regclass",
      ),
    ).toEqual([{ owner: group.name }]);
    await plain.drop();
  });
});
