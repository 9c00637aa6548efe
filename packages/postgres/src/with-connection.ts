/** Connections that last as long as the work on them. */
import { databaseFailure } from './failure.js';
import { openClient, type SessionOptions } from './open-client.js';
import type { Client } from './client.js';
import { connect, type PoolOptions, type Sql } from './pool.js';

/** What is being done, for the sentence of a failure: `Loading release_artist`. Without it, failures are passed on unchanged. */
export interface Doing {
  doing?: string | undefined;
}

/**
 * Works on a connection of its own, and ends it.
 *
 * @example
 * const rows = await withClient(url, { applicationName: 'wxyc-status', signal, doing: 'Counting' }, async (client) => …);
 */
export async function withClient<T>(
  url: string,
  { doing, ...options }: SessionOptions & Doing,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(url, options);
  try {
    return await work(client);
  } catch (error) {
    throw doing === undefined ? error : databaseFailure(error, url, doing, options.signal);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Works on a connection of its own that takes tagged queries, and ends it. */
export async function withSql<T>(
  url: string,
  { doing, ...options }: PoolOptions & Doing,
  work: (sql: Sql) => Promise<T>,
): Promise<T> {
  const sql = await connect(url, { max: 1, ...options });
  try {
    return await work(sql);
  } catch (error) {
    throw doing === undefined ? error : databaseFailure(error, url, doing, options.signal);
  } finally {
    await sql.end();
  }
}
