/** One connection through `pg`: for COPY, long statements and session locks. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import { StepError, UsageError } from '@wxyc/step';
import pg from 'pg';
import { databaseFailure, errorCode } from './failure.js';
import { quoteIdentifier, quoteLiteral } from './quoting.js';
import { parseDatabaseUrl, type DatabaseAddress } from './url.js';

/** A connected client. It is the caller's to `end()`. */
export type Client = pg.Client;

export interface SessionOptions {
  /** First in the search path, before `public`. Default: `public` alone. */
  schema?: string | undefined;
  /** As shown in pg_stat_activity. A lock's {@link RunLock.applicationName} marks the connections of a run. */
  applicationName?: string | undefined;
  /** When it fires, the server ends this connection's work at once. */
  signal?: AbortSignal | undefined;
}

/** Oldest server that has what is needed (client_connection_check_interval). */
const oldestServer = 140_000;

/**
 * Opens a connection with known session settings: UTC, no time-outs of the role's own, and a server that notices
 * within two seconds when this process is gone. Throws a StepError that names the place and the way out.
 *
 * @example
 * const client = await openClient(url, { schema: 'discogs_next', applicationName: 'wxyc-import', signal });
 * try { await client.query('TRUNCATE release') } finally { await client.end() }
 */
export async function openClient(url: string, options: SessionOptions = {}): Promise<Client> {
  const address = parseDatabaseUrl(url);
  if (options.signal?.aborted) throw databaseFailure(undefined, url, 'Connecting', options.signal);
  try {
    const client = await connectClient(address, options.applicationName ?? 'wxyc');
    await prepareSession(client, url, options);
    if (options.signal) endOnAbort(client, url, options.signal);
    return client;
  } catch (error) {
    throw databaseFailure(error, url, 'Connecting', options.signal);
  }
}

/** Servers that were seen without TLS, by host and port: `prefer` need not ask them twice. */
const plainServers = new Set<string>();

async function connectClient(address: DatabaseAddress, applicationName: string): Promise<Client> {
  const key = `${address.host}:${address.port}`;
  const ssl = tlsOptions(address);
  const optional = address.sslMode === 'prefer' || address.sslMode === 'allow';
  if (ssl && !(optional && plainServers.has(key))) {
    try {
      return await tryConnect(address, applicationName, ssl);
    } catch (error) {
      if (!optional || !/does not support SSL/i.test((error as Error).message)) throw error;
      plainServers.add(key);
    }
  }
  return tryConnect(address, applicationName, false);
}

async function tryConnect(address: DatabaseAddress, applicationName: string, ssl: ConnectionOptions | false): Promise<Client> {
  const client = new pg.Client({
    host: address.host,
    port: address.port,
    database: address.database,
    user: address.user,
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.serverOptions ? { options: address.serverOptions } : {}),
    application_name: applicationName.slice(0, 63),
    connectionTimeoutMillis: address.connectTimeout * 1000,
    keepAlive: true,
    ssl,
  });
  // An idle connection that breaks emits an error; the next query reports it.
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    if (/password must be a string/i.test((error as Error).message)) {
      throw new StepError(`The server at ${address.host}:${address.port} asks for a password for ${address.user}; give it in the URL (percent-encoded), in PGPASSWORD or in ~/.pgpass`, { cause: error });
    }
    throw errorCode(error) || !/timeout/i.test((error as Error).message) ? error : Object.assign(error as Error, { code: 'CONNECT_TIMEOUT' });
  }
  return client;
}

