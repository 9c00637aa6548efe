/** A standby accepts connections and answers queries; only writing fails, and that hours later. */
import { StepError } from '@wxyc/step';
import type { Client } from './client.js';
import { describeAddress, parseDatabaseUrl } from './url.js';

/** Throws a StepError if the server is a standby. */
export async function refuseStandby(client: Client, url: string): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>(
    'SELECT pg_is_in_recovery() AS standby',
  );
  if (rows[0]?.standby)
    throw new StepError(
      `The server at ${describeAddress(parseDatabaseUrl(url))} is a standby, which takes no writes; give the URL of its primary`,
    );
}
