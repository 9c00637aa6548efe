/** Code that an unprivileged role planted in the database never runs with the rights of the role that publishes. */
import { checkContract, createSchema, publishObstacles } from '@wxyc/cache';
import { testDatabase, type TestDatabase } from '@wxyc/testing';
import { makeBuild, publishedCache, publishNow } from './publish-world.js';

let database: TestDatabase;
let mallory: string;

beforeEach(async () => {
  database = await testDatabase();
  ({ name: mallory } = await database.role());
  await database.query(`GRANT CREATE, USAGE ON SCHEMA public TO ${mallory}; CREATE TABLE public.ran (who text); GRANT INSERT ON public.ran TO PUBLIC;
    CREATE FUNCTION public.note() RETURNS void LANGUAGE sql AS 'INSERT INTO public.ran VALUES (current_user)';
    CREATE FUNCTION public.planted(text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM public.note(); RETURN lower($1); END $$;
    ALTER FUNCTION public.planted(text) OWNER TO ${mallory}`);
});
afterEach(() => database.drop());

const whoRan = async (): Promise<unknown[]> =>
  (
    await database.query<{ who: string }>(
      `SELECT DISTINCT who FROM public.ran WHERE who <> '${mallory}'`,
    )
  ).map(({ who }) => who);

test('an index that computes somebody else’s function is named, and not built', async () => {
  await publishedCache(database.url);
  await makeBuild(database.url, { to: 10, generation: 'new' });
  await database.query(`ALTER TABLE public.release OWNER TO ${mallory}`);
  await database.query(`CREATE INDEX planted ON public.release (public.planted(title))`);
  const named = new RegExp(
    `function (?:public\\.)?planted\\(text\\), which the index planted on public\\.release uses, belongs to ${mallory}`,
  );
  expect((await publishObstacles({ databaseUrl: database.url })).join()).toMatch(named);
  await expect(publishNow(database.url)).rejects.toThrow(named);
  expect(await whoRan()).toEqual([]);
});

test('so is an index whose condition calls one', async () => {
  await publishedCache(database.url);
  await makeBuild(database.url, { to: 10, generation: 'new' });
  await database.query(`ALTER TABLE public.release OWNER TO ${mallory}`);
  await database.query(
    `CREATE INDEX planted ON public.release (id) WHERE public.planted(title) = 'x'`,
  );
  await expect(publishNow(database.url)).rejects.toThrow(
    /planted\(text\), which the index planted/,
  );
  expect(await whoRan()).toEqual([]);
});

test('f_unaccent of an unprivileged role is refused before anything is created', async () => {
  await database.query(
    `CREATE OR REPLACE FUNCTION public.f_unaccent(text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS 'SELECT public.planted($1)'`,
  );
  await database.query(`ALTER FUNCTION public.f_unaccent(text) OWNER TO ${mallory}`);
  await expect(createSchema({ databaseUrl: database.url, schema: 'discogs_next' })).rejects.toThrow(
    new RegExp(`f_unaccent\\(text\\) belongs to ${mallory}`),
  );
  expect((await publishObstacles({ databaseUrl: database.url })).join()).toContain(
    `f_unaccent(text) belongs to ${mallory}`,
  );
  expect(await whoRan()).toEqual([]);
});

test.each([
  [
    'an index',
    'CREATE INDEX planted ON public.release (public.planted(title))',
    'the index planted',
  ],
  [
    'a trigger',
    `CREATE FUNCTION public.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.note(); RETURN NEW; END $$;
    ALTER FUNCTION public.fire() OWNER TO MALLORY; CREATE TRIGGER planted BEFORE INSERT ON public.release FOR EACH ROW EXECUTE FUNCTION public.fire()`,
    'the trigger planted',
  ],
  [
    'a constraint',
    "ALTER TABLE public.release ADD CONSTRAINT planted CHECK (public.planted(title) <> 'x') NOT VALID",
    'the constraint planted',
  ],
])(
  'the contract check names %s that runs somebody else’s function, and runs nothing',
  async (_, plant, user) => {
    await publishedCache(database.url);
    await database.query(`ALTER TABLE public.release OWNER TO ${mallory}`);
    await database.query(`SET search_path = public; ${plant.replace('MALLORY', mallory)}`);
    await database.query('DELETE FROM public.ran');
    const { differences } = await checkContract({ databaseUrl: database.url });
    expect(differences.join('\n')).toMatch(
      new RegExp(
        `which ${user} on public\\.release uses, belongs to ${mallory}.*: no consumer statement was tried`,
      ),
    );
    expect(await database.query('SELECT who FROM public.ran')).toEqual([]);
  },
);

test('an index that computes functions of the server, of an extension or of a superuser is rebuilt', async () => {
  await publishedCache(database.url);
  await database.query(
    'CREATE INDEX fine ON public.release (lower(public.f_unaccent(title)) text_pattern_ops)',
  );
  await makeBuild(database.url, { to: 10, generation: 'new' });
  await publishNow(database.url);
  expect(await database.query("SELECT to_regclass('public.fine') IS NOT NULL AS there")).toEqual([
    { there: true },
  ]);
});
