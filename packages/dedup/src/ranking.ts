/** Which pressings of a master go: the SQL of the ranking. */
import { decisionCodes } from '@wxyc/dataset';
import { qualifiedName } from '@wxyc/postgres';

/**
 * A query for the releases to remove: `id, decision`. Within a master the best decision stays (with a library), then a US
 * pressing, an unknown country last, then the most tracks, then the lowest id. What consumers fetched is never removed.
 *
 * @param counts a query or table with `release_id, track_count`, one row a release
 * @param decisions a table with `release_id, decision`, or undefined without a library
 */
export function doomedQuery(schema: string, counts: string, decisions: string | undefined): string {
  const decision = decisions ? `coalesce(d.decision, ${decisionCodes.PRUNE})` : '0';
  return `
    SELECT id, decision FROM (
      SELECT r.id, ${decision} AS decision,
             row_number() OVER (
               PARTITION BY r.master_id
               ORDER BY ${decision} DESC,
                        CASE WHEN r.country = 'US' THEN 0 WHEN coalesce(r.country, '') = '' THEN 2 ELSE 1 END,
                        coalesce(c.track_count, 0) DESC,
                        r.id
             ) AS place
        FROM ${qualifiedName(schema, 'release')} r
        LEFT JOIN ${counts} c ON c.release_id = r.id
        ${decisions ? `LEFT JOIN ${decisions} d ON d.release_id = r.id` : ''}
       WHERE r.master_id <> 0
    ) ranked
    WHERE place > 1
      AND NOT EXISTS (SELECT FROM ${qualifiedName(schema, 'cache_metadata')} m WHERE m.release_id = ranked.id AND m.source = 'api_fetch')`;
}
