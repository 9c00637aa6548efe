/** The releases of a schema, with everything that decisions on them need, streamed by cursor. */

import { existingColumns, presentCompanions, queryable } from '@wxyc/cache';
import type { Credit, Release } from '@wxyc/matching';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { BadInputError } from '@wxyc/step';

/** Rows per fetch: enough that round trips do not matter, few enough that memory does not. */
const batchSize = 4_000;

/** @throws BadInputError if the schema lacks the tables that decisions are made from, or they hold no release. */
export async function countReleases(client: Client, schema: string): Promise<number> {
  const columns = await existingColumns(queryable(client), schema);
  for (const [table, column] of [
    ['release', 'title'],
    ['release_artist', 'artist_name'],
    ['release_artist', 'extra'],
  ] as const) {
    if (columns.get(table)?.includes(column)) continue;
    const found = columns.get(table);
    throw new BadInputError(
      found
        ? `The table ${schema}.${table} has no column ${column} (found ${found.join(', ')}); is this a cache?`
        : `The schema ${schema} has no table ${table}: load a cache with wxyc-schema and wxyc-import, or name another --schema`,
    );
  }
  const { rows } = await client.query<{ count: string }>(
    `SELECT count(*) FROM ${qualifiedName(schema, 'release')}`,
  );
  const count = Number(rows[0]?.count ?? 0);
  if (count === 0)
    throw new BadInputError(
      `The table ${schema}.release holds no release: load it with wxyc-import`,
    );
  return count;
}

/**
 * Streams releases by ascending id, with their main artists, what release_credit knows about them, and their master if it is known. The
 * client must be in a transaction, which the cursor lives in, and be used for nothing else meanwhile.
 */
export async function* streamReleases(client: Client, schema: string): AsyncGenerator<Release[]> {
  const query = await releaseQuery(client, schema, '');
  // The planner must plan for the whole result, not for the first rows.
  await client.query('SET LOCAL cursor_tuple_fraction = 1');
  await client.query(`DECLARE releases NO SCROLL CURSOR FOR ${query} ORDER BY r.id`);
  for (;;) {
    const { rows } = await client.query<ReleaseRow>(`FETCH ${batchSize} FROM releases`);
    if (rows.length > 0) yield rows.map(releaseOf);
    if (rows.length < batchSize) break;
  }
  await client.query('CLOSE releases');
}

/** One release as {@link streamReleases} yields it, or undefined if the schema does not hold it. */
export async function releaseToDecide(
  client: Client,
  schema: string,
  id: number,
): Promise<Release | undefined> {
  const { rows } = await client.query<ReleaseRow>(await releaseQuery(client, schema, `${id}`));
  return rows[0] && releaseOf(rows[0]);
}

interface ReleaseRow {
  id: number;
  master: number | null;
  title: string;
  names: string[] | null;
  /** `[name, variation, artist id]` of credits that say more than their name. */
  credits: [string, string | null, number | null][] | null;
}

function releaseOf({ id, master, title, names, credits }: ReleaseRow): Release {
  return { id, masterId: master, title, credits: creditsOf(names ?? [], credits ?? []) };
}

/** A name that has rows in release_credit is credited as these say, any other name just once. */
function creditsOf(
  names: readonly string[],
  further: readonly [string, string | null, number | null][],
): Credit[] {
  if (further.length === 0) return names.map((name) => ({ name }));
  const told = new Set(further.map(([name]) => name));
  // A consumer may have replaced the artists since: rows about other names do not count.
  const main = new Set(names);
  return [
    ...names.filter((name) => !told.has(name)).map((name) => ({ name })),
    ...further
      .filter(([name]) => main.has(name))
      .map(([name, variation, artistId]) => ({
        name,
        variation: variation ?? undefined,
        artistId: artistId ?? undefined,
      })),
  ];
}

/** @param only A release id, or empty for all releases. */
async function releaseQuery(client: Client, schema: string, only: string): Promise<string> {
  const columns = await existingColumns(queryable(client), schema);
  const companions = await presentCompanions(queryable(client), schema);
  const of = (column: string): string => (only === '' ? '' : `AND ${column} = ${only}`);
  const grouped = (select: string, table: string, where: string): string =>
    `(SELECT release_id, ${select} FROM ${qualifiedName(schema, table)} WHERE ${where} ${of('release_id')} GROUP BY release_id)`;
  const hasMaster = columns.get('release')?.includes('master_id') === true;
  const hasCredits = companions.includes('release_credit');
  const hasMasters = !hasMaster && companions.includes('release_master');
  return `SELECT r.id, ${hasMaster ? 'r.master_id' : hasMasters ? 'm.master_id' : 'NULL::integer'} AS master, r.title, a.names, ${hasCredits ? 'c.credits' : 'NULL::json'} AS credits
     FROM ${qualifiedName(schema, 'release')} r
     LEFT JOIN ${grouped('array_agg(artist_name) AS names', 'release_artist', 'extra = 0')} a ON a.release_id = r.id
     ${hasCredits ? `LEFT JOIN ${grouped('json_agg(json_build_array(artist_name, variation, artist_id)) AS credits', 'release_credit', 'true')} c ON c.release_id = r.id` : ''}
     ${hasMasters ? `LEFT JOIN ${grouped('min(master_id) AS master_id', 'release_master', 'true')} m ON m.release_id = r.id` : ''}
    WHERE true ${of('r.id')}`;
}
