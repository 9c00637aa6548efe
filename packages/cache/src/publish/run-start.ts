/**
 * When a build began, by the database's own clock and transaction ids: what consumers wrote since then must survive
 * the replacement. The build's mark (see mark.ts) holds both.
 */
import { fromDump } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { parseBuildMark, type BuildMark } from '../mark.js';
import { startSeen, startSeenTable, type Moment } from '../moment.js';
import { placeOf } from '../place.js';
import { queryable } from '../queryable.js';

export interface RunStart {
  /** As the database prints it; null if unknown. */
  startedAt: string | null;
  /** Identifies rows written since, whatever a clock says; null if unknown. */
  moment: Moment | null;
}

/**
 * Reads the start from the build's mark and the time that the run gives. A schema made by plain psql has no mark: then the
 * given time counts, or else the first bulk row's, and only `cached_at` tells what was written since.
 */
export async function readRunStart(
  client: Client,
  schema: string,
  given?: Date | string,
): Promise<RunStart> {
  const { mark, seen } = await readMark(client, schema);
  if (mark) {
    // A run may begin hours before its build does. The earlier of two times is the safe one, since more is kept.
    const earlier = await client.query<{ at: string }>(
      'SELECT least($1::timestamptz, $2::timestamptz)::text AS at',
      [mark.startedAt, given === undefined ? null : new Date(given).toISOString()],
    );
    // In a restored dump, transaction ids mean nothing: then times have to do.
    const valid =
      mark.snapshot !== undefined &&
      (mark.place === undefined ||
        mark.place === (await placeOf(queryable(client), startSeen(schema))));
    return {
      startedAt: earlier.rows[0]?.at ?? mark.startedAt,
      moment: valid ? { snapshot: mark.snapshot!, seen: seen ? startSeen(schema) : null } : null,
    };
  }
  if (given !== undefined) return { startedAt: new Date(given).toISOString(), moment: null };
  const first = await client.query<{ at: string | null }>(
    `SELECT min(cached_at)::text AS at FROM ${qualifiedName(schema, 'cache_metadata')} WHERE ${fromDump('source')}`,
  );
  return { startedAt: first.rows[0]?.at ?? null, moment: null };
}

/** The run that made a build, by its mark; undefined if it does not say. */
export async function readBuildRunId(client: Client, schema: string): Promise<string | undefined> {
  return (await readMark(client, schema)).mark?.runId;
}

/** A build's mark, and whether the ids that belong to its moment are there. */
async function readMark(
  client: Client,
  schema: string,
): Promise<{ mark: BuildMark | undefined; seen: boolean }> {
  const found = await client.query<{ comment: string | null; seen: boolean }>(
    `SELECT obj_description(n.oid, 'pg_namespace') AS comment,
            EXISTS (SELECT FROM pg_catalog.pg_class WHERE relnamespace = n.oid AND relname = $2) AS seen
       FROM pg_catalog.pg_namespace n WHERE nspname = $1`,
    [schema, startSeenTable],
  );
  return {
    mark: parseBuildMark(found.rows[0]?.comment),
    seen: found.rows[0]?.seen === true,
  };
}
