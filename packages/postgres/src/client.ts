/** Connecting through `pg`, with TLS as libpq means it; see open-client.ts for the session. */
import type { Duplex } from 'node:stream';
import type { ConnectionOptions } from 'node:tls';
import { StepError } from '@wxyc/step';
import pg from 'pg';
import { errorCode } from './failure.js';
import { namePasswordFile } from './home.js';
import { tlsOptions } from './tls.js';
import type { DatabaseAddress } from './url.js';

/** A connected client. The caller has to `end()` it, which takes no longer than a second whatever the network does. */
export type Client = pg.Client & {
  readonly processID?: number | null;
  readonly connection: { readonly stream: Duplex };
};

/** Servers that were seen without TLS, by host and port: `prefer` need not ask them twice. */
const plainServers = new Set<string>();

/** Connects without changing any setting. Gives up when the signal fires. */
export async function connectClient(
  address: DatabaseAddress,
  applicationName: string,
  signal?: AbortSignal,
): Promise<Client> {
  namePasswordFile();
  const key = `${address.host}:${address.port}`;
  const ssl = tlsOptions(address);
  const optional = address.sslMode === 'prefer' || address.sslMode === 'allow';
  if (ssl && !(optional && plainServers.has(key))) {
    try {
      return await tryConnect(address, applicationName, ssl, signal);
    } catch (error) {
      if (!optional || !/does not support SSL/i.test((error as Error).message)) throw error;
      plainServers.add(key);
    }
  }
  return tryConnect(address, applicationName, false, signal);
}

async function tryConnect(
  address: DatabaseAddress,
  applicationName: string,
  ssl: ConnectionOptions | false,
  signal?: AbortSignal,
): Promise<Client> {
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
    keepAliveInitialDelayMillis: 20_000,
    ssl,
  }) as Client;
  // An idle connection that breaks emits an error; the next query reports it.
  client.on('error', () => undefined);
  boundEnd(client);
  const giveUp = (): void => void client.connection.stream.destroy();
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    if (signal?.aborted) throw signal.reason;
    await client.connect();
  } catch (error) {
    client.end().catch(() => undefined);
    if (/password must be a string/i.test((error as Error).message)) {
      throw new StepError(
        `The server at ${address.host}:${address.port} asks for a password for ${address.user}; give it in the URL (percent-encoded), in PGPASSWORD or in ~/.pgpass`,
        { cause: error },
      );
    }
    throw errorCode(error) || !/timeout/i.test((error as Error).message)
      ? error
      : Object.assign(error as Error, { code: 'CONNECT_TIMEOUT' });
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
  return client;
}

/** How long to wait when closing a connection, in milliseconds: on a silent network the server never answers. */
const farewell = 1000;

function boundEnd(client: Client): void {
  const end = client.end.bind(client) as () => Promise<void>;
  let ending: Promise<void> | undefined;
  client.end = ((): Promise<void> => {
    const late = setTimeout(() => client.connection.stream.destroy(), farewell);
    ending ??= end().finally(() => clearTimeout(late));
    return ending;
  }) as typeof client.end;
}
