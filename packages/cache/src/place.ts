/** Where transaction ids mean something: in one cluster, and for rows that were not restored from a dump. */
import { clusterIdentifier, quoteLiteral } from '@wxyc/postgres';
import type { Queryable } from './queryable.js';

/**
 * Server and table, to be noted beside a transaction id. A restored dump has another table or another server. If a service hides
 * the server's identifier, the table has to do.
 *
 * @param table Ready for SQL.
 */
export async function placeOf(connection: Queryable, table: string): Promise<string> {
  const cluster = await clusterIdentifier(connection);
  const { rows } = await connection.query(
    `SELECT coalesce(to_regclass(${quoteLiteral(table)})::oid::text, '') AS oid`,
  );
  return `${cluster === undefined ? '' : `${cluster}:`}${rows[0]?.['oid'] as string}`;
}
