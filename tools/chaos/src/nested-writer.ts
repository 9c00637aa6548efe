/** A consumer whose driver nests transactions: it writes what it fetched in savepoints and commits a second later. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Content } from './content.js';
import { onConnection } from './scratch-server.js';

/** A release that is in neither the dump nor the library. */
const id = 900_000_101;

const statements = [
  `INSERT INTO release (id, title, release_year, artwork_url) VALUES (${id}, 'Nested', 2002, 'https://img/nested')
   ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url`,
  `INSERT INTO release_artist (release_id, artist_name, extra) VALUES (${id}, 'A Nested Consumer''s', 0) ON CONFLICT DO NOTHING`,
  `DELETE FROM release_track WHERE release_id = ${id}`,
  `INSERT INTO release_track (release_id, sequence, position, title) VALUES (${id}, 1, 'A1', 'In a savepoint')`,
  `INSERT INTO cache_metadata (release_id, source) VALUES (${id}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
];

/** Writes and commits. Its transaction's id is older than its rows', and younger transactions begin and end meanwhile. */
export async function writeNested(url: string): Promise<void> {
  await onConnection(url, async (client) => {
    await client.query('BEGIN; SELECT pg_current_xact_id()');
    for (const [at, statement] of statements.entries())
      await client.query(`SAVEPOINT s${at}; ${statement}; RELEASE SAVEPOINT s${at}`);
    await onConnection(url, (other) => other.query('SELECT pg_current_xact_id()'));
    await sleep(1000);
    await client.query('COMMIT');
  });
}

const isNested = (line: string): boolean => new RegExp(`^row public\\.\\w+ \\(${id},`).test(line);

/** What a database holds apart from the nested writer's rows. */
export const withoutNested = (content: Content): Content =>
  content.filter((line) => !isNested(line));

/** How many of its rows exist: all four or none. */
export const nestedRows = (content: Content): number => content.filter(isNested).length;
export const allNestedRows = 4;
