/**
 * Moments of a database, noted so that rows written later can be told from older ones.
 *
 * A snapshot alone cannot tell: it lists transactions, and a row written inside a savepoint carries the id of a
 * subtransaction, which nobody lists. What can: a subtransaction has a higher id than its transaction, so that every row in doubt
 * has an id at or above the snapshot's oldest running one; and of those ids, the ones that had committed are the ones whose rows
 * were visible. So a moment is a snapshot and, beside it, the ids in doubt that it saw.
 */
import { publishedSchema, tableNames } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '@wxyc/postgres';

export interface Moment {
  /** As `pg_current_snapshot()` prints it. */
  snapshot: string;
  /** The table, ready for SQL, of the ids in doubt that were seen; null: not known, and then every row in doubt counts as written later. */
  seen: string | null;
}

/** The part of a snapshot's id that can be compared with a row's transaction id: the low 32 bits. */
const short = (id: string | undefined): string => (BigInt(id ?? '0') & 0xffff_ffffn).toString();

/** SQL that is true for rows of `alias` which the moment does not show. `age()` compares ids across their wrap-around. */
export function writtenSince(alias: string, { snapshot, seen }: Moment): string {
  const [oldest, next] = snapshot.split(':', 2).map(short);
  const atLeast = (id: string | undefined): string =>
    `age(${alias}.xmin) <= (SELECT age('${id}'::xid))`;
  if (oldest === next) return atLeast(next);
  const unseen = seen === null ? 'true' : `${alias}.xmin NOT IN (SELECT id FROM ${seen})`;
  return `(${atLeast(next)} OR ${atLeast(oldest)} AND ${unseen})`;
}

/** The ordinary tables that this role may read. What cannot be read stays in doubt, which is safe. */
export const readableTables = `SELECT relname AS name FROM pg_catalog.pg_class
  WHERE relnamespace = to_regnamespace(${quoteLiteral(publishedSchema)}) AND relkind = 'r' AND has_table_privilege(oid, 'SELECT')
    AND relname = ANY ('{${tableNames.join(',')}}')`;

/** A statement that creates the table of the ids that were seen. */
export const createSeen = (seen: string): string =>
  `CREATE ${seen.startsWith('pg_temp.') ? 'TEMPORARY ' : ''}TABLE ${seen.replace('pg_temp.', '')} (id xid NOT NULL)`;

/**
 * One statement that fills the table `seen` and returns the column `snapshot`: both from one state of the database,
 * whatever the isolation level. Reads the given tables, published ones unless a schema is named, whole, unless nothing is in doubt.
 */
export function noteMoment(
  seen: string,
  names: readonly string[],
  schema = publishedSchema,
): string {
  const written = names.map(
    (name) => `SELECT xmin AS id FROM ${qualifiedName(schema, name)}
    WHERE (SELECT pg_snapshot_xmin(at) <> pg_snapshot_xmax(at) FROM moment) AND age(xmin) <= (SELECT age(pg_snapshot_xmin(at)::xid) FROM moment)`,
  );
  const noted = written.length
    ? `, noted AS (INSERT INTO ${seen} SELECT DISTINCT id FROM (${written.join(' UNION ALL ')}) written)`
    : '';
  return `WITH moment AS MATERIALIZED (SELECT pg_current_snapshot() AS at)${noted} SELECT at::text AS snapshot FROM moment`;
}

/** Where a build keeps the ids that its start saw. */
export const startSeenTable = 'build_start_seen';

/** The table of the ids that the build's start saw, ready for SQL. */
export const startSeen = (schema: string): string => `${quoteIdentifier(schema)}.${startSeenTable}`;
