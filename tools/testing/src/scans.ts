/** What the server's statistics say about a test's work. */
import { setTimeout as pause } from 'node:timers/promises';
import { endSessions } from './connections.js';

/**
 * How often a table was scanned so far, by its indexes or whole. A session's scans count once it has ended: this ends the
 * kept ones, waits until the server has noticed, and leaves none behind.
 *
 * @param table Qualified, as SQL text: `discogs_next.release_label`.
 */
export async function scansOf(url: string, table: string): Promise<number> {
  await endSessions();
  const { Client } = (await import('pg')).default;
  // A name like that of the product's own sessions: others count as consumers, and are treated with care.
  const client = new Client({ connectionString: url, application_name: 'wxyc-scans' });
  await client.connect();
  try {
    const others = `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`;
    for (let tries = 0; (await client.query(others)).rows.length > 0; tries++) {
      if (tries === 200) throw new Error('Other sessions are still connected after ten seconds.');
      await pause(50);
    }
    const { rows } = await client.query<{ scans: string }>(
      'SELECT coalesce(sum(seq_scan + idx_scan), 0) AS scans FROM pg_stat_all_tables WHERE relid = $1::regclass',
      [table],
    );
    return Number(rows[0]!.scans);
  } finally {
    await client.end();
  }
}
