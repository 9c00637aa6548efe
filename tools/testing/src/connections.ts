/**
 * Connections that are used again: starting one costs the server more than most statements of a test do, and the tests run
 * thousands of them.
 */
import type pg from 'pg';

/** How long a connection without work stays, in milliseconds. */
const idle = 1000;

/** What the server calls them. */
export const keptSessions = 'tests, kept';

const pools = new Map<string, pg.Pool>();

async function poolOf(url: string): Promise<pg.Pool> {
  const { Pool } = (await import('pg')).default;
  let pool = pools.get(url);
  if (!pool) {
    pool = new Pool({
      connectionString: url,
      application_name: keptSessions,
      max: 50,
      idleTimeoutMillis: idle,
      allowExitOnIdle: true,
    });
    // A connection that ends while nobody uses it: the database was dropped, or the test ended it.
    pool.on('error', () => undefined);
    pools.set(url, pool);
  }
  return pool;
}

/**
 * Runs `use` on a connection that nobody else has meanwhile, and whose session is as good as new: what a statement sets or
 * leaves ends with the call.
 */
export async function withSession<T>(
  url: string,
  use: (client: pg.ClientBase) => Promise<T>,
): Promise<T> {
  const client = await (await poolOf(url)).connect();
  // If it breaks, the query reports it.
  client.on('error', ignore);
  let good = false;
  try {
    const result = await use(client);
    // Fails inside a transaction, which then ends with the connection.
    good = await client.query('DISCARD ALL').then(
      () => true,
      () => false,
    );
    return result;
  } finally {
    client.off('error', ignore);
    client.release(!good);
  }
}

const ignore = (): void => undefined;

/**
 * Ends the idle connections: the next sessions get the current settings of database and role, and the server's statistics count
 * what these sessions did.
 */
export async function endSessions(): Promise<void> {
  const ending = [...pools.values()];
  pools.clear();
  await Promise.all(
    ending.map(async (pool) => {
      const resting = pool.idleCount === pool.totalCount;
      const ended = pool.end();
      // A connection at work ends after it.
      if (resting) await ended;
    }),
  );
}
