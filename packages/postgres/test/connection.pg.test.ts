import { join } from 'node:path';
import {
  connect,
  createDatabaseIfMissing,
  openClient,
  parseDatabaseUrl,
  quoteIdentifier,
  quoteLiteral,
  sameDatabase,
  withDatabaseName,
} from '@wxyc/postgres';
import { runCommand, testDatabase, type TestDatabase } from '@wxyc/testing';
import { databaseIdentity } from '../dist/databases.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase({ owner: 'plain' });
});
afterAll(() => database.drop());

describe('sessions', () => {
  const settings =
    "SELECT current_setting('client_connection_check_interval') AS check, current_setting('search_path') AS path, current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS timeout";
  const expected = { check: '2s', path: '"we""ird", public', zone: 'UTC', timeout: '0' };

  it('both drivers start with the same known settings, whatever the role has set', async () => {
    await database.query("ALTER ROLE CURRENT_USER SET statement_timeout = '9s'");
    const client = await openClient(database.url, { schema: 'we"ird' });
    const sql = await connect(database.url, { schema: 'we"ird' });
    expect((await client.query(settings)).rows[0]).toEqual(expected);
    expect((await sql.unsafe(settings))[0]).toEqual(expected);
    await Promise.all([client.end(), sql.end()]);
  });

  it.each(['pg', 'postgres'])(
    'an abort ends the statement on the server, with %s',
    async (driver) => {
      const abort = new AbortController();
      const client =
        driver === 'pg'
          ? await openClient(database.url, {
              signal: abort.signal,
              applicationName: 'wxyc-sleeper',
            })
          : undefined;
      const sql =
        driver === 'postgres'
          ? await connect(database.url, { signal: abort.signal, applicationName: 'wxyc-sleeper' })
          : undefined;
      const sleeping = client
        ? client.query('SELECT pg_sleep(60)')
        : sql!.unsafe('SELECT pg_sleep(60)').then((rows) => rows);
      const outcome = Promise.resolve(sleeping).then(
        () => 'slept',
        () => 'ended',
      );
      await new Promise((resolve) => setTimeout(resolve, 300));
      abort.abort();
      expect(await outcome).toBe('ended');
      const left = await database.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name LIKE 'wxyc-sleeper%' AND state = 'active'",
      );
      expect(left).toEqual([]);
      await sql?.end();
    },
  );

  it('a transaction whose connection is lost fails, and the process goes on', async () => {
    const program = join(import.meta.dirname, 'fixtures/lost-transaction.mjs');
    const { code, stdout, stderr } = await runCommand(process.execPath, [program, database.url]);
    expect({ code, stderr, lines: stdout.trim().split('\n') }).toEqual({
      code: 0,
      stderr: '',
      lines: [
        'before a statement: CONNECTION_CLOSED',
        'before a long statement: CONNECTION_CLOSED',
        'before it commits: CONNECTION_CLOSED',
        'before it rolls back: CONNECTION_CLOSED',
        'before a savepoint: CONNECTION_CLOSED',
        'within a savepoint: CONNECTION_CLOSED',
        'at the end of a savepoint: CONNECTION_CLOSED',
        'Result(1) [ { one: 1 } ]',
      ],
    });
  });

  it('a transaction commits, or rolls back to where it says', async () => {
    const sql = await connect(database.url, { max: 1 });
    await sql`CREATE TABLE kept (n integer)`;
    await sql.begin(async (transaction) => {
      await transaction`INSERT INTO kept VALUES (1)`;
      const undone = transaction.savepoint(async (at) => {
        await at`INSERT INTO kept VALUES (2)`;
        throw new Error('of its own');
      });
      await expect(undone).rejects.toThrow('of its own');
    });
    await expect(
      sql.begin('READ ONLY', (transaction) => transaction`INSERT INTO kept VALUES (3)`),
    ).rejects.toThrow(/read-only/);
    expect(await sql`SELECT n FROM kept`).toEqual([{ n: 1 }]);
    await sql.end();
  });

  it('explains in one sentence why nothing answers at a place', async () => {
    await expect(openClient('postgresql://u:s3cret@127.0.0.1:1/x')).rejects.toThrow(
      /No PostgreSQL server answers at 127\.0\.0\.1:1\/x .*--database-url.*embedded:\.\/discogs-cache/,
    );
    await expect(connect('postgresql:///x?host=/nonexistent')).rejects.toThrow(
      /No PostgreSQL server answers/,
    );
  });

  it('names a missing database and what to do', async () => {
    await expect(openClient(withDatabaseName(database.url, 'no such one'))).rejects.toThrow(
      /does not exist.*createdb/,
    );
  });
});

describe('names', () => {
  it.each(["it's", 'a\\b', "C:\\x'; DROP TABLE x; --", 'ein "Wort"', '%s', 'line\nfeed'])(
    '%j survives quoting as a literal and as a name',
    async (text) => {
      const client = await openClient(database.url);
      const rows = (await client.query(`SELECT ${quoteLiteral(text)} AS ${quoteIdentifier(text)}`))
        .rows;
      expect(rows).toEqual([{ [text]: text }]);
      await client.end();
    },
  );

  it('trap 24: one database is recognised under different URLs, another one is not', async () => {
    const { host, port, user, password } = parseDatabaseUrl(database.url);
    const other = `postgresql:///${database.name}?host=${encodeURIComponent(host)}&port=${port}&user=${user}&password=${password ?? ''}&connect_timeout=9`;
    expect(await sameDatabase(database.url, other)).toBe(true);
    const neighbour = await testDatabase();
    expect(await sameDatabase(database.url, neighbour.url)).toBe(false);
    expect(await databaseIdentity(neighbour.url)).toMatch(/^\d+:\d+$/);
    // Managed services hide what identifies the server.
    const { url } = await neighbour.role();
    await neighbour.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
    expect(await sameDatabase(url, `${url}?connect_timeout=9`)).toBe(true);
    await neighbour.drop();
  });

  it('creates a missing database whose name needs quoting, once; names the missing right', async () => {
    const admin = await testDatabase();
    const url = withDatabaseName(admin.url, `${admin.name} "quoted"; x`);
    expect(await createDatabaseIfMissing(url)).toBe(true);
    expect(await createDatabaseIfMissing(url)).toBe(false);
    await expect(
      createDatabaseIfMissing(withDatabaseName(database.url, 'nobody may')),
    ).rejects.toThrow(/CREATEDB/);
    await admin.query(`DROP DATABASE ${quoteIdentifier(`${admin.name} "quoted"; x`)}`);
    await admin.drop();
  });
});
