import type { CacheChanges, PublishOptions } from '@wxyc/cache';
import type { Logger } from '@wxyc/step';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { fetchStatements, makeBuild, publishedCache, publishNow, run } from './publish-world.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

/** Publishes and returns the result and the log's warnings. */
async function publishing(
  options: Partial<PublishOptions> = {},
): Promise<{ changes: CacheChanges | undefined; note: string | undefined; warnings: string[] }> {
  const warnings: string[] = [];
  const nothing = (): void => undefined;
  const logger: Logger = {
    trace: nothing,
    debug: nothing,
    info: nothing,
    error: nothing,
    warn: (fields: unknown, text?: string) => void warnings.push(text ?? String(fields)),
    child: () => logger,
  };
  const { changes, note } = await publishNow(database.url, options, logger);
  return { changes, note, warnings };
}

it('new, gone and changed releases are counted, each with examples, and what changed is named', async () => {
  await publishedCache(database.url, 40);
  await run(database.url, [
    ...fetchStatements(77, 'mine'),
    ...fetchStatements(9, 'mine'),
    "UPDATE release SET artwork_url = 'https://art' WHERE id = 8",
  ]);
  await makeBuild(database.url, { from: 3, to: 65, generation: 'old' });
  await database.query(`UPDATE discogs_next.release SET title = 'Changed' WHERE id = 4; UPDATE discogs_next.release SET release_year = NULL, country = NULL WHERE id = 5;
    DELETE FROM discogs_next.release_label WHERE release_id = 5; UPDATE discogs_next.release_track SET duration = '9:99' WHERE release_id = 6 AND sequence = 2;
    INSERT INTO discogs_next.release_artist VALUES (7, 'another', 1); UPDATE discogs_next.release_track_artist SET artist_name = 'another' WHERE release_id = 7`);
  const { changes, note, warnings } = await publishing();
  expect(changes).toMatchObject({
    before: 39,
    after: 63,
    gone: {
      count: 2,
      examples: [
        { id: 1, artist: 'old artist 1', title: 'old release 1' },
        { id: 2, artist: 'old artist 2', title: 'old release 2' },
      ],
    },
    changed: { count: 4 },
    added: { count: 25 },
  });
  expect(
    changes!.changed.examples.map(({ id, title, what }) => ({
      id,
      title,
      what: [...what!].sort(),
    })),
  ).toEqual([
    { id: 4, title: 'Changed', what: ['title'] },
    { id: 5, title: 'old release 5', what: ['country', 'labels', 'year'] },
    { id: 6, title: 'old release 6', what: ['tracks'] },
    { id: 7, title: 'old release 7', what: ['artists', 'performers'] },
  ]);
  expect(changes!.added.examples).toHaveLength(20);
  expect(changes!.added.examples[0]).toEqual({
    id: 41,
    artist: 'old artist 41',
    title: 'old release 41',
  });
  expect({ note, warnings }).toEqual({ note: '25 new releases, 2 gone, 4 changed', warnings: [] });
});

it('the first publication has nothing to compare with; the same build again changes nothing', async () => {
  await makeBuild(database.url, { to: 10, generation: 'old' });
  expect(await publishing()).toEqual({ changes: undefined, note: undefined, warnings: [] });
  await makeBuild(database.url, { to: 10, generation: 'old' });
  expect(await publishing()).toMatchObject({
    note: '0 new releases, 0 gone, 0 changed',
    warnings: [],
  });
});

it('more than a tenth fewer is a warning, more than --max-shrink a refusal', async () => {
  await publishedCache(database.url, 40);
  await makeBuild(database.url, { to: 36, generation: 'old' });
  expect((await publishing()).warnings).toEqual([]);
  await makeBuild(database.url, { to: 31, generation: 'old' });
  const { note, warnings } = await publishing();
  expect(warnings).toEqual([
    'The new cache has 31 imported releases, 13 % fewer than the 36 of the published cache',
  ]);
  expect(note).toBe(`0 new releases, 5 gone, 0 changed. WARNING: ${warnings[0]}`);
  await makeBuild(database.url, { to: 25, generation: 'old' });
  await expect(publishing({ maxShrink: 15 })).rejects.toThrow(
    /25 imported releases, 19 % fewer than the 31 of the published cache, and at most 15 % may go.*--max-shrink/,
  );
  expect(await publishing({ maxShrink: 20 })).toMatchObject({ changes: { before: 31, after: 25 } });
});

it('an older layout is compared by what it has', async () => {
  await publishedCache(database.url);
  await database.query(`ALTER TABLE release DROP COLUMN country, ALTER id TYPE bigint; DROP TABLE release_label; ALTER TABLE release_track_artist ADD COLUMN extra integer DEFAULT 0;
    INSERT INTO release_track_artist VALUES (3, 1, 'a producer', 1); ALTER TABLE release_artist DROP COLUMN extra`);
  await makeBuild(database.url, { to: 10, generation: 'old' });
  expect(await publishing()).toMatchObject({ note: '0 new releases, 0 gone, 0 changed' });
});
