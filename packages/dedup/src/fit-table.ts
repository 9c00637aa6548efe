/** How well each pressing fits the library's album, as a table for the ranking. */
import { editionTable } from '@wxyc/cache';
import type { LibraryRow } from '@wxyc/matching';
import { qualifiedName, quoteLiteral, type Client } from '@wxyc/postgres';
import { fitOf, tellsPressing } from './pressing-fit.js';

/** So many pressings are looked at in one go. */
const pageSize = 5000;

interface EditionRow {
  id: number;
  album: number;
  year: number | null;
  labels: string[] | null;
  catnos: string[] | null;
  formats: string[] | null;
}

/**
 * A temporary table `release_id, fit` of those pressings that the library says more of than artist and title.
 *
 * @param groups For each row of the library the first that is the same album.
 * @returns Its SQL name; undefined where the library says no more.
 */
export async function fitTable(client: Client, schema: string, decisions: string, library: readonly LibraryRow[], groups: Int32Array): Promise<string | undefined> {
  const albums = new Map<number, LibraryRow[]>();
  for (const [at, row] of library.entries()) {
    if (!tellsPressing(row)) continue;
    const rows = albums.get(groups[at]!);
    if (rows) rows.push(row);
    else albums.set(groups[at]!, [row]);
  }
  if (albums.size === 0) return undefined;
  await client.query('CREATE TEMP TABLE dedup_fit (release_id integer PRIMARY KEY, fit integer NOT NULL)');
  const editions = await editionsQuery(client, schema);
  await client.query('BEGIN');
  // Pressings that have no rival are not looked at.
  await client.query(
    `DECLARE dedup_editions NO SCROLL CURSOR FOR
     SELECT r.id, d.album, r.release_year AS year, e.labels, e.catnos, e.formats
       FROM ${qualifiedName(schema, 'release')} r JOIN ${decisions} d ON d.release_id = r.id LEFT JOIN (${editions}) e ON e.release_id = r.id
      WHERE d.album IS NOT NULL AND r.master_id IN (SELECT master_id FROM ${qualifiedName(schema, 'release')} WHERE master_id <> 0 GROUP BY master_id HAVING count(*) > 1)`,
  );
  for (;;) {
    const { rows } = await client.query<EditionRow>(`FETCH ${pageSize} FROM dedup_editions`);
    if (rows.length === 0) break;
    const fits = rows.flatMap(({ id, album, year, labels, catnos, formats }) => {
      const fit = fitOf(albums.get(groups[album] ?? album) ?? [], { labels: labels ?? [], catnos: catnos ?? [], formats: formats ?? [], year });
      return fit > 0 ? [[id, fit] as const] : [];
    });
    await client.query('INSERT INTO dedup_fit SELECT * FROM unnest($1::integer[], $2::integer[])', [fits.map(([id]) => id), fits.map(([, fit]) => fit)]);
  }
  await client.query('COMMIT');
  await client.query('ANALYZE dedup_fit');
  return 'dedup_fit';
}

/** What import left, else the labels alone: tables that something else filled have no more. */
async function editionsQuery(client: Client, schema: string): Promise<string> {
  const table = qualifiedName(schema, editionTable);
  const { rows } = await client.query(`SELECT 1 FROM pg_class WHERE oid = to_regclass(${quoteLiteral(table)})`);
  const list = (column: string): string => `array_agg(${column}) FILTER (WHERE ${column} <> '')`;
  if (rows.length > 0) return `SELECT release_id, ${list('label')} AS labels, ${list('catno')} AS catnos, ${list('format')} AS formats FROM ${table} GROUP BY release_id`;
  return `SELECT release_id, ${list('label_name')} AS labels, NULL::text[] AS catnos, NULL::text[] AS formats FROM ${qualifiedName(schema, 'release_label')} GROUP BY release_id`;
}
