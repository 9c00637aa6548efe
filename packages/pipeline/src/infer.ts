/**
 * What the build schema itself says about how far a run came: for resuming without a state file, and for checking the
 * word of an old one. In case of doubt a step counts as not done, since every step is safe to run again.
 */
import {
  existingColumns,
  isDeduplicated,
  loadedTable,
  matchTable,
  queryable,
  readProfile,
} from '@wxyc/cache';
import { csvFingerprint } from '@wxyc/csv';
import { buildSchema, filesOf, fromDump } from '@wxyc/dataset';
import { decisionsFit } from '@wxyc/decisions';
import { readMatchBasis } from '@wxyc/library';
import { qualifiedName, type Sql, withClient } from '@wxyc/postgres';
import { matchFilesOf } from './match-files.js';
import type { Plan } from './run-plan.js';
import type { StepName } from './step-names.js';

const exists = async (sql: Sql, query: string): Promise<boolean> =>
  (await sql.unsafe(query)).length > 0;

/** Whether the schema exists with all tables, as createSchema leaves it. */
export async function hasBuildSchema(sql: Sql): Promise<boolean> {
  return (await existingColumns(queryable(sql), buildSchema)).has('release');
}

async function hasIndex(sql: Sql, table: string): Promise<boolean> {
  return exists(
    sql,
    `SELECT 1 FROM pg_index WHERE indrelid = to_regclass('${buildSchema}.${table}') AND indisvalid`,
  );
}

/** Which of the profile's CSV files the releases were loaded from, and how many they were; nothing if import did not note it. */
async function loadedFrom(sql: Sql): Promise<{ files: string; releases: number } | undefined> {
  if ((await existingColumns(queryable(sql), buildSchema, [loadedTable])).size === 0)
    return undefined;
  const [row] = await sql.unsafe<{ files: string; releases: number }[]>(
    `SELECT files, releases FROM ${qualifiedName(buildSchema, loadedTable)}`,
  );
  return row;
}

/**
 * The steps that the build schema proves done for the CSV files in `csvDir`.
 *
 * Never among them: prune (an unpruned table looks like a pruned one of another library), match, vacuum, publish.
 */
export async function inferCompleted(sql: Sql, csvDir: string): Promise<Set<StepName>> {
  const done = new Set<StepName>();
  const columns = await existingColumns(queryable(sql), buildSchema);
  const release = columns.get('release');
  if (!release || !columns.has('cache_metadata')) return done;
  const loaded = await loadedFrom(sql);
  const names = filesOf(await readProfile(queryable(sql), buildSchema), 'release');
  // Another month's build proves nothing, even one whose releases are all in these files.
  if (
    loaded?.files !==
    (await csvFingerprint(
      csvDir,
      names.map(({ name }) => name),
    ))
  )
    return done;
  // The index step carries consumers' releases into the build, which come from no file.
  const [row] = await sql.unsafe<{ count: number }[]>(
    `SELECT count(*)::int FROM ${qualifiedName(buildSchema, 'release')} r
       JOIN ${qualifiedName(buildSchema, 'cache_metadata')} m ON m.release_id = r.id WHERE ${fromDump('m.source')}`,
  );
  const deduplicated = await isDeduplicated(queryable(sql), buildSchema, release);
  if (!row || row.count < (deduplicated ? 1 : loaded.releases)) return done;
  if (!(await exists(sql, `SELECT 1 FROM ${qualifiedName(buildSchema, 'release_artist')} LIMIT 1`)))
    return done;
  done.add('create_schema').add('import_csv');
  if (!deduplicated) return done;
  done.add('dedup');
  // Loading the tracks drops the indexes, and the index step builds them afterwards: any of them proves that the load was finished.
  const tracks = await exists(
    sql,
    `SELECT 1 FROM ${qualifiedName(buildSchema, 'release_track')} LIMIT 1`,
  );
  if (tracks && (await hasIndex(sql, 'release_track'))) done.add('import_tracks');
  return done;
}

/** Whether the build has its decisions. */
async function hasDecisions(sql: Sql): Promise<boolean> {
  return exists(sql, `SELECT 1 WHERE to_regclass('${buildSchema}.${matchTable}') IS NOT NULL`);
}

/**
 * Whether the build was decided by this plan's library, mappings and cutoff, or by none if the plan has none: which
 * pressing dedup kept depends on it.
 */
export async function isDecidedAsPlanned(
  sql: Sql,
  databaseUrl: string,
  plan: Plan,
): Promise<boolean> {
  if (!plan.options.libraryDb) return !(await hasDecisions(sql));
  return withClient(databaseUrl, { applicationName: 'wxyc-pipeline' }, async (client) =>
    decisionsFit(client, buildSchema, await readMatchBasis(matchFilesOf(plan))),
  );
}
