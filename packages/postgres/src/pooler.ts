/**
 * Poolers between us and the server. One that gives every transaction to another server connection (pgbouncer's
 * transaction and statement mode) would leave our settings and our lock on connections that others get next.
 */
import { UsageError } from '@wxyc/step';
import type { Client } from './client.js';
import { describeAddress, type DatabaseAddress } from './url.js';

/** How many connections are opened at most to find out. A pooler hands out the connection that was returned last. */
const probes = 3;
/** Longest wait for one of them, in milliseconds: an exhausted pool makes us wait, as session pools do. */
const patience = 3000;

/** What has been found out, by address. */
const sessionPools = new Set<string>();

/** Whether the connection goes through a pooler: the server process is not the one that the protocol named. */
export function isPooled(client: Client, backend: number): boolean {
  return client.processID !== backend;
}

/**
 * Throws a UsageError if the pooler shares server connections between clients that are still connected. Changes no
 * setting. `client` has just asked for its server process, which was `backend`.
 */
export async function refuseSharedConnections(
  client: Client,
  backend: number,
  address: DatabaseAddress,
  open: (signal: AbortSignal) => Promise<Client>,
): Promise<void> {
  const key = `${describeAddress(address)} ${address.user}`;
  if (sessionPools.has(key)) return;
  const opened: Client[] = [];
  try {
    for (let probe = 0; probe < probes; probe++) {
      const signal = AbortSignal.timeout(patience);
      const other = await open(signal).catch(() => undefined);
      if (!other) break;
      opened.push(other);
      signal.addEventListener('abort', () => other.connection.stream.destroy(), { once: true });
      const held = await holdConnection(other).catch((error: Error) =>
        /pool/i.test(error.message) ? 'refused' : 'late',
      );
      if (held === 'late') break;
      if (held === 'refused' || held === backend || (await backendNow(client)) !== backend)
        throw refusal(address);
    }
  } finally {
    await Promise.all(opened.map((other) => other.end().catch(() => undefined)));
  }
  sessionPools.add(key);
}

/** Begins a transaction, which keeps its server connection, and returns the server process. */
async function holdConnection(client: Client): Promise<number> {
  await client.query('BEGIN');
  return backendNow(client);
}

async function backendNow(client: Client): Promise<number> {
  return (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]?.pid ?? 0;
}

function refusal(address: DatabaseAddress): UsageError {
  return new UsageError(
    `${describeAddress(address)} is a pooler that gives each transaction another server connection, and a run needs connections of its own: give the server's own port, or a pool in session mode (pool_mode = session); nothing was changed`,
  );
}
