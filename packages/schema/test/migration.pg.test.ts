import { readFileSync } from 'node:fs';
import { carryOver, checkContract, createSchema } from '@wxyc/cache';
import { openClient } from '@wxyc/postgres';
import { root, testDatabase, type TestDatabase } from '@wxyc/testing';

const migration = readFileSync(`${root}migrations/01_optimize_schema.sql`, 'utf8');

const wideLayout = `
  CREATE TABLE release (id integer PRIMARY KEY, status text, title text, country text, released text, notes text, data_quality text, master_id integer);
  CREATE TABLE release_artist (id serial PRIMARY KEY, release_id integer REFERENCES release, artist_id integer, artist_name text, extra integer, anv text, position integer, join_string text, role text, tracks text);
  CREATE TABLE release_track (id serial PRIMARY KEY, release_id integer, sequence integer, position text, parent integer, title text, duration text, track_id text);
  CREATE TABLE release_label (release_id integer REFERENCES release, label text, catno text);
  CREATE TABLE release_genre (release_id integer REFERENCES release, genre text);
  CREATE TABLE release_style (release_id integer REFERENCES release, style text);
  CREATE TABLE artist (id integer PRIMARY KEY, name text, realname text);
  INSERT INTO release (id, status, title, country, released, notes, master_id) VALUES
    (1, 'Accepted', 'One, first pressing', 'US', '1999-03-00', 'x', 10),
    (2, 'Accepted', 'One, with bonus', 'UK', '2001', 'x', 10),
    (3, 'Accepted', 'One, again', 'UK', '2001', 'x', 10),
    (4, 'Accepted', 'No master', NULL, 'unknown', 'x', NULL),
    (5, 'Accepted', 'Master zero', NULL, '0000', 'x', 0),
    (6, 'Accepted', 'Also zero', NULL, '１９９９', 'x', 0),
    (7, 'Accepted', 'Trackless', NULL, '1970-01-01', 'x', 11),
    (8, 'Accepted', 'Trackless too', NULL, NULL, 'x', 11),
    (9, 'Accepted', NULL, NULL, NULL, 'x', 10);
  INSERT INTO release_artist (release_id, artist_name, extra, role) SELECT id, 'Artist ' || id, 0, 'x' FROM release;
  INSERT INTO release_artist (release_id, artist_name, extra, role) VALUES (4, 'Artist 4', 1, 'Producer'), (4, 'Artist 4', 0, 'x'), (5, NULL, 0, 'x'), (6, 'Helper', NULL, 'x');
  INSERT INTO release_label SELECT id, 'Label ' || id, 'CAT' FROM release;
  INSERT INTO release_genre SELECT id, 'Rock' FROM release;
  INSERT INTO release_track (release_id, sequence, title) VALUES (1, 1, 'A'), (2, 1, 'A'), (2, 2, 'B'), (3, 1, 'A'), (3, 2, 'B'), (99, 1, 'Orphan');
`;

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain' });
  await database.query(wideLayout);
});
afterAll(() => database.drop());

async function migrate(): Promise<void> {
  const client = await openClient(database.url);
  await client.query(migration);
  await client.end();
}

async function contents() {
  const query = (sql: string) => database.query(sql);
  return {
    releases: await query('SELECT * FROM release ORDER BY id'),
    artists: await query('SELECT * FROM release_artist ORDER BY release_id, artist_name'),
    labels: await query('SELECT * FROM release_label ORDER BY release_id'),
    tracks: await query('SELECT * FROM release_track ORDER BY release_id, sequence'),
    keys: await query(
      "SELECT conrelid::regclass::text AS of_table, pg_get_constraintdef(oid) AS key FROM pg_constraint WHERE contype = 'f' ORDER BY 1",
    ),
    tables: await query(
      "SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1",
    ),
  };
}

it('brings the wide layout to the lean one; a second time it changes nothing', async () => {
  await migrate();
  const once = await contents();
  expect(once.releases).toEqual([
    { id: 2, title: 'One, with bonus', country: 'UK', release_year: 2001, artwork_url: null },
    { id: 4, title: 'No master', country: null, release_year: null, artwork_url: null },
    { id: 5, title: 'Master zero', country: null, release_year: null, artwork_url: null },
    { id: 6, title: 'Also zero', country: null, release_year: null, artwork_url: null },
    { id: 7, title: 'Trackless', country: null, release_year: 1970, artwork_url: null },
  ]);
  expect(once.artists).toEqual(
    [2, 4, 5, 6, 6.5, 7].map((id) => ({
      release_id: Math.floor(id),
      artist_name: id === 6.5 ? 'Helper' : `Artist ${id}`,
      extra: 0,
    })),
  );
  expect(once.labels).toEqual(
    [2, 4, 5, 6, 7].map((id) => ({ release_id: id, label_name: `Label ${id}` })),
  );
  expect(once.tracks).toEqual([
    { release_id: 2, sequence: 1, position: null, title: 'A', duration: null },
    { release_id: 2, sequence: 2, position: null, title: 'B', duration: null },
  ]);
  expect(once.keys).toEqual(
    ['cache_metadata', 'release_artist', 'release_label', 'release_track'].map((name) => ({
      of_table: name,
      key: 'FOREIGN KEY (release_id) REFERENCES release(id) ON DELETE CASCADE',
    })),
  );
  expect(once.tables.map(({ name }) => name)).toEqual([
    'cache_metadata',
    'release',
    'release_artist',
    'release_label',
    'release_track',
  ]);
  await migrate();
  expect(await contents()).toEqual(once);
  // The files that its header names add what is left.
  const client = await openClient(database.url);
  for (const name of ['functions', 'database', 'indexes', 'track_indexes', 'search'])
    await client.query(readFileSync(`${root}schema/create_${name}.sql`, 'utf8'));
  await client.end();
  const { differences } = await checkContract({ databaseUrl: database.url });
  expect(differences).toEqual([]);
  // All of it is the dump's: the next month carries nothing over.
  await createSchema({ databaseUrl: database.url, schema: 'discogs_next' });
  await database.query(`INSERT INTO discogs_next.release (id, title) VALUES (1, 'New');
    INSERT INTO discogs_next.cache_metadata (release_id, source) VALUES (1, 'bulk_import'); ALTER TABLE discogs_next.release DROP master_id`);
  expect(await carryOver({ databaseUrl: database.url, schema: 'discogs_next' })).toMatchObject({
    releases: 0,
  });
});

it('migrates a database that stopped half way through an earlier, manual attempt', async () => {
  const half = await testDatabase();
  await half.query(
    `${wideLayout} ALTER TABLE release ADD COLUMN release_year smallint; UPDATE release SET release_year = 1901 WHERE id = 2; DROP TABLE release_style;
     CREATE TABLE cache_metadata (release_id integer PRIMARY KEY, cached_at timestamptz NOT NULL DEFAULT now(), source text NOT NULL, last_validated timestamptz)`,
  );
  const client = await openClient(half.url);
  await client.query(migration);
  await client.end();
  expect(await half.query('SELECT id, release_year AS year FROM release ORDER BY id')).toEqual([
    { id: 2, year: 1901 },
    { id: 4, year: null },
    { id: 5, year: null },
    { id: 6, year: null },
    { id: 7, year: 1970 },
  ]);
  expect(await half.query('SELECT DISTINCT source FROM cache_metadata')).toEqual([
    { source: 'bulk_import' },
  ]);
  await half.drop();
});
