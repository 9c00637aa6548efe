/**
 * Which steps of a run a build holds, noted in the build itself. A state file tells what was done; after a failover, a
 * restored backup or a lost disk, only the database can tell what is still there. A mark is committed after its step, and the server
 * never loses a commit without all that came later. An import, also one by hand, takes the marks away of all that it undoes: if the
 * mark is there, so is the step's work.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, quoteLiteral, type Client, type Sql } from '@wxyc/postgres';
import { queryable, schemaLiteral } from './queryable.js';
import { stepMarkTable } from './scratch.js';

const tableOf = (schema: string): string => qualifiedName(schema, stepMarkTable);

async function hasTable(connection: Client | Sql, schema: string): Promise<boolean> {
  const { rows } = await queryable(connection).query(
    `SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND relname = '${stepMarkTable}'`,
  );
  return rows.length > 0;
}

/** The marks that this run has set in the build. */
export async function readStepMarks(sql: Sql, schema: string, runId: string): Promise<Set<string>> {
  if (!(await hasTable(sql, schema))) return new Set();
  const rows = await sql.unsafe<{ step: string }[]>(
    `SELECT step FROM ${tableOf(schema)} WHERE run_id = ${quoteLiteral(runId)}`,
  );
  return new Set(rows.map(({ step }) => step));
}

/** Removes marks, whoever set them: before a step begins, its own and those of all steps that build on it. */
export async function removeStepMarks(
  connection: Client | Sql,
  schema: string,
  steps: readonly string[],
): Promise<void> {
  if (steps.length === 0 || !(await hasTable(connection, schema))) return;
  await queryable(connection).query(
    `DELETE FROM ${tableOf(schema)} WHERE step IN (${steps.map(quoteLiteral).join(', ')})`,
  );
}

/** The steps of a run that work on the build, in the order in which they run. */
export const buildSteps = [
  'create_schema',
  'import_csv',
  'match',
  'dedup',
  'import_tracks',
  'prune',
  'import_artists',
  'create_indexes',
  'create_track_indexes',
  'vacuum',
  'publish',
] as const;

/**
 * Removes the marks of an import and of the steps after it, in the transaction that empties its tables. In `public`, where nothing is
 * marked, a table of that name is somebody else's.
 */
export async function removeMarksSince(
  client: Client,
  schema: string,
  step: 'import_csv' | 'import_tracks' | 'import_artists',
): Promise<void> {
  if (schema !== publishedSchema)
    await removeStepMarks(client, schema, buildSteps.slice(buildSteps.indexOf(step)));
}

/** Sets marks; the schema has to exist. */
export async function setStepMarks(
  sql: Sql,
  schema: string,
  runId: string,
  steps: readonly string[],
): Promise<void> {
  if (steps.length === 0) return;
  await sql.begin(async (transaction) => {
    await transaction.unsafe(
      `CREATE TABLE IF NOT EXISTS ${tableOf(schema)} (step text PRIMARY KEY, run_id text NOT NULL, finished_at timestamptz NOT NULL DEFAULT now())`,
    );
    await transaction.unsafe(
      `INSERT INTO ${tableOf(schema)} (step, run_id) VALUES ${steps.map((step) => `(${quoteLiteral(step)}, ${quoteLiteral(runId)})`).join(', ')}
       ON CONFLICT (step) DO UPDATE SET run_id = EXCLUDED.run_id, finished_at = EXCLUDED.finished_at`,
    );
  });
}

/** State files and marks keep the names that earlier tools gave; everywhere else a step has only the name in the closing table. */
const names: Readonly<Record<string, string>> = {
  create_schema: 'schema',
  import_csv: 'import',
  import_tracks: 'import tracks',
  import_artists: 'import artists',
  create_indexes: 'index',
  create_track_indexes: 'index',
};

/** The names of steps as people know them, each once. */
export const stepNamesOf = (marks: readonly string[]): string[] => [
  ...new Set(marks.map((mark) => names[mark] ?? mark)),
];
