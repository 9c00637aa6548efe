/** A database whose character types are ASCII's alone: what has no trigrams there is found by the upper rungs. */
import { publish } from '@wxyc/cache';
import { connect, type Sql } from '@wxyc/postgres';
import { searchArtists, searchReleases, searchTracks } from '@wxyc/search';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { build } from './world.ts';

let database: TestDatabase;
let sql: Sql;
beforeAll(async () => {
  database = await testDatabase({ extensions: false, locale: 'C' });
  await build(database);
  await database.query(`INSERT INTO discogs_next.release (id, title) VALUES (20, 'Группа крови'), (21, 'Ταξίδι στα Κύθηρα'), (22, 'ゆらゆら帝国'), (23, 'Élan Ørsted');
    INSERT INTO discogs_next.release_artist VALUES (20, 'Кино', 0), (21, 'Ελένη Καραΐνδρου', 0), (22, '坂本慎太郎', 0), (23, 'ÅNGSTRÖM', 0);
    INSERT INTO discogs_next.release_track VALUES (20, 1, '1', 'Спокойная ночь', NULL)`);
  await publish({ databaseUrl: database.url, runId: 'first' });
  sql = await connect(database.url, { max: 1 });
}, 120_000);
afterAll(async () => {
  await sql.end();
  await database.drop();
});

it.each<[string, string | null, string | null, string]>([
  ['Cyrillic in capitals', 'КИНО', 'ГРУППА КРОВИ', '20 exact'],
  ['Greek without its accents, in capitals', null, 'ΤΑΞΙΔΙ ΣΤΑ ΚΥΘΗΡΑ', '21 exact'],
  ['Japanese', '坂本慎太郎', 'ゆらゆら帝国', '22 exact'],
  ['Latin accents', 'angstrom', 'elan orsted', '23 exact'],
  ['Latin accents in capitals', 'ångström', 'ÉLAN ØRSTED', '23 exact'],
  ['punctuation that is none', 'Кино', '«Группа», крови!', '20 loose'],
  ['dots', 'rem', 'murmur', '5 loose'],
  ['signs alone', '!!!', '!!!', '4 exact'],
  ['one sign', null, '†', '3 exact'],
  ['one error', 'Кино', 'Групппа крови', '20 similar'],
  ['words of ASCII left out', 'Aphex Twin', 'ambient works', '8 similar'],
])('%s', async (_name, artist, title, first) => {
  expect(
    (await searchReleases(sql, { artist, title })).map(
      ({ releaseId, matched }) => `${releaseId} ${matched}`,
    )[0],
  ).toBe(first);
});

it('tracks and artists', async () => {
  expect(await searchTracks(sql, { track: 'СПОКОЙНАЯ НОЧЬ', artist: 'КИНО' })).toMatchObject([
    { releaseId: 20, matched: 'exact' },
  ]);
  expect(await searchArtists(sql, { artist: 'ελενη καραινδρου' })).toMatchObject([
    { artist: 'Ελένη Καραΐνδρου', matched: 'exact' },
  ]);
});
