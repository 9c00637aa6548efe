import { ensureIndexes, checkContract, createSchema } from '@wxyc/cache';
import { openClient } from '@wxyc/postgres';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { consumerStatements } from '../dist/consumers.js';

const schema = 'discogs_next';
let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
  await createSchema({ databaseUrl: database.url, schema });
  await ensureIndexes({ databaseUrl: database.url, schema });
});
afterAll(() => database.drop());

const differences = async () =>
  (await checkContract({ databaseUrl: database.url, schema })).differences;

describe('checkContract', () => {
  it('finds nothing wrong with a fresh schema, and leaves nothing behind', async () => {
    const report = await checkContract({ databaseUrl: database.url, schema });
    expect(report.differences).toEqual([]);
    expect(report.checks).toBeGreaterThan(60);
    expect(await database.query(`SELECT * FROM ${schema}.release`)).toEqual([]);
  });

  it('says that everything is missing from an empty schema', async () => {
    const empty = await checkContract({ databaseUrl: database.url, schema: 'public' });
    expect(empty.differences).toContain('The table public.release is missing');
    expect(empty.differences).toContainEqual(
      expect.stringMatching(/^Consumers cannot upsert a release: /),
    );
  });

  it.each<[string, string, string, RegExp]>([
    [
      'trap 15: a lost NOT NULL',
      'ALTER TABLE cache_metadata ALTER cached_at DROP NOT NULL',
      'ALTER TABLE cache_metadata ALTER cached_at SET NOT NULL',
      /cache_metadata\.cached_at lacks NOT NULL/,
    ],
    [
      'trap 15: a lost default',
      'ALTER TABLE cache_metadata ALTER cached_at DROP DEFAULT',
      'ALTER TABLE cache_metadata ALTER cached_at SET DEFAULT now()',
      /cached_at has the default none instead of now\(\)/,
    ],
    [
      'trap 15: a lost unique key',
      'ALTER TABLE release_artist DROP CONSTRAINT release_artist_release_id_artist_name_key',
      '',
      /Consumers cannot upsert an artist/,
    ],
    [
      'trap 17: a unique key that is only an index',
      'ALTER TABLE release_artist DROP CONSTRAINT release_artist_release_id_artist_name_key; CREATE UNIQUE INDEX release_artist_release_id_artist_name_key ON release_artist (release_id, artist_name)',
      '',
      /release_artist lacks UNIQUE \(release_id, artist_name\)/,
    ],
    [
      'a foreign key that was never checked',
      'ALTER TABLE release_label DROP CONSTRAINT release_label_release_id_fkey, ADD CONSTRAINT release_label_release_id_fkey FOREIGN KEY (release_id) REFERENCES release ON DELETE CASCADE NOT VALID',
      '',
      /is not validated/,
    ],
    [
      'a foreign key that does not cascade',
      'ALTER TABLE release_label DROP CONSTRAINT release_label_release_id_fkey, ADD FOREIGN KEY (release_id) REFERENCES release',
      'ALTER TABLE release_label DROP CONSTRAINT release_label_release_id_fkey',
      /release_label lacks FOREIGN KEY .* ON DELETE CASCADE/,
    ],
    [
      'trap 23: a trigram index on another expression',
      'DROP INDEX idx_release_title_trgm; CREATE INDEX idx_release_title_trgm ON release USING gin (lower(title) gin_trgm_ops)',
      'DROP INDEX idx_release_title_trgm',
      /search by title cannot use idx_release_title_trgm/,
    ],
    [
      'trap 23: a file of indexes that was forgotten',
      'DROP INDEX idx_release_track_title_trgm',
      '',
      /search by track cannot use idx_release_track_title_trgm/,
    ],
    [
      'a missing column',
      'ALTER TABLE release DROP COLUMN artwork_url',
      'ALTER TABLE release ADD COLUMN artwork_url text',
      /column discogs_next\.release\.artwork_url is missing/,
    ],
    [
      'another type',
      'ALTER TABLE release ALTER release_year TYPE integer',
      'ALTER TABLE release ALTER release_year TYPE smallint',
      /release_year is integer instead of smallint/,
    ],
    [
      'a column nobody knows',
      'ALTER TABLE release ADD COLUMN format text',
      'ALTER TABLE release DROP COLUMN format',
      /column format, which is not in the contract/,
    ],
    [
      'an unlogged table',
      'ALTER TABLE release_label SET UNLOGGED',
      'ALTER TABLE release_label SET LOGGED',
      /release_label is UNLOGGED/,
    ],
  ])('%s', async (_name, breakIt, mendIt, expected) => {
    const path = `SET search_path = ${schema}, public; `;
    await database.query(path + breakIt);
    expect(await differences()).toContainEqual(expect.stringMatching(expected));
    if (mendIt) await database.query(path + mendIt);
    await ensureIndexes({ databaseUrl: database.url, schema });
    expect(await differences()).toEqual([]);
  });

  it('trap 23: with 100,000 releases the planner takes the trigram indexes for the searches by itself', async () => {
    const big = 'big_build';
    await createSchema({ databaseUrl: database.url, schema: big });
    await database.query(`SET search_path = ${big}, public;
      INSERT INTO release (id, title) SELECT n, substr(md5(n::text), 1, 12) FROM generate_series(1, 100000) n;
      INSERT INTO release_artist (release_id, artist_name, extra) SELECT n, substr(md5((n % 20000)::text), 1, 12), 0 FROM generate_series(1, 100000) n;
      INSERT INTO release_track (release_id, sequence, title) SELECT n, s, substr(md5((n * s)::text), 1, 12) FROM generate_series(1, 100000) n, generate_series(1, 2) s`);
    await ensureIndexes({ databaseUrl: database.url, schema: big });
    await database.query(
      `ANALYZE ${big}.release; ANALYZE ${big}.release_artist; ANALYZE ${big}.release_track`,
    );
    const client = await openClient(database.url, { schema: big });
    for (const { sql, usesIndex = [] } of consumerStatements('lean').searches) {
      if (sql.includes('release_track_artist')) continue;
      const text = JSON.stringify((await client.query(`EXPLAIN ${sql}`)).rows);
      expect(usesIndex.some((index) => text.includes(index))).toBe(true);
    }
    await client.end();
  });
});
