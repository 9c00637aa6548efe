/**
 * What the build schema itself says about how far a run came: for resuming without a state file, and for checking the
 * word of an old one. In case of doubt a step counts as not done, since every step is safe to run again.
 */
import { join } from 'node:path';
import { existingColumns, isDeduplicated, matchTable, queryable } from '@wxyc/cache';
import { findCsv, IdSet, openCsv } from '@wxyc/csv';
import { buildSchema, fromDump } from '@wxyc/dataset';
import { decisionsFit } from '@wxyc/decisions';
import { readMatchBasis } from '@wxyc/library';
import { qualifiedName, type Sql, withClient } from '@wxyc/postgres';
import { matchFilesOf } from './match-files.js';
import type { Plan } from './run-plan.js';
import type { StepName } from './step-names.js';

/** Ids of the rows that import loads: those with a title. */
async function idsOf(csvDir: string, signal: AbortSignal): Promise<IdSet> {
  const ids = new IdSet();
  const reader = await openCsv(findCsv(csvDir, 'release') ?? join(csvDir, 'release.csv'), {
    signal,
  });
  const [id, title] = ['id', 'title'].map((name) => reader.header.indexOf(name));
  for await (const batch of reader.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const value = Number(batch.text(row, id!));
      if (
        Number.isSafeInteger(value) &&
        value > 0 &&
        value < 2 ** 31 &&
        !batch.isEmpty(row, title!)
      )
        ids.add(value);
    }
  }
  return ids;
}

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

/**
 * The steps that the build schema proves done for the CSV files in `csvDir`.
 *
 * Never among them: prune (an unpruned table looks like a pruned one of another library), match, vacuum, publish.
 */
export async function inferCompleted(
  sql: Sql,
  csvDir: string,
  signal: AbortSignal,
): Promise<Set<StepName>> {
  const done = new Set<StepName>();
  const columns = await existingColumns(queryable(sql), buildSchema);
  const release = columns.get('release');
  if (!release || !columns.has('cache_metadata')) return done;
  const ids = await idsOf(csvDir, signal);
  let count = 0;
  let strangers = 0;
  // The index step carries consumers' releases into the build, which come from no file.
  await sql
    .unsafe(
      `SELECT id FROM ${qualifiedName(buildSchema, 'release')} r
        WHERE EXISTS (SELECT FROM ${qualifiedName(buildSchema, 'cache_metadata')} m WHERE m.release_id = r.id AND ${fromDump('m.source')})`,
    )
    .cursor(20_000, (rows) => {
      count += rows.length;
      for (const row of rows) if (!ids.has(Number(row['id']))) strangers++;
    });
  // If there are releases that the files do not hold, the build is another month's.
  if (count === 0 || strangers > 0) return done;
  const deduplicated = await isDeduplicated(queryable(sql), buildSchema, release);
  if (!deduplicated && count !== ids.size) return done;
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
