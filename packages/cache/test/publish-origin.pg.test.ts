import {
  createSchema,
  queryable,
  readOrigin,
  unknownOrigin,
  type PublishedOrigin,
} from '@wxyc/cache';
import { StepError } from '@wxyc/step';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { buildSchema, makeBuild, publishNow, withClient } from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

const origin = (schema = 'public'): Promise<PublishedOrigin | undefined> =>
  withClient(database.url, (client) => readOrigin(queryable(client), schema));
const published = async (month: string | undefined, options = {}): Promise<void> => {
  await makeBuild(database.url, {
    to: 3,
    generation: month ?? 'undated',
    ...(month ? { month } : {}),
  });
  await publishNow(database.url, { runId: `run of ${month}`, ...options });
};

it('the database says what its cache was made from, by which run and when', async () => {
  expect(await origin()).toBeUndefined();
  await published('2026-08');
  expect(await origin()).toEqual({
    month: '2026-08',
    dump: 'discogs_20260801_releases.xml.gz',
    checksum: null,
    library: null,
    libraryAlbums: null,
    profile: 'lean',
    runId: 'run of 2026-08',
    publishedAt: expect.stringMatching(/^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
  });
  await published('2026-09');
  expect(await origin()).toMatchObject({ month: '2026-09', runId: 'run of 2026-09' });
  expect(await database.query('SELECT count(*)::int AS rows FROM cache_origin')).toEqual([
    { rows: 1 },
  ]);
});

it('a schema that is made again has one origin, the last', async () => {
  for (const month of ['2026-08', '2026-09'])
    await createSchema({
      databaseUrl: database.url,
      schema: buildSchema,
      origin: { ...unknownOrigin('lean'), month },
    });
  expect(await database.query(`SELECT month FROM ${buildSchema}.cache_origin`)).toEqual([
    { month: '2026-09' },
  ]);
});

it('an older month does not replace a newer one unless allowed to; the same month does', async () => {
  await published('2026-09');
  await published('2026-09', { runId: 'again' });
  const refusal = published('2026-08');
  await expect(refusal).rejects.toThrow(StepError);
  await expect(refusal).rejects.toThrow(
    /from 2026-08, and the published cache from 2026-09, .*--allow-older.*discogs_next is kept/,
  );
  expect(await origin()).toMatchObject({ month: '2026-09', runId: 'again' });
  expect(await origin(buildSchema)).toMatchObject({ month: '2026-08', runId: null });
  await publishNow(database.url, { allowOlder: true });
  expect(await origin()).toMatchObject({ month: '2026-08' });
});

it('nothing is refused where a month is unknown: builds by hand, caches older than its table', async () => {
  await published('2026-09');
  await published(undefined);
  expect(await origin()).toMatchObject({
    month: null,
    dump: null,
    profile: 'lean',
    runId: 'run of undefined',
  });
  await published('2026-07');
  await database.query('DROP TABLE cache_origin');
  await published('2026-06');
  expect(await origin()).toMatchObject({ month: '2026-06' });
  // A build made with earlier SQL files.
  await makeBuild(database.url, { to: 3, generation: 'bare' });
  await database.query(`DROP TABLE ${buildSchema}.cache_origin`);
  await publishNow(database.url, { runId: 'bare' });
  expect(await origin()).toMatchObject({ month: null, runId: 'bare' });
});
