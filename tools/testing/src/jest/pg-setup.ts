import { makeRunFolder } from '../folders.js';
import { startPostgres } from '../postgres-server.js';
import { endAll, onEnd } from './environment.js';

export default async function setup(): Promise<void> {
  onEnd('pg', makeRunFolder());
  try {
    const server = await startPostgres();
    onEnd('pg', () => server.stop());
    process.stderr.write(`database tests: PostgreSQL server (${server.kind})\n`);
  } catch (error) {
    // jest does not tear down after a failed set-up.
    await endAll('pg');
    throw error;
  }
}
