import { ensureIndexes } from '@wxyc/cache';
import { withDatabaseName } from '@wxyc/postgres';
import { checkSchema, ContractBroken, createSchema } from '@wxyc/schema';
import { runBin, testDatabase, type TestDatabase } from '@wxyc/testing';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain', extensions: false });
});
afterAll(() => database.drop());

describe('checkSchema', () => {
  it('fails with every difference, and passes once they are gone', async () => {
    const options = { databaseUrl: database.url, schema: 'discogs_next' };
    await createSchema(options);
    const failure = await checkSchema(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ContractBroken);
    expect(failure).toMatchObject({
      exitCode: 5,
      differences: expect.arrayContaining([
        'The index idx_release_title_trgm on release is missing',
      ]),
    });
    await ensureIndexes(options);
    expect(await checkSchema(options)).toMatchObject({ step: 'check', dropped: {} });
  });
});

describe('wxyc-schema', () => {
  it('creates by default, checks with exit 5, and names the refusal of a cache', async () => {
    const created = await runBin('wxyc-schema', [database.url]);
    expect(created).toMatchObject({ code: 0 });
    expect(created.stdout).toMatch(/schema +tables +6 +6/);
    expect(await runBin('wxyc-schema', ['create', '--database-url', database.url])).toMatchObject({
      code: 0,
    });
    const check = await runBin('wxyc-schema', ['check', database.url]);
    expect(check.code).toBe(5);
    expect(check.stdout.split('\n')).toContain(
      'The index idx_release_title_trgm on release is missing',
    );
    expect(check.stderr.trim().split('\n').at(-1)).toMatch(
      /differs from the contract in \d+ points\. wxyc-index adds missing indexes, keys and search functions$/,
    );
    await database.query("INSERT INTO release (id, title) VALUES (1, 'x')");
    const refused = await runBin('wxyc-schema', [database.url]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/public holds a cache.*--schema discogs_next/);
  });

  it('needs an existing database', async () => {
    const none = await runBin('wxyc-schema', [
      'check',
      withDatabaseName(database.url, 'no such database'),
    ]);
    expect(none.code).toBe(1);
    expect(none.stderr).toMatch(/does not exist.*createdb/);
    expect(none.stderr).not.toMatch(/\bat .*\.js:/);
  });
});
