/** A few connections through `postgres`, for queries. COPY goes through `pg`: see copy.ts. */
import { randomBytes } from 'node:crypto';
import { TLSSocket } from 'node:tls';
import postgres from 'postgres';
import { backendOf, terminateBackends } from './backends.js';
import { openClient, type SessionOptions } from './open-client.js';
import { guardTransactions } from './lost-transaction.js';
import { isPooled } from './pooler.js';
import { quoteLiteral } from './quoting.js';
import { connectionCheck, sessionSettings, type SessionFacts } from './session.js';
import { tlsOptions } from './tls.js';
import { parseDatabaseUrl } from './url.js';

export type Sql = postgres.Sql;
export type TransactionSql = postgres.TransactionSql;

export interface PoolOptions extends SessionOptions {
  /** Most connections at a time; default 2. With one, a transaction whose connection is lost is a failure; with more the driver may end the process. */
  max?: number | undefined;
}

/**
 * Opens a pool with the same session settings as {@link openClient}; int8 and numeric come as strings. The caller has
 * to `end()` it. Asynchronous: it connects once through `pg` to report a wrong URL at once, and to learn the server's version,
 * whether it speaks TLS, and a password from ~/.pgpass.
 *
 * @example
 * const sql = await connect(url, { schema: 'discogs_next', applicationName: 'wxyc-verify', signal });
 * try { await sql`SELECT count(*) FROM ${sql(schema)}.release` } finally { await sql.end() }
 */
export async function connect(url: string, options: PoolOptions = {}): Promise<Sql> {
  const probed = await probe(url, options);
  const address = parseDatabaseUrl(url);
  // The random part identifies this pool's connections when they have to be ended.
  const applicationName = `${(options.applicationName ?? 'wxyc').slice(0, 54)} ${randomBytes(4).toString('hex')}`;
  const settings = {
    ...sessionSettings(options.schema, probed),
    ...(probed.checksConnection ? { [connectionCheck.name]: connectionCheck.value } : {}),
  };
  let closes = 0;
  const max = probed.pooled ? 1 : (options.max ?? 2);
  const sql = postgres({
    host: address.host,
    port: address.port,
    ...(address.host.startsWith('/') ? { path: `${address.host}/.s.PGSQL.${address.port}` } : {}),
    database: address.database,
    user: address.user,
    ...(probed.password ? { password: probed.password } : {}),
    ssl: probed.encrypted ? tlsOptions(address) : false,
    max,
    connect_timeout: address.connectTimeout,
    keep_alive: 20,
    onnotice: () => undefined,
    ...(probed.pooled ? { max_lifetime: null, idle_timeout: 0 } : {}),
    onclose: () => {
      closes++;
      if (probed.pooled) void sql.end({ timeout: 0 });
    },
    connection: {
      ...(probed.pooled ? {} : settings),
      ...(address.serverOptions ? { options: address.serverOptions } : {}),
      application_name: applicationName,
    },
  } as postgres.Options<Record<string, never>>);
  // With several connections, it is not known which one a transaction has.
  if (max === 1) guardTransactions(sql, () => closes);
  settleEnd(sql, url, applicationName, options.signal);
  // Poolers refuse most settings at the start. Set later, they belong to that one connection, and a new one would lack them: see onclose.
  if (probed.pooled)
    await sql.unsafe(
      `SELECT ${Object.entries(settings)
        .map(([name, value]) => `set_config('${name}', ${quoteLiteral(value)}, false)`)
        .join(', ')}`,
    );
  return sql as unknown as Sql;
}

interface Probed extends SessionFacts {
  /** A pool through a pooler in session mode. */
  pooled: boolean;
  checksConnection: boolean;
  encrypted: boolean;
  password: string | undefined;
}

async function probe(url: string, options: PoolOptions): Promise<Probed> {
  const client = await openClient(url, options);
  try {
    const facts = await client.query<{ version: number; checks: boolean; commit: string }>(
      `SELECT current_setting('server_version_num')::int AS version, current_setting('${connectionCheck.name}') <> '0' AS checks, current_setting('synchronous_commit') AS commit`,
    );
    return {
      version: facts.rows[0]?.version ?? 0,
      synchronousCommit: facts.rows[0]?.commit ?? 'on',
      pooled: isPooled(client, backendOf(client)),
      checksConnection: facts.rows[0]?.checks ?? false,
      encrypted: client.connection.stream instanceof TLSSocket,
      password: client.password,
    };
  } finally {
    await client.end();
  }
}

/** Longest wait for a pool that ends, in seconds: `postgres` waits for ever for a connection that the server closed. */
const endPatience = 3;

/**
 * Makes sure that `end()` always settles, and makes an abort end what the pool's connections are doing on the server, so that locks
 * are gone when the pending queries reject.
 */
function settleEnd(
  sql: postgres.Sql<{ [name: string]: unknown }>,
  url: string,
  applicationName: string,
  signal: AbortSignal | undefined,
): void {
  const end = sql.end.bind(sql);
  let stopping: Promise<void> | undefined;
  const stop = (): void => {
    stopping = terminateBackends(url, { applicationName }).finally(() => void end({ timeout: 0 }));
  };
  signal?.addEventListener('abort', stop, { once: true });
  sql.end = async (how) => {
    signal?.removeEventListener('abort', stop);
    if (stopping) return stopping;
    const timeout = how?.timeout ?? endPatience;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>(
      (resolve) => (timer = setTimeout(resolve, timeout * 1000 + 200)),
    );
    await Promise.race([end({ timeout }), patience]).finally(() => clearTimeout(timer));
  };
}
