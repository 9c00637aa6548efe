/** The replacement itself: inside the caller's transaction, with all tables of both sides locked. */
import { companions, publishedSchema, tables } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, type Client } from '@wxyc/postgres';
import { scratchTables } from '../scratch.js';
import { restoreAttachments, type Attachments } from './attachments.js';
import type { OldCache } from './old-cache.js';
import { readRights, restoreRights } from './rights.js';
import { writePublishedRunId } from './run-comment.js';

/**
 * Drops the old tables, moves the build's to `public` with all their indexes and constraints under their own names, gives
 * them owner, grants and attachments of the old ones, and notes the run. Returns false if the build's schema stays,
 * because it holds something that is not the build's.
 */
export async function swap(client: Client, schema: string, old: OldCache, attachments: Attachments, runId: string): Promise<boolean> {
  const rights = await readRights(client);
  const moves = tables.map(({ name }) => `ALTER TABLE ${qualifiedName(schema, name)} SET SCHEMA ${quoteIdentifier(publishedSchema)}`);
  // Without CASCADE: what we do not know of stops us rather than being lost.
  const drop = old.size > 0 ? [`DROP TABLE ${[...old.keys()].map((name) => qualifiedName(publishedSchema, name)).join(', ')}`] : [];
  const follow = companions.flatMap(({ name }) => [
    `DROP TABLE IF EXISTS ${qualifiedName(publishedSchema, name)}`,
    `ALTER TABLE IF EXISTS ${qualifiedName(schema, name)} SET SCHEMA ${quoteIdentifier(publishedSchema)}`,
  ]);
  await client.query([...drop, ...moves, ...follow].join(';\n'));
  await restoreRights(client, rights);
  await restoreAttachments(client, attachments);
  await writePublishedRunId(client, runId, attachments.releaseComment);
  return dropBuildSchema(client, schema);
}

async function dropBuildSchema(client: Client, schema: string): Promise<boolean> {
  await client.query(`DROP TABLE IF EXISTS ${scratchTables.map((name) => qualifiedName(schema, name)).join(', ')}; SAVEPOINT schema_kept`);
  try {
    await client.query(`DROP SCHEMA ${quoteIdentifier(schema)}`);
    return true;
  } catch (error) {
    // Only somebody else's objects in it are no reason to keep the cache from its readers.
    if ((error as { code?: string }).code !== '2BP01') throw error;
    await client.query('ROLLBACK TO SAVEPOINT schema_kept');
    return false;
  }
}
