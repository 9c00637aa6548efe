/** Whole databases: creates a missing one, and finds out whether two URLs mean the same one. */
import { StepError } from '@wxyc/step';
import { openClient } from './open-client.js';
import { databaseFailure, errorCode } from './failure.js';
import { quoteIdentifier } from './quoting.js';
import { describeAddress, parseDatabaseUrl, withDatabaseName } from './url.js';

/**
 * Creates the database of the URL if the server does not have it. Returns whether it did.
 * The role needs CREATEDB then; the error says so.
 */
export async function createDatabaseIfMissing(url: string): Promise<boolean> {
  try {
    await (await openClient(url, { applicationName: 'wxyc-probe' })).end();
    return false;
  } catch (error) {
    if (errorCode((error as Error).cause) !== '3D000') throw error;
  }
  const { database } = parseDatabaseUrl(url);
  let lastError: unknown;
  for (const maintenance of ['postgres', 'template1']) {
    try {
      const client = await openClient(withDatabaseName(url, maintenance), {
        applicationName: 'wxyc-create-database',
      });
      try {
        // template0, so that nothing a site put into template1 becomes part of the cache.
        await client.query(
          `CREATE DATABASE ${quoteIdentifier(database)} TEMPLATE template0 ENCODING 'UTF8'`,
        );
        return true;
      } finally {
        await client.end();
      }
    } catch (error) {
      // Somebody else created it a moment ago.
      if (errorCode(error) === '42P04') return false;
      lastError = error;
      if (errorCode(error) === '42501') break;
    }
  }
  if (errorCode(lastError) === '42501') {
    throw new StepError(
      `The database ${describeAddress(parseDatabaseUrl(url))} does not exist and this role may not create it: create it with createdb, or grant the role CREATEDB`,
      { cause: lastError },
    );
  }
  throw databaseFailure(lastError, url, `Creating the database ${database}`);
}

/**
 * The identifier that a cluster keeps through restarts, physical backups and promotions, and that a restored dump does not have;
 * undefined where a managed service hides it.
 */
export async function clusterIdentifier(connection: {
  query(text: string): Promise<{ rows: Record<string, unknown>[] }>;
}): Promise<string | undefined> {
  const right = await connection.query(
    "SELECT has_function_privilege('pg_control_system()', 'EXECUTE') AS may",
  );
  if (right.rows[0]?.['may'] !== true) return undefined;
  const { rows } = await connection.query(
    'SELECT system_identifier::text AS id FROM pg_control_system()',
  );
  return rows[0]?.['id'] as string;
}

/**
 * What a database is, however its URL is spelt: the cluster's identifier, or else the time when its server started, and the
 * database's oid. To be compared at once, not to be kept.
 */
export async function databaseIdentity(url: string): Promise<string> {
  const client = await openClient(url, { applicationName: 'wxyc-probe' });
  try {
    const cluster = await clusterIdentifier(client);
    const answer = await client.query<{ started: string; oid: string }>(
      'SELECT pg_postmaster_start_time()::text AS started, oid::text FROM pg_database WHERE datname = current_database()',
    );
    const { started, oid } = answer.rows[0]!;
    return `${cluster ?? started}:${oid}`;
  } catch (error) {
    throw databaseFailure(error, url, 'Identifying the database');
  } finally {
    await client.end();
  }
}

/** Whether both URLs lead to the same database. Both must exist. */
export async function sameDatabase(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all([databaseIdentity(a), databaseIdentity(b)]);
  return first === second;
}
