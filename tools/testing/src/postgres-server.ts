/**
 * The PostgreSQL server of one jest run: `DATABASE_URL_TEST` if set, else one in Docker, else the embedded one. Without any
 * of them the run fails; database tests are never skipped.
 */
import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { clusterFolder } from './cluster-folder.js';

const variables = {
  url: 'WXYC_TEST_POSTGRES',
  run: 'WXYC_TEST_RUN',
  version: 'WXYC_TEST_POSTGRES_VERSION',
  copying: 'WXYC_TEST_POSTGRES_COPYING',
} as const;
const template = 'template';

export interface TestServer {
  /** URL of its maintenance database, as a role that may create databases and roles. */
  url: string;
  /** `given`, `docker` or `embedded`. */
  kind: string;
  stop(): Promise<void>;
}

/** Finds or starts the server, makes the template database, and tells the workers through the environment. */
export async function startPostgres(): Promise<TestServer> {
  const server = await findServer();
  const run = `wxyc_test_${process.pid}_${randomBytes(3).toString('hex')}`;
  process.env[variables.url] = server.url;
  process.env[variables.run] = run;
  await withClient(server.url, async (client) => {
    // The server lives as long as the tests: nothing on it has to survive a power cut.
    if (server.kind !== 'given') {
      await client.query('ALTER SYSTEM SET fsync = off');
      await client.query('ALTER SYSTEM SET full_page_writes = off');
      await client.query("ALTER SYSTEM SET max_wal_size = '256MB'");
      await client.query('ALTER SYSTEM SET wal_compression = off');
      await client.query('SELECT pg_reload_conf()');
    }
    const { rows } = await client.query<{ version: number; fsync: string }>(
      "SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync",
    );
    const [{ version, fsync }] = rows as [{ version: number; fsync: string }];
    process.env[variables.version] = String(version);
    // Copying the files of a template takes half as long as logging every page of it, if nothing has to reach the disk.
    process.env[variables.copying] =
      version >= 150000 && (fsync === 'off' || server.kind !== 'given')
        ? ' STRATEGY file_copy'
        : '';
    await client.query(`CREATE DATABASE ${run}_${template} TEMPLATE template0 ENCODING 'UTF8'`);
  });
  await withClient(withDatabase(server.url, `${run}_${template}`), async (client) => {
    await client.query('CREATE EXTENSION pg_trgm');
    await client.query('CREATE EXTENSION unaccent');
    // As PostgreSQL 15 and later have it.
    await client.query('REVOKE CREATE ON SCHEMA public FROM PUBLIC');
  });
  return {
    ...server,
    stop: async () => {
      await dropLeftovers(server.url, run);
      await server.stop();
    },
  };
}

/** The server of this run, the prefix of its databases' names and the way to copy one; throws if none was started. */
export function currentServer(): {
  url: string;
  run: string;
  template: string;
  version: number;
  copying: string;
} {
  const url = process.env[variables.url];
  const run = process.env[variables.run];
  if (!url || !run)
    throw new Error(
      `No PostgreSQL server for tests was started: name the test file *.pg.test.ts and run it through jest. ${howTo}`,
    );
  return {
    url,
    run,
    template: `${run}_${template}`,
    version: Number(process.env[variables.version]),
    copying: process.env[variables.copying] ?? '',
  };
}

const howTo =
  'Give one with DATABASE_URL_TEST=postgresql://postgres@127.0.0.1:5432/postgres (any server 14 to 18 where the role may create databases), ' +
  'or start one: docker compose -f docker/compose.yaml up -d test-database, then DATABASE_URL_TEST=postgresql://postgres:postgres@127.0.0.1:5433/postgres';

async function findServer(): Promise<TestServer> {
  const given = process.env['DATABASE_URL_TEST'];
  if (given) {
    await withClient(given, (client) => client.query('SELECT 1')).catch((error: Error) => {
      throw new Error(`DATABASE_URL_TEST does not answer (${error.message}). ${howTo}`, {
        cause: error,
      });
    });
    return { url: given, kind: 'given', stop: () => Promise.resolve() };
  }
  const reasons: string[] = [];
  for (const start of [inDocker, embedded]) {
    try {
      return await start();
    } catch (error) {
      reasons.push(`${start.name}: ${(error as Error).message}`);
    }
  }
  throw new Error(`No PostgreSQL server for the database tests (${reasons.join('; ')}). ${howTo}`);
}

async function inDocker(): Promise<TestServer> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers');
  await getContainerRuntimeClient();
  const container = await new GenericContainer('postgres:18-alpine')
    .withEnvironment({ POSTGRES_HOST_AUTH_METHOD: 'trust' })
    .withExposedPorts(5432)
    // The image starts the server twice: first for its set-up.
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgresql://postgres@${container.getHost()}:${container.getMappedPort(5432)}/postgres`,
    kind: 'docker',
    stop: async () => void (await container.stop()),
  };
}

async function embedded(): Promise<TestServer> {
  // Tests create their own roles and databases; the cache itself needs no superuser.
  const [{ startEmbedded }, { stepContext }] = await Promise.all([
    import('@wxyc/postgres'),
    import('@wxyc/step'),
  ]);
  const { folder, remove } = clusterFolder();
  const start = () => startEmbedded(folder, stepContext(), { superuser: true });
  let server = await start();
  // Whatever drops a table looks through all buffers, and every connection sets up its own view of them; tests fill few.
  await withClient(server.url, (client) =>
    client.query("ALTER SYSTEM SET shared_buffers = '64MB'"),
  );
  await server.stop();
  server = await start();
  return { url: server.url, kind: 'embedded', stop: () => server.stop().finally(remove) };
}

async function dropLeftovers(url: string, run: string): Promise<void> {
  await withClient(url, async (client) => {
    const names = await client.query<{ datname: string }>(
      'SELECT datname FROM pg_database WHERE starts_with(datname, $1)',
      [run],
    );
    for (const { datname } of names.rows)
      await client.query(
        `DROP DATABASE IF EXISTS ${client.escapeIdentifier(datname)} WITH (FORCE)`,
      );
    const roles = await client.query<{ rolname: string }>(
      'SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)',
      [run],
    );
    for (const { rolname } of roles.rows)
      await client.query(`DROP ROLE IF EXISTS ${client.escapeIdentifier(rolname)}`);
  });
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${database}`;
  return parsed.href;
}

/** Runs `use` on a connection of its own. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: url, application_name: 'tests' });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
