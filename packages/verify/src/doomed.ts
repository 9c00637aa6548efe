/** Which releases have to go, as a table on the server. */

import { existingColumns, queryable } from '@wxyc/cache';
import { fromConsumer } from '@wxyc/dataset';
import { libraryName, type LibrarySource } from '@wxyc/library';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { BadInputError } from '@wxyc/step';

/** SQL name of the session's table of doomed releases: one column `id`, unique. */
export const doomedTable = 'pg_temp.release_doomed';

export interface Doom {
  /** All releases of the schema. */
  releases: number;
  /** The releases in {@link doomedTable}. */
  doomed: number;
  /** Releases decided PRUNE that stay, since a consumer fetched them. */
  fetched: number;
}

/**
 * Fills {@link doomedTable} with the releases decided PRUNE, except those that consumers fetched from the API.
 * Call it inside the transaction that acts on it.
 *
 * @param decisions SQL name of the table with the decisions.
 * @param options.lock Locks the rows first, so that a consumer who writes at this moment is either seen or waits.
 */
export async function doomReleases(
  client: Client,
  schema: string,
  decisions: string,
  options: { lock: boolean },
): Promise<Doom> {
  const release = qualifiedName(schema, 'release');
  const metadata = qualifiedName(schema, 'cache_metadata');
  await client.query(`DROP TABLE IF EXISTS ${doomedTable}`);
  await client.query('CREATE TEMPORARY TABLE release_doomed (id integer NOT NULL)');
  const pruned = await client.query(
    `INSERT INTO ${doomedTable} SELECT r.id FROM ${release} r JOIN ${decisions} d ON d.release_id = r.id
      WHERE d.decision = 0 ${options.lock ? 'FOR UPDATE OF r' : ''}`,
  );
  await client.query(`ALTER TABLE ${doomedTable} ADD PRIMARY KEY (id)`);
  let fetched = 0;
  if ((await existingColumns(queryable(client), schema)).has('cache_metadata')) {
    // A statement of its own: it sees what was committed while the one above waited for its locks.
    const spared = await client.query(
      `DELETE FROM ${doomedTable} d USING ${metadata} m WHERE m.release_id = d.id AND ${fromConsumer('m.source')}`,
    );
    fetched = spared.rowCount ?? 0;
  }
  await client.query(`ANALYZE ${doomedTable}`);
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${release}`);
  return {
    releases: Number(rows[0]?.count ?? 0),
    doomed: (pruned.rowCount ?? 0) - fetched,
    fetched,
  };
}

/** Refuses to empty a cache: a wrong library.db must not cost all of it. */
export function refuseToEmpty(
  doom: Doom,
  library: LibrarySource | undefined,
  action: string,
): void {
  if (doom.releases > doom.doomed) return;
  throw new BadInputError(
    `None of the ${doom.releases} releases is in the library ${libraryName(library)}, so nothing would stay; ${action} was not done. Is it the right library?`,
  );
}
