import { makeRunFolder } from '../folders.js';
import { startPostgres } from '../postgres-server.js';
import { onEnd } from './environment.js';

export default async function setup(): Promise<void> {
  onEnd('pg', makeRunFolder());
  const server = await startPostgres();
  onEnd('pg', () => server.stop());
  process.stderr.write(`database tests: PostgreSQL server (${server.kind})\n`);
}
