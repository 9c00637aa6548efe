import {
  checkContract,
  createReleaseCompanions,
  presentCompanions,
  queryable,
  removeReleases,
} from '@wxyc/cache';
import { releaseCompanions } from '@wxyc/dataset';
import { StepError } from '@wxyc/step';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { buildSchema, makeBuild, publishNow, withClient } from './publish-world.ts';

const names = releaseCompanions.map(({ name }) => name);
let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
});
afterEach(() => database.drop());

/** A build whose companions mention releases 1, 2 and 3. */
async function build(mark: string): Promise<void> {
  await makeBuild(database.url, { to: 10, generation: mark });
  await database.query(`INSERT INTO ${buildSchema}.release_credit SELECT id, '${mark} artist ' || id, '${mark}', NULL FROM generate_series(1, 3) id;
    INSERT INTO ${buildSchema}.release_master SELECT id, id + 100 FROM generate_series(1, 3) id;
    INSERT INTO ${buildSchema}.release_pressing SELECT id, id + 200, '${mark}' FROM generate_series(1, 3) id`);
}

const variations = async (schema = 'public'): Promise<string[]> =>
  (
    await database.query<{ row: string }>(
      `SELECT release_id || ' ' || variation AS row FROM "${schema}".release_credit ORDER BY 1`,
    )
  ).map(({ row }) => row);

describe('companions', () => {
  it('are published with the tables, again and again, and the contract check does not mention them', async () => {
    for (const mark of ['old', 'new']) {
      await build(mark);
      await publishNow(database.url, { runId: mark });
      expect(await variations()).toEqual([`1 ${mark}`, `2 ${mark}`, `3 ${mark}`]);
      expect(
        await database.query(`SELECT 1 FROM pg_namespace WHERE nspname = '${buildSchema}'`),
      ).toEqual([]);
    }
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
    await database.query(`DROP TABLE ${names.join(', ')}`);
    expect((await checkContract({ databaseUrl: database.url })).differences).toEqual([]);
    // An old cache without them, and then a build without them.
    await build('newest');
    await publishNow(database.url);
    expect(await variations()).toHaveLength(3);
    await makeBuild(database.url, { to: 10, generation: 'bare' });
    await database.query(`DROP TABLE ${names.map((name) => `${buildSchema}.${name}`).join(', ')}`);
    await publishNow(database.url);
    expect(
      await withClient(database.url, (client) => presentCompanions(queryable(client), 'public')),
    ).toEqual(['cache_origin']);
  });

  it('a foreign table with such a name is reported, not dropped', async () => {
    await build('new');
    await database.query('CREATE TABLE public.release_credit (note text)');
    const refusal = publishNow(database.url);
    await expect(refusal).rejects.toThrow(StepError);
    await expect(refusal).rejects.toThrow(
      /table public.release_credit has a name that the new cache needs/,
    );
    expect(await database.query('SELECT * FROM public.release_credit')).toEqual([]);
  });

  it('a view on one is an obstacle that is named before anything is done', async () => {
    await build('old');
    await publishNow(database.url);
    await database.query('CREATE VIEW public.mine AS SELECT variation FROM public.release_credit');
    await build('new');
    await expect(publishNow(database.url)).rejects.toThrow(
      /view public.mine hangs on public.release_credit/,
    );
  });

  it.each([buildSchema, 'public'])(
    'lose the rows of releases that are removed, in %s',
    async (schema) => {
      await build('old');
      if (schema === 'public') await publishNow(database.url);
      await withClient(database.url, async (client) => {
        await client.query('BEGIN; CREATE TEMP TABLE doomed ON COMMIT DROP AS SELECT 2 AS id');
        expect(
          (await removeReleases(client, { schema, doomed: 'doomed' })).removed,
        ).not.toHaveProperty('release_credit');
        await client.query('COMMIT');
      });
      for (const name of names)
        expect(
          await database.query(`SELECT release_id AS id FROM ${schema}.${name} ORDER BY 1`),
        ).toEqual([{ id: 1 }, { id: 3 }]);
      const indexes = await database.query(
        `SELECT 1 FROM pg_indexes WHERE schemaname = '${schema}' AND tablename = ANY ('{${names.join(',')}}')`,
      );
      expect(indexes).toHaveLength(4);
    },
  );

  it('are created where missing', async () => {
    await makeBuild(database.url, { to: 1, generation: 'bare' });
    await database.query(`DROP TABLE ${buildSchema}.release_credit`);
    await withClient(database.url, (client) => createReleaseCompanions(client, buildSchema));
    expect(
      await withClient(database.url, (client) => presentCompanions(queryable(client), buildSchema)),
    ).toEqual([...names, 'cache_origin']);
    expect(
      await database.query(
        `SELECT indexname AS name FROM pg_indexes WHERE schemaname = '${buildSchema}' AND tablename = 'release_credit'`,
      ),
    ).toEqual([{ name: 'idx_release_credit_release_id' }]);
  });
});