/** TLS settings as libpq's sslmode means them; sockets have none. */
export function tlsOptions(address: DatabaseAddress): ConnectionOptions | false {
  if (address.sslMode === 'disable' || address.host.startsWith('/')) return false;
  const read = (file: string | undefined, name: string): { [key: string]: Buffer } => {
    if (!file) return {};
    try {
      return { [name]: readFileSync(file) };
    } catch (error) {
      throw new UsageError(`The certificate file ${file} of the database URL cannot be read (${(error as NodeJS.ErrnoException).code})`, { cause: error });
    }
  };
  const verifies = address.sslMode.startsWith('verify') || (address.sslMode === 'require' && address.sslRootCertificate !== undefined);
  return {
    rejectUnauthorized: verifies,
    ...(verifies && address.sslMode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...read(address.sslRootCertificate, 'ca'),
    ...read(address.sslCertificate, 'cert'),
    ...read(address.sslKey, 'key'),
  };
}

async function prepareSession(client: Client, url: string, options: SessionOptions): Promise<void> {
  try {
    const facts = await client.query<{ version: number; encoding: string }>(
      "SELECT current_setting('server_version_num')::int AS version, pg_encoding_to_char(encoding) AS encoding FROM pg_database WHERE datname = current_database()",
    );
    const { version, encoding } = facts.rows[0] ?? { version: 0, encoding: '' };
    if (version < oldestServer) throw new StepError(`PostgreSQL 14 or newer is needed; the server at ${parseDatabaseUrl(url).host} is version ${Math.floor(version / 10_000)}`);
    if (encoding !== 'UTF8') throw new StepError(`The database ${parseDatabaseUrl(url).database} has the encoding ${encoding}; create one with ENCODING 'UTF8'`);
    const sets = Object.entries(sessionSettings(options.schema, version)).map(([name, value]) => `set_config('${name}', ${quoteLiteral(value)}, false)`);
    await client.query(`SELECT ${sets.join(', ')}; ${setConnectionCheck}`);
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

/** Settings of every session of ours, by name. No role's or database's own time-out may end an hour's work. */
export function sessionSettings(schema: string | undefined, version: number): Record<string, string> {
  return {
    search_path: schema === undefined || schema === 'public' ? 'public' : `${quoteIdentifier(schema)}, public`,
    statement_timeout: '0',
    lock_timeout: '0',
    idle_in_transaction_session_timeout: '0',
    idle_session_timeout: '0',
    ...(version >= 170_000 ? { transaction_timeout: '0' } : {}),
    TimeZone: 'UTC',
    DateStyle: 'ISO',
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    default_transaction_isolation: 'read committed',
    default_transaction_read_only: 'off',
  };
}

/** The server looks this often whether the client is still there: a killed run must not go on building. */
export const connectionCheck = { name: 'client_connection_check_interval', value: '2s' };

/** Platforms without the needed system call refuse the setting: they do without. */
const setConnectionCheck = `DO $$ BEGIN SET ${connectionCheck.name} = '${connectionCheck.value}'; EXCEPTION WHEN OTHERS THEN NULL; END $$`;

/** Ends the server's side first, so that its work and its locks are gone when the pending query rejects. */
function endOnAbort(client: Client, url: string, signal: AbortSignal): void {
  const pid = (client as Client & { processID?: number | null }).processID;
  const stop = (): void => {
    if (pid) void terminateBackends(url, [pid]).finally(() => client.end().catch(() => undefined));
  };
  signal.addEventListener('abort', stop, { once: true });
  client.once('end', () => signal.removeEventListener('abort', stop));
}

/** Which connections to end: these process ids, or all that carry this application name. */
export type Backends = readonly number[] | { applicationName: string };

/** Ends the server's side of other connections of the same role and waits, up to five seconds each. Never throws. */
export async function terminateBackends(url: string, backends: Backends): Promise<void> {
  try {
    const client = await connectClient(parseDatabaseUrl(url), 'wxyc-interrupt');
    const which = 'applicationName' in backends ? 'SELECT pid FROM pg_stat_activity WHERE application_name = $1' : 'SELECT pid FROM unnest($1::int[]) AS pid';
    try {
      await client.query(`SELECT pg_terminate_backend(pid, 5000) FROM (${which}) AS backend`, ['applicationName' in backends ? backends.applicationName : backends]);
    } finally {
      await client.end();
    }
  } catch {
    // The server is gone, and so is the work.
  }
}
