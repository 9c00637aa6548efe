/**
 * When a build began, by the database's own clock and transaction ids: what consumers wrote since then must survive
 * the replacement. The build's mark (see mark.ts) holds both.
 */
import { qualifiedName, type Client } from '@wxyc/postgres';
import { parseBuildMark } from '../mark.js';

export interface RunStart {
  /** As the database prints it; null when nothing tells. */
  startedAt: string | null;
  /** `pg_current_snapshot()` then: tells rows written since by their xmin, whatever a clock says. */
  snapshot: string | null;
}

/**
 * Reads the start from the build's mark and the time that the run gives. A schema made by plain psql has no mark: then the
 * given time counts, or else the first bulk row's, and only `cached_at` tells what was written since.
 */
export async function readRunStart(client: Client, schema: string, given?: Date | string): Promise<RunStart> {
  const found = await client.query<{ comment: string | null }>(
    `SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_catalog.pg_namespace WHERE nspname = $1`,
    [schema],
  );
  const mark = parseBuildMark(found.rows[0]?.comment);
  if (mark) {
    // A run may begin hours before its build does. Of two clocks the earlier is the safe one: more is kept.
    const earlier = await client.query<{ at: string }>('SELECT least($1::timestamptz, $2::timestamptz)::text AS at', [
      mark.startedAt,
      given === undefined ? null : new Date(given).toISOString(),
    ]);
    return { startedAt: earlier.rows[0]?.at ?? mark.startedAt, snapshot: mark.snapshot ?? null };
  }
  if (given !== undefined) return { startedAt: new Date(given).toISOString(), snapshot: null };
  const first = await client.query<{ at: string | null }>(
    `SELECT min(cached_at)::text AS at FROM ${qualifiedName(schema, 'cache_metadata')} WHERE source = 'bulk_import'`,
  );
  return { startedAt: first.rows[0]?.at ?? null, snapshot: null };
}

/**
 * SQL that is true for rows of `alias` which a transaction wrote that the snapshot does not show: one that began later, or
 * was under way. `age()` is how PostgreSQL compares transaction ids across their wrap-around.
 */
export function writtenSince(alias: string, snapshot: string): string {
  const [, next, running] = snapshot.split(':');
  // A row holds the low 32 bits of the id.
  const short = (id: string): string => (BigInt(id) & 0xffff_ffffn).toString();
  const later = `age(${alias}.xmin) <= (SELECT age('${short(next ?? '0')}'::xid))`;
  if (!running) return later;
  const ids = running.split(',').map(short).join(',');
  return `(${later} OR ${alias}.xmin = ANY ('{${ids}}'::xid[]))`;
}
