/** One connection through `pg` with our settings: for COPY, long statements and session locks. */
import { StepError } from '@wxyc/step';
import { endOnAbort, noteBackend } from './backends.js';
import { connectClient, type Client } from './client.js';
import { databaseFailure } from './failure.js';
import { isPooled, refuseSharedConnections } from './pooler.js';
import { quoteLiteral } from './quoting.js';
import { connectionCheck, sessionSettings } from './session.js';
import { parseDatabaseUrl } from './url.js';

export interface SessionOptions {
  /** First in the search path, before `public`. Default: only `public`. */
  schema?: string | undefined;
  /** As shown in pg_stat_activity. A lock's {@link RunLock.applicationName} marks the connections of a run. */
  applicationName?: string | undefined;
  /** When it fires, the server ends this connection's work at once. */
  signal?: AbortSignal | undefined;
}

/** Oldest server that has what is needed (client_connection_check_interval). */
const oldestServer = 140_000;

/**
 * Opens a connection with known session settings: UTC, none of the role's time-outs, commits that survive a crash, and a
 * server that notices within two seconds when this process is gone, and within a minute when the network is. Throws a StepError that
 * names the place and the way out, and a UsageError for a pooler that shares connections.
 *
 * @example
 * const client = await openClient(url, { schema: 'discogs_next', applicationName: 'wxyc-import', signal });
 * try { await client.query('TRUNCATE release') } finally { await client.end() }
 */
export async function openClient(url: string, options: SessionOptions = {}): Promise<Client> {
  const address = parseDatabaseUrl(url);
  const { signal } = options;
  if (signal?.aborted) throw databaseFailure(undefined, url, 'Connecting', signal);
  try {
    const client = await connectClient(address, options.applicationName ?? 'wxyc', signal);
    if (signal) endOnAbort(client, url, signal);
    await prepareSession(client, url, options);
    return client;
  } catch (error) {
    throw databaseFailure(error, url, 'Connecting', signal);
  }
}

async function prepareSession(client: Client, url: string, options: SessionOptions): Promise<void> {
  const address = parseDatabaseUrl(url);
  try {
    const facts = await client.query<{
      version: number;
      encoding: string;
      pid: number;
      commit: string;
    }>(
      `SELECT current_setting('server_version_num')::int AS version, pg_encoding_to_char(encoding) AS encoding, pg_backend_pid() AS pid,
              current_setting('synchronous_commit') AS commit
         FROM pg_database WHERE datname = current_database()`,
    );
    const { version, encoding, pid, commit } = facts.rows[0] ?? {
      version: 0,
      encoding: '',
      pid: 0,
      commit: 'on',
    };
    // Before the first setting, which through such a pooler would affect somebody else.
    if (isPooled(client, pid))
      await refuseSharedConnections(client, pid, address, (signal) =>
        connectClient(address, 'wxyc-probe', signal),
      );
    noteBackend(client, pid);
    if (version < oldestServer)
      throw new StepError(
        `PostgreSQL 14 or newer is needed; the server at ${address.host} is version ${Math.floor(version / 10_000)}`,
      );
    if (encoding !== 'UTF8')
      throw new StepError(
        `The database ${address.database} has the encoding ${encoding}; create one with ENCODING 'UTF8'`,
      );
    const settings = sessionSettings(options.schema, { version, synchronousCommit: commit });
    const sets = Object.entries(settings).map(
      ([name, value]) => `set_config('${name}', ${quoteLiteral(value)}, false)`,
    );
    await client.query(`SELECT ${sets.join(', ')}; ${setConnectionCheck}`);
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/** Platforms without the necessary system call refuse the setting, and do without it. */
const setConnectionCheck = `DO $$ BEGIN SET ${connectionCheck.name} = '${connectionCheck.value}'; EXCEPTION WHEN OTHERS THEN NULL; END $$`;
