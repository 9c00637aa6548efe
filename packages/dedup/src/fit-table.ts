/** How well each pressing fits the library's album, as a table for the ranking. */
import { editionTable } from '@wxyc/cache';
import { decisionCodes } from '@wxyc/dataset';
import type { LibraryRow } from '@wxyc/matching';
import { qualifiedName, quoteLiteral, type Client } from '@wxyc/postgres';
import { readLabelFamilies, type LabelFamilies } from './label-families.js';
import { fitOf, tellsPressing, type Pressing } from './pressing-fit.js';
import { placePressings } from './shelf.js';

/** How many pressings are fetched at a time. */
const pageSize = 5000;

export interface FitSources {
  schema: string;
  /** SQL name of the decisions. */
  decisions: string;
  library: readonly LibraryRow[];
  /** For each row of the library, the first row that is the same album. */
  groups: Int32Array;
  /** CSV file of labels with their parents. */
  labels: string | undefined;
}

interface PressingRow {
  id: number;
  master: number;
  owned: boolean;
  album: number;
  year: number | null;
  labels: string[] | null;
  catnos: string[] | null;
  formats: string[] | null;
}

/**
 * A temporary table `release_id, fit, place` of the pressings about which the library says more than artist and title: see pressing-fit.ts and shelf.ts.
 *
 * @returns Its SQL name; undefined if the library never says more.
 */
export async function fitTable(
  client: Client,
  { schema, decisions, library, groups, labels }: FitSources,
  signal: AbortSignal,
): Promise<string | undefined> {
  const albums = new Map<number, LibraryRow[]>();
  for (const [at, row] of library.entries()) {
    if (!tellsPressing(row)) continue;
    const rows = albums.get(groups[at]!);
    if (rows) rows.push(row);
    else albums.set(groups[at]!, [row]);
  }
  if (albums.size === 0) return undefined;
  const named = library.flatMap(({ label }) => label ?? []);
  const families =
    labels === undefined || named.length === 0
      ? undefined
      : await readLabelFamilies(labels, named, signal);
  await client.query(
    'CREATE TEMP TABLE dedup_fit (release_id integer PRIMARY KEY, fit integer NOT NULL, place integer NOT NULL)',
  );
  const pressings = await pressingsQuery(client, schema);
  await client.query('BEGIN');
  // Pressings without a rival are not looked at.
  await client.query(
    `DECLARE dedup_pressings NO SCROLL CURSOR FOR
     SELECT r.id, r.master_id AS master, d.decision = ${decisionCodes.KEEP} AS owned, d.album, r.release_year AS year, e.labels, e.catnos, e.formats
       FROM ${qualifiedName(schema, 'release')} r JOIN ${decisions} d ON d.release_id = r.id LEFT JOIN (${pressings}) e ON e.release_id = r.id
      WHERE d.album IS NOT NULL AND r.master_id IN (SELECT master_id FROM ${qualifiedName(schema, 'release')} WHERE master_id <> 0 GROUP BY master_id HAVING count(*) > 1)
      ORDER BY r.master_id, r.id`,
  );
  let master: PressingRow[] = [];
  for (;;) {
    const { rows } = await client.query<PressingRow>(`FETCH ${pageSize} FROM dedup_pressings`);
    const fits: FitRow[] = [];
    for (const row of rows) {
      if (master.length > 0 && master[0]!.master !== row.master) {
        fits.push(...fitsOf(master, albums, groups, families));
        master = [];
      }
      master.push(row);
    }
    if (rows.length === 0) fits.push(...fitsOf(master, albums, groups, families));
    await client.query(
      'INSERT INTO dedup_fit SELECT * FROM unnest($1::integer[], $2::integer[], $3::integer[])',
      [fits.map(({ id }) => id), fits.map(({ fit }) => fit), fits.map(({ place }) => place)],
    );
    if (rows.length === 0) break;
  }
  await client.query('COMMIT');
  await client.query('ANALYZE dedup_fit');
  return 'dedup_fit';
}

interface FitRow {
  id: number;
  fit: number;
  place: number;
}

/** The pressings of one master: those of one album that is certainly owned share its places, others compete only by their fit. */
function fitsOf(
  pressings: readonly PressingRow[],
  albums: ReadonlyMap<number, LibraryRow[]>,
  groups: Int32Array,
  families: LabelFamilies | undefined,
): FitRow[] {
  const fits: FitRow[] = [];
  const owned = new Map<number, PressingRow[]>();
  for (const row of pressings) {
    const album = groups[row.album] ?? row.album;
    const rows = albums.get(album);
    if (!rows) continue;
    if (!row.owned)
      fits.push({ id: row.id, fit: fitOf(rows, pressingOf(row), families), place: 0 });
    else if (owned.has(album)) owned.get(album)!.push(row);
    else owned.set(album, [row]);
  }
  for (const [album, members] of owned) {
    const placed = placePressings(albums.get(album)!, members.map(pressingOf), families);
    for (const [at, { fit, place }] of placed.entries())
      fits.push({ id: members[at]!.id, fit, place });
  }
  return fits.filter(({ fit, place }) => fit > 0 || place > 0);
}

const pressingOf = ({ labels, catnos, formats, year }: PressingRow): Pressing => ({
  labels: labels ?? [],
  catnos: catnos ?? [],
  formats: formats ?? [],
  year,
});

/** What import left, or else only the labels: tables that something else filled have no more. */
async function pressingsQuery(client: Client, schema: string): Promise<string> {
  const table = qualifiedName(schema, editionTable);
  const { rows } = await client.query(
    `SELECT 1 FROM pg_class WHERE oid = to_regclass(${quoteLiteral(table)})`,
  );
  const list = (column: string): string => `array_agg(${column}) FILTER (WHERE ${column} <> '')`;
  if (rows.length > 0)
    return `SELECT release_id, ${list('label')} AS labels, ${list('catno')} AS catnos, ${list('format')} AS formats FROM ${table} GROUP BY release_id`;
  return `SELECT release_id, ${list('label_name')} AS labels, NULL::text[] AS catnos, NULL::text[] AS formats FROM ${qualifiedName(schema, 'release_label')} GROUP BY release_id`;
}
