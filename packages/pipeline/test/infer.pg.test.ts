/** What an unfinished build proves about itself, for a resume without a state file. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { carryOver } from '@wxyc/cache';
import { dedup } from '@wxyc/dedup';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { connect, type Sql } from '@wxyc/postgres';
import { createSchema } from '@wxyc/schema';
import { temporaryFolder, testDatabase, type TestDatabase } from '@wxyc/testing';
import { inferCompleted } from '../dist/infer.js';

const schema = 'discogs_next';
let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain' });
  sql = await connect(database.url);
});
afterAll(async () => {
  await sql.end();
  await database.drop();
});

/** A month's files: a release of each id with an artist and a track; further rows of release.csv as they are. */
function month(ids: readonly number[], ...further: string[]): string {
  const folder = temporaryFolder('month-');
  const write = (name: string, rows: readonly string[]): void =>
    writeFileSync(join(folder, `${name}.csv`), rows.map((row) => `${row}\r\n`).join(''));
  write('release', [
    'id,title,released,country,notes,data_quality,master_id,status',
    ...ids.map((id) => `${id},T${id},1999,US,,Correct,10,Accepted`),
    ...further,
  ]);
  write('release_artist', [
    'release_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
    ...ids.map((id) => `${id},5,An Artist,0,,1,,,`),
  ]);
  write('release_label', ['release_id,label_name,catno', ...ids.map((id) => `${id},A Label,1`)]);
  write('release_track', [
    'release_id,sequence,position,parent,title,duration,track_id',
    ...ids.map((id) => `${id},1,A,,A Track,4:45,${id}`),
  ]);
  write('release_track_artist', [
    'release_id,track_sequence,track_id,artist_id,artist_name,extra,anv,position,join_string,role,tracks',
    ...ids.map((id) => `${id},1,${id},8,A Singer,0,,1,,,`),
  ]);
  return folder;
}

const proven = async (csvDir: string): Promise<string[]> => [
  ...(await inferCompleted(sql, csvDir)),
];

async function build(csvDir: string): Promise<void> {
  await createSchema({ databaseUrl: database.url, schema, replace: true });
  await importCsv({ databaseUrl: database.url, schema, csvDir, mode: 'base' });
}

test('a build proves what was done for these files, step by step', async () => {
  const september = month([1, 2, 3], '4,,1999,US,,Correct,10,Accepted');
  expect(await proven(september)).toEqual([]);
  await createSchema({ databaseUrl: database.url, schema, replace: true });
  expect(await proven(september)).toEqual([]);
  await importCsv({ databaseUrl: database.url, schema, csvDir: september, mode: 'base' });
  expect(await proven(september)).toEqual(['create_schema', 'import_csv']);
  await dedup({ databaseUrl: database.url, schema });
  expect(await proven(september)).toEqual(['create_schema', 'import_csv', 'dedup']);
  await importCsv({ databaseUrl: database.url, schema, csvDir: september, mode: 'tracks' });
  expect(await proven(september)).toEqual(['create_schema', 'import_csv', 'dedup']);
  await buildIndexes({ databaseUrl: database.url, schema });
  const whole = ['create_schema', 'import_csv', 'dedup', 'import_tracks'];
  expect(await proven(september)).toEqual(whole);
  // Killed while it built the indexes: those that exist came after the tracks.
  const [first, ...further] = await database.query<{ name: string }>(
    `SELECT indexname AS name FROM pg_indexes WHERE schemaname = '${schema}' AND tablename = 'release_track' ORDER BY 1`,
  );
  for (const { name } of further) await database.query(`DROP INDEX ${schema}.${name}`);
  expect(await proven(september)).toEqual(whole);
  await database.query(`DELETE FROM ${schema}.release_track`);
  expect(await proven(september)).toEqual(whole.slice(0, 3));
  await importCsv({ databaseUrl: database.url, schema, csvDir: september, mode: 'tracks' });
  expect(await database.query(`SELECT to_regclass('${schema}.${first!.name}') AS index`)).toEqual([
    { index: null },
  ]);
  expect(await proven(september)).toEqual(whole.slice(0, 3));
});

test('trap 26: a build of another month, of as many releases, proves nothing', async () => {
  await build(month([1, 2, 3]));
  expect(await proven(month([1, 2, 4]))).toEqual([]);
  expect(await proven(month([1, 2]))).toEqual([]);
  expect(await proven(month([1, 2, 3]))).toEqual(['create_schema', 'import_csv']);
});

test('a build that lacks releases of these files, or all artists, proves nothing', async () => {
  const these = month([1, 2, 3]);
  await build(these);
  await database.query(`DELETE FROM ${schema}.release WHERE id = 3`);
  expect(await proven(these)).toEqual([]);
  await build(these);
  expect(await proven(month([1, 2, 3, 4]))).toEqual([]);
  // Nor does dedup make it a build of these files: it may have lacked them before.
  await dedup({ databaseUrl: database.url, schema });
  expect(await proven(month([1, 2, 3, 4]))).toEqual([]);
  expect(await proven(month([1, 2, 3]))).toContain('dedup');
  await database.query(`TRUNCATE ${schema}.release_artist`);
  expect(await proven(month([1, 2, 3]))).toEqual([]);
});

describe("releases that consumers wrote are in no month's files", () => {
  beforeAll(async () => {
    await createSchema({ databaseUrl: database.url });
    // Of 77, a consumer left no metadata; 2 is in the files too.
    await database.query(`
      INSERT INTO public.release (id, title) VALUES (2, 'Fetched'), (77, 'Bare'), (88, 'Fetched');
      INSERT INTO public.release_track (release_id, sequence, title) VALUES (2, 1, 'One'), (88, 1, 'One');
      INSERT INTO public.cache_metadata (release_id, source) VALUES (2, 'api_fetch'), (88, 'api_fetch')`);
  });

  test('what is done stays proven when they have been carried into the build', async () => {
    const september = month([1, 2, 3]);
    await build(september);
    await dedup({ databaseUrl: database.url, schema });
    await importCsv({ databaseUrl: database.url, schema, csvDir: september, mode: 'tracks' });
    expect((await carryOver({ databaseUrl: database.url, schema })).releases).toBeGreaterThan(1);
    await buildIndexes({ databaseUrl: database.url, schema });
    expect(
      await database.query(`SELECT id FROM ${schema}.release WHERE id > 3 ORDER BY 1`),
    ).toEqual([{ id: 77 }, { id: 88 }]);
    expect(await proven(september)).toEqual([
      'create_schema',
      'import_csv',
      'dedup',
      'import_tracks',
    ]);
    expect(await proven(month([2, 3, 77, 88]))).toEqual([]);
  });

  test('alone they prove nothing', async () => {
    await database.query(
      `DELETE FROM ${schema}.release WHERE id IN (SELECT release_id FROM ${schema}.cache_metadata WHERE source = 'bulk_import')`,
    );
    expect(await database.query(`SELECT id FROM ${schema}.release LIMIT 1`)).toHaveLength(1);
    expect(await proven(month([1, 2, 3]))).toEqual([]);
  });
});
