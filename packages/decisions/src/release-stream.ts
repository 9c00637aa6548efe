/** The releases of a schema with their main artists, streamed by cursor. */

import { existingColumns, queryable } from '@wxyc/cache';
import type { Candidate } from '@wxyc/matching';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { BadInputError } from '@wxyc/step';

/** Rows a fetch brings: enough that the round trips do not count, few enough that memory does not. */
const batchSize = 4_000;

/** @throws BadInputError if the schema lacks the tables that decisions are made from, or they hold no release. */
export async function countReleases(client: Client, schema: string): Promise<number> {
  const columns = await existingColumns(queryable(client), schema);
  for (const [table, column] of [['release', 'title'], ['release_artist', 'artist_name'], ['release_artist', 'extra']] as const) {
    if (columns.get(table)?.includes(column)) continue;
    const found = columns.get(table);
    throw new BadInputError(
      found
        ? `The table ${schema}.${table} has no column ${column} (found ${found.join(', ')}); is this a cache?`
        : `The schema ${schema} has no table ${table}: load a cache with wxyc-schema and wxyc-import, or name another --schema`,
    );
  }
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM ${qualifiedName(schema, 'release')}`);
  const count = Number(rows[0]?.count ?? 0);
  if (count === 0) throw new BadInputError(`The table ${schema}.release holds no release: load it with wxyc-import`);
  return count;
}

/**
 * Streams releases by ascending id. The client must be in a transaction, which the cursor lives in, and be used for
 * nothing else meanwhile.
 *
 * @param options.only SQL text of a table or query with a column `release_id`: only those.
 */
export async function* streamReleases(client: Client, schema: string, options: { only?: string } = {}): AsyncGenerator<Candidate[]> {
  const only = options.only === undefined ? '' : `WHERE r.id IN (SELECT release_id FROM ${options.only})`;
  // The planner must plan for the whole result, not for the first rows.
  await client.query('SET LOCAL cursor_tuple_fraction = 1');
  await client.query(
    `DECLARE releases NO SCROLL CURSOR FOR
      SELECT r.id, r.title, a.names
        FROM ${qualifiedName(schema, 'release')} r
        LEFT JOIN (SELECT release_id, array_agg(artist_name) AS names
                     FROM ${qualifiedName(schema, 'release_artist')} WHERE extra = 0 GROUP BY release_id) a ON a.release_id = r.id
        ${only}
       ORDER BY r.id`,
  );
  for (;;) {
    const { rows } = await client.query<{ id: number; title: string; names: string[] | null }>(`FETCH ${batchSize} FROM releases`);
    if (rows.length > 0) yield rows.map(({ id, title, names }) => ({ id, title, artists: names ?? [] }));
    if (rows.length < batchSize) break;
  }
  await client.query('CLOSE releases');
}
