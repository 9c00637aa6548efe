/** Throw-away databases on the run's PostgreSQL server. */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { endSessions, keptSessions, withSession } from './connections.js';
import { currentServer, withDatabase } from './postgres-server.js';

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
  /** Runs one statement in a session of its own and returns its rows. */
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
  // Since 15 a locale has a provider; only libc's C is limited to ASCII.
  const provider = options.locale && server.version >= 150000 ? 'LOCALE_PROVIDER libc ' : '';
  const locale = options.locale
    ? ` ${provider}LC_COLLATE '${options.locale}' LC_CTYPE '${options.locale}'`
    : '';
  const ownedBy = owner ? ` OWNER ${owner.name}` : '';
  await withSession(server.url, (client) =>
    client.query(
      `CREATE DATABASE ${name} TEMPLATE ${source} ENCODING 'UTF8'${locale}${ownedBy}${server.copying}`,
    ),
  );
  const superUrl = withDatabase(server.url, name);
  if (owner)
    await withSession(superUrl, (client) =>
      client.query(`ALTER SCHEMA public OWNER TO ${owner.name}`),
    );
  const url = owner ? asRole(superUrl, owner) : superUrl;
  return {
    url,
    name,
    query: async (sql, parameters) => {
      const { rows } = await withSession(url, (client) => client.query(sql, parameters));
      // Sessions keep the settings of the database and the role that they began with.
      if (/\bALTER (?:DATABASE|ROLE)\b/i.test(sql)) await endSessions();
      return rows as never;
    },
    role: async () => {
      const role = await createRole(server);
      return { name: role.name, url: asRole(superUrl, role) };
    },
    backUp: async () => {
      const backup = uniqueName(server.run);
      const copy = (from: string, to: string): Promise<void> => copyDatabase(from, to, ownedBy);
      await copy(name, backup);
      return { restore: () => copy(backup, name) };
    },
    drop: async () => {
      await withSession(server.url, (client) =>
        client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
      );
    },
  };
}

/** Ends all connections to both. */
async function copyDatabase(from: string, to: string, ownedBy = ''): Promise<void> {
  const server = currentServer();
  await withSession(server.url, async (client) => {
    await client.query(
      'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1',
      [from],
    );
    await client.query(`DROP DATABASE IF EXISTS ${to} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${to} TEMPLATE ${from}${ownedBy}${server.copying}`);
  });
  await endSessions();
}

const made = new Map<string, string>();

/**
 * Runs `make` on a database. Once for each name in a test file: later, if the database is as {@link testDatabase}
 * makes it, it becomes a copy of what the first one was afterwards, which takes a small part of the time.
 *
 * @param url of a test database; if it is not that of the tests' role, or somebody is connected, `make` is called.
 * @example
 * await madeOnce(database.url, 'published', () => publishedCache(database.url));
 */
export async function madeOnce(
  url: string,
  name: string,
  make: () => Promise<void>,
): Promise<void> {
  const server = currentServer();
  const database = new URL(url).pathname.slice(1);
  const asNew = withDatabase(server.url, database) === url && (await withSession(url, isUntouched));
  const template = made.get(name);
  if (asNew && template) return copyDatabase(template, database);
  await make();
  if (!asNew) return;
  const copy = uniqueName(server.run);
  await copyDatabase(database, copy);
  made.set(name, copy);
}

/** Whether a database holds what the template does, with its settings, and nobody else is connected. */
async function isUntouched(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ untouched: boolean }>(
    `SELECT NOT EXISTS (SELECT FROM pg_class WHERE oid >= 16384)
        AND NOT EXISTS (SELECT FROM pg_namespace WHERE oid >= 16384)
        AND NOT EXISTS (SELECT FROM pg_event_trigger)
        AND NOT EXISTS (SELECT FROM pg_default_acl)
        AND NOT EXISTS (SELECT FROM pg_publication)
        AND NOT EXISTS (SELECT FROM pg_proc p WHERE oid >= 16384
              AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'))
        AND ARRAY(SELECT extname FROM pg_extension WHERE oid >= 16384 ORDER BY 1) = ARRAY['pg_trgm', 'unaccent']::name[]
        AND NOT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = current_database())
        AND (SELECT datacl IS NULL AND datconnlimit = -1 FROM pg_database WHERE datname = current_database())
        AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
              AND application_name <> $1) AS untouched`,
    [keptSessions],
  );
  return rows[0]!.untouched;
}

interface Role {
  name: string;
  password: string;
}

async function createRole(server: { url: string; run: string }): Promise<Role> {
  const role = { name: uniqueName(server.run), password: randomBytes(6).toString('hex') };
  await withSession(server.url, (client) =>
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
