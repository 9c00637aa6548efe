import { testDatabase } from '@wxyc/testing';

describe('testDatabase', () => {
  it('gives databases that do not see each other, with the extensions in them', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    await one.query('CREATE TABLE t (a integer)');
    expect(await two.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }]);
    expect(await two.query("SELECT similarity('abc', unaccent('ábc')) AS s")).toEqual([{ s: 1 }]);
    await one.drop();
    await expect(one.query('SELECT 1')).rejects.toThrow(one.name);
    await two.drop();
  });

  it('can be bare, and owned by a role without rights', async () => {
    const database = await testDatabase({ extensions: false, owner: 'plain' });
    expect(
      await database.query(
        "SELECT count(*)::int AS n FROM pg_extension WHERE extname IN ('pg_trgm', 'unaccent')",
      ),
    ).toEqual([{ n: 0 }]);
    expect(
      await database.query(
        'SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user',
      ),
    ).toEqual([{ rolsuper: false, rolcreatedb: false }]);
    await database.query('CREATE EXTENSION pg_trgm');
    await database.query('CREATE SCHEMA discogs_next');
    await database.drop();
  });
});
