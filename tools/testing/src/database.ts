/** Throw-away databases on the run's PostgreSQL server. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { currentServer, withClient, withDatabase } from './postgres-server.js';

export interface TestDatabaseOptions {
  /** Have pg_trgm and unaccent in it already (default). `false`: only what a new database has. */
  extensions?: boolean;
  /** `plain`: owned by a new role without any rights of its own, and the URL connects as it. Default: as the tests' role. */
  owner?: 'tests' | 'plain';
  /** `C`: a database whose character types are ASCII's. Needs `extensions: false`. Default: the server's. */
  locale?: 'C';
}

export interface TestDatabase {
  url: string;
  name: string;
  /** Runs one statement and returns its rows. */
  query<Row extends pg.QueryResultRow = Record<string, unknown>>(
    sql: string,
    parameters?: unknown[],
  ): Promise<Row[]>;
  /** A further role's connection URL; the role is made without rights, and is dropped when the run ends. */
  role(): Promise<{ name: string; url: string }>;
  /** A copy of the database as it is now, and the way back to it: what a restored backup or a failover leaves. Ends all connections. */
  backUp(): Promise<{ restore(): Promise<void> }>;
  /** Ends the connections to the database and drops it. Left undone, the end of the run does it. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database with a unique name.
 *
 * @example
 * let database: TestDatabase;
 * beforeAll(async () => { database = await testDatabase(); });
 * afterAll(() => database.drop());
 */
export async function testDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const server = currentServer();
  const name = uniqueName(server.run);
  const source = options.extensions === false ? 'template0' : server.template;
  const owner = options.owner === 'plain' ? await createRole(server) : null;
  await withClient(server.url, async (client) => {
    // Since 15 a locale has a provider; only libc's C is limited to ASCII.
    const provider =
      options.locale &&
      Number((await client.query('SHOW server_version_num')).rows[0].server_version_num) >= 150000
        ? 'LOCALE_PROVIDER libc '
        : '';
    const locale = options.locale
      ? ` ${provider}LC_COLLATE '${options.locale}' LC_CTYPE '${options.locale}'`
      : '';
    await client.query(
      `CREATE DATABASE ${name} TEMPLATE ${source} ENCODING 'UTF8'${locale}${owner ? ` OWNER ${owner.name}` : ''}`,
    );
  });
  const superUrl = withDatabase(server.url, name);
  if (owner)
    await withClient(superUrl, (client) =>
      client.query(`ALTER SCHEMA public OWNER TO ${owner.name}`),
    );
  const url = owner ? asRole(superUrl, owner) : superUrl;
  return {
    url,
    name,
    query: (sql, parameters) =>
      withClient(url, async (client) => (await client.query(sql, parameters)).rows as never),
    role: async () => {
      const role = await createRole(server);
      return { name: role.name, url: asRole(superUrl, role) };
    },
    backUp: async () => {
      const backup = uniqueName(server.run);
      const copy = (from: string, to: string): Promise<void> =>
        withClient(server.url, async (client) => {
          await client.query(
            'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1',
            [from],
          );
          await client.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
          await client.query(
            `CREATE DATABASE ${to} TEMPLATE ${from}${owner ? ` OWNER ${owner.name}` : ''}`,
          );
        });
      await copy(name, backup);
      return { restore: () => copy(backup, name) };
    },
    drop: () =>
      withClient(server.url, async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

interface Role {
  name: string;
  password: string;
}

async function createRole(server: { url: string; run: string }): Promise<Role> {
  const role = { name: uniqueName(server.run), password: randomBytes(6).toString('hex') };
  await withClient(server.url, (client) =>
    client.query(`CREATE ROLE ${role.name} LOGIN PASSWORD '${role.password}'`),
  );
  return role;
}

function asRole(url: string, role: Role): string {
  const parsed = new URL(url);
  parsed.username = role.name;
  parsed.password = role.password;
  return parsed.href;
}

function uniqueName(run: string): string {
  return `${run}_${randomBytes(4).toString('hex')}`;
}
