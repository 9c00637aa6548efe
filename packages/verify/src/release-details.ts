/** The details by which a person distinguishes releases: artists, year, country, labels. */

import { existingColumns, queryable } from '@wxyc/cache';
import { qualifiedName, type Client } from '@wxyc/postgres';

export interface ReleaseDetails {
  id: number;
  title: string;
  artists: string[];
  year: number | null;
  country: string | null;
  labels: string[];
}

/** The address of a release's page on Discogs. */
export function discogsUrl(id: number): string {
  return `https://www.discogs.com/release/${id}`;
}

/** Details by id, for those of the releases that the schema holds. An older cache may lack a table or a column. */
export async function readDetails(
  client: Client,
  schema: string,
  ids: readonly number[],
): Promise<Map<number, ReleaseDetails>> {
  if (ids.length === 0) return new Map();
  const columns = await existingColumns(queryable(client), schema);
  const has = (table: string, column: string): boolean =>
    columns.get(table)?.includes(column) === true;
  const list = (table: string, column: string, where = ''): string =>
    has(table, column)
      ? `ARRAY(SELECT ${column} FROM ${qualifiedName(schema, table)} x WHERE x.release_id = r.id ${where} ORDER BY ${column} COLLATE "C")`
      : `'{}'::text[]`;
  const own = (column: string): string => (has('release', column) ? `r.${column}` : 'NULL');
  const { rows } = await client.query<ReleaseDetails>(
    `SELECT r.id, r.title, ${own('release_year')} AS year, ${own('country')} AS country,
            ${list('release_artist', 'artist_name', 'AND x.extra = 0')} AS artists, ${list('release_label', 'label_name')} AS labels
       FROM ${qualifiedName(schema, 'release')} r WHERE r.id = ANY ($1)`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** `1998, US, Matador`: what is known, in one line; empty if nothing is. */
export function detailsInWords({
  year,
  country,
  labels,
}: Pick<ReleaseDetails, 'year' | 'country' | 'labels'>): string {
  return [year, country, labels.join(' / ')]
    .filter((part) => part !== null && part !== '')
    .join(', ');
}
