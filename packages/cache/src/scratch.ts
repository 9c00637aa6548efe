/** Tables that steps leave for later steps of the same build. None of them is ever published. */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import { schemaLiteral, type Queryable } from './queryable.js';
import { startSeenTable } from './moment.js';

/** `release_id, track_count`: titled rows of release_track.csv, written by the base import, dropped by dedup or else by vacuum. */
export const trackCountTable = 'release_track_count';

/** `release_id, label, catno, format`: what distinguishes the pressings of a master, written by import, dropped by dedup or else by vacuum. */
export const editionTable = 'release_edition';

/** `release_id, decision`: written by match, read by dedup and prune, dropped before publishing. */
export const matchTable = 'release_match';

/** `files, releases`: which CSV files a build's releases were loaded from, and how many; for a resume without a state file. */
export const loadedTable = 'build_loaded';

/** The tables that belong to the rows of the build: loading again drops them. */
export const scratchTables: readonly string[] = [
  trackCountTable,
  editionTable,
  matchTable,
  loadedTable,
];

/** `step, run_id, finished_at`: see step-marks.ts. */
export const stepMarkTable = 'build_step';

/** The tables that belong to the build itself, from its creation to its publication. */
export const buildTables: readonly string[] = [startSeenTable, stepMarkTable];

const columnsOf: Record<string, string> = {
  [trackCountTable]: 'release_id,track_count',
  [editionTable]: 'catno,format,label,release_id',
  [matchTable]: 'decision,release_id',
  [loadedTable]: 'files,releases',
  [startSeenTable]: 'id',
  [stepMarkTable]: 'finished_at,run_id,step',
};

/**
 * Drops the scratch tables that exist. In a build's own schema these names belong to the build; elsewhere a table is dropped only
 * if it has exactly the columns of ours.
 *
 * @throws StepError for a table with such a name that no step made: it belongs to somebody else.
 */
export async function dropScratch(
  connection: Queryable,
  schema: string,
  names: readonly string[] = scratchTables,
  own = schema !== publishedSchema,
): Promise<void> {
  const rows = await presentTables(connection, schema, names);
  const foreign = rows.find(({ made }) => !made);
  if (foreign && !own)
    throw new StepError(
      `${schema}.${foreign.name} has the name of a table that steps create and drop, but no step created it: rename it, or build in another schema with --schema`,
    );
  for (const { name } of rows) await connection.query(`DROP TABLE ${qualifiedName(schema, name)}`);
}

/**
 * Drops what an import left for a dedup that never came: as long as there are no tracks, dedup may still come. What somebody else made stays.
 *
 * @returns the tables' names.
 */
export async function dropUnusedForDedup(connection: Queryable, schema: string): Promise<string[]> {
  const left = (await presentTables(connection, schema, [trackCountTable, editionTable]))
    .filter(({ made }) => made)
    .map(({ name }) => name);
  if (
    left.length === 0 ||
    (await connection.query(`SELECT 1 FROM ${qualifiedName(schema, 'release_track')} LIMIT 1`)).rows
      .length === 0
  )
    return [];
  for (const name of left) await connection.query(`DROP TABLE ${qualifiedName(schema, name)}`);
  return left;
}

/** Which of the tables exist, and whether they have exactly the columns of those that steps make. */
async function presentTables(
  connection: Queryable,
  schema: string,
  names: readonly string[],
): Promise<{ name: string; made: boolean }[]> {
  const { rows } = await connection.query(
    `SELECT c.relname AS name, array_to_string(ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attname), ',') AS columns
       FROM pg_catalog.pg_class c
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relname IN (${names.map((name) => `'${name}'`).join(', ')})`,
  );
  return rows.map(({ name, columns }) => ({
    name: String(name),
    made: columns === columnsOf[String(name)],
  }));
}
