/** Throw-away MySQL databases: on `MYSQL_URL_TEST` if set, else on a server in Docker. */
import { randomBytes } from 'node:crypto';

const variable = 'WXYC_TEST_MYSQL';

/** Finds or starts the server and tells the workers through the environment. Returns what stops it. */
export async function startMysql(): Promise<() => Promise<void>> {
  const given = process.env['MYSQL_URL_TEST'];
  if (given) {
    process.env[variable] = given;
    await run(given, 'SELECT 1').catch((error: Error) => {
      throw new Error(`MYSQL_URL_TEST does not answer (${error.message}). ${howTo}`, {
        cause: error,
      });
    });
    return () => Promise.resolve();
  }
  try {
    const { GenericContainer, Wait } = await import('testcontainers');
    const container = await new GenericContainer('mariadb:11')
      .withEnvironment({ MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: '1' })
      .withExposedPorts(3306)
      .withWaitStrategy(Wait.forLogMessage(/ready for connections.*/, 2))
      .start();
    process.env[variable] =
      `mysql://root@${container.getHost()}:${container.getMappedPort(3306)}/mysql`;
    return async () => void (await container.stop());
  } catch (error) {
    throw new Error(
      `No MySQL server for the MySQL tests (Docker: ${(error as Error).message}). ${howTo}`,
      { cause: error },
    );
  }
}

const howTo =
  'Give one with MYSQL_URL_TEST=mysql://root@127.0.0.1:3306/mysql (MariaDB 10.5 or later, a user that may create databases and users), ' +
  'or start Docker: the tests then start a server of their own';

export interface MysqlDatabase {
  /** `mysql://user:password@host:port/name`. */
  url: string;
  name: string;
  /** Runs statements, one after another, as the tests' user. */
  run(...statements: string[]): Promise<void>;
  /** A new user with the given password who may read this database. */
  reader(password: string): Promise<string>;
  drop(): Promise<void>;
}

/** Makes an empty MySQL database with a unique name; `charset` is its default character set. */
export async function mysqlDatabase(
  charset: 'utf8mb4' | 'latin1' = 'utf8mb4',
): Promise<MysqlDatabase> {
  const server = process.env[variable];
  if (!server)
    throw new Error(
      `No MySQL server for tests was started: name the test file *.mysql.test.ts and run npm run test:mysql. ${howTo}`,
    );
  const name = `wxyc_test_${process.pid}_${randomBytes(4).toString('hex')}`;
  await run(server, `CREATE DATABASE ${name} CHARACTER SET ${charset}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const users: string[] = [];
  return {
    url: url.href,
    name,
    run: (...statements) => run(url.href, ...statements),
    reader: async (password) => {
      const user = `t_${randomBytes(4).toString('hex')}`;
      users.push(user);
      const { escape } = await import('mysql2/promise');
      await run(
        server,
        `CREATE USER '${user}'@'%' IDENTIFIED BY ${escape(password)}`,
        `GRANT SELECT ON ${name}.* TO '${user}'@'%'`,
      );
      const asReader = new URL(url);
      asReader.username = user;
      asReader.password = encodeURIComponent(password);
      return asReader.href;
    },
    drop: () =>
      run(
        server,
        `DROP DATABASE IF EXISTS ${name}`,
        ...users.map((user) => `DROP USER IF EXISTS '${user}'@'%'`),
      ),
  };
}

async function run(url: string, ...statements: string[]): Promise<void> {
  const { createConnection } = await import('mysql2/promise');
  const connection = await createConnection(url);
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}
