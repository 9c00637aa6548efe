// A connection that only one process at a time fills artwork on; a rebuild may run beside it.
import { openClient, type Client } from '@wxyc/postgres';
import { LockedError, throwIfInterrupted, type StepContext } from '@wxyc/step';

/** 'wxyc' in ASCII, and the second kind of lock: the first is that of runs, which this must not wait for. */
const lockKey = '2004453731, 2';

/** Opens it and takes the lock, or throws LockedError. The caller ends it. */
export async function openSession(databaseUrl: string, { signal }: StepContext): Promise<Client> {
  // Without the signal: an interrupt must leave time to write what was found.
  const client = await openClient(databaseUrl, { applicationName: 'wxyc-artwork' });
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `SELECT pg_try_advisory_lock(${lockKey}) AS locked`,
    );
    if (!rows[0]?.locked)
      throw new LockedError(
        'Another wxyc-artwork is working on this database, and two would look up the same releases. Let it finish, or stop it',
      );
    throwIfInterrupted(signal);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}
