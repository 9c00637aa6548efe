/** The server's side of connections: which process works for one, and how its work is ended. */
import { connectClient, type Client } from './client.js';
import { parseDatabaseUrl } from './url.js';

/** Which connections to end: these process ids, or all that carry this application name. */
export type Backends = readonly number[] | { applicationName: string };

const backends = new WeakMap<Client, number>();

/** Notes the server process of a connection. Through a pooler it is not the one that the protocol names. */
export function noteBackend(client: Client, pid: number): void {
  backends.set(client, pid);
}

/** The server process that works for a connection; 0 if it is not known. */
export function backendOf(client: Client): number {
  return backends.get(client) ?? 0;
}

/** Longest time for ending the server's side, in milliseconds: whoever sent a signal is waiting for it. */
const patience = 3000;

/** Ends the server's side of other connections of the same role and waits for their end, for three seconds at most. Never throws. */
export async function terminateBackends(url: string, which: Backends): Promise<void> {
  const hurry = AbortSignal.timeout(patience);
  try {
    const client = await connectClient(parseDatabaseUrl(url), 'wxyc-interrupt', hurry);
    const pids =
      'applicationName' in which
        ? 'SELECT pid FROM pg_stat_activity WHERE application_name = $1'
        : 'SELECT pid FROM unnest($1::int[]) AS pid';
    const late = (): void => void client.connection.stream.destroy();
    hurry.addEventListener('abort', late, { once: true });
    try {
      await client.query(
        `SELECT pg_terminate_backend(pid, ${patience}) FROM (${pids}) AS backend`,
        ['applicationName' in which ? which.applicationName : which],
      );
    } finally {
      hurry.removeEventListener('abort', late);
      await client.end();
    }
  } catch {
    // The server is gone or cannot be reached: it ends the work itself when it notices that nobody is there.
  }
}

/** Ends the server's side first, so that its work and its locks are gone when the pending query rejects. */
export function endOnAbort(client: Client, url: string, signal: AbortSignal): void {
  const stop = (): void => {
    const pid = backendOf(client);
    void (pid ? terminateBackends(url, [pid]) : Promise.resolve()).finally(() =>
      client.connection.stream.destroy(),
    );
  };
  if (signal.aborted) return stop();
  signal.addEventListener('abort', stop, { once: true });
  client.once('end', () => signal.removeEventListener('abort', stop));
}
