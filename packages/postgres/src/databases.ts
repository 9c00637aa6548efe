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

/** What a database is, however its URL is spelt: the cluster's system identifier and the database's oid. */
export async function databaseIdentity(url: string): Promise<string> {
  const client = await openClient(url, { applicationName: 'wxyc-probe' });
  try {
    const answer = await client.query<{ identity: string }>(
      `SELECT (SELECT system_identifier FROM pg_control_system())::text || ':' || oid::text AS identity FROM pg_database WHERE datname = current_database()`,
    );
    return answer.rows[0]?.identity ?? '';
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
