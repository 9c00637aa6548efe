/** The replacement itself: statements for the caller's transaction, which holds the locks of all tables of both sides. */
import { previousSchema, publishedSchema } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '@wxyc/postgres';
import { originStatement } from '../origin.js';
import { buildTables, scratchTables } from '../scratch.js';
import type { OldCache } from './old-cache.js';
import { rightsStatements, type BuildRights, type TableRights } from './rights.js';
import { publishedRunStatement } from './run-comment.js';

export interface Swap {
  /** Where the build's tables are. */
  schema: string;
  /** Their names, including companion tables. */
  tables: readonly string[];
  /** Note in the build that it is published now; false for a cache that has been published before. */
  notes: boolean;
  old: OldCache;
  /** Names of the old cache's companion tables in `public`. */
  beside: readonly string[];
  /** Move the old tables to `discogs_previous`, which has room for them. */
  keep: boolean;
  /** Extended statistics of the old tables. */
  statistics: readonly string[];
  /** Owners and grants of the old tables. */
  rights: Map<string, TableRights>;
  buildRights: BuildRights;
  /** Statements that restore what was attached to the old tables. */
  attachments: readonly string[];
  /** Statements that create the search functions, if these are missing or outdated. */
  searches: readonly string[];
  /** The comment on public.release so far. */
  releaseComment: string | null;
  runId: string | null;
}

/** Moves a table with its indexes, constraints and sequences, which keep their names. */
export const moved = (from: string, name: string, to: string): string =>
  `ALTER TABLE ${qualifiedName(from, name)} SET SCHEMA ${quoteIdentifier(to)}`;

/**
 * Moves the old tables out of the way, or drops them; moves the build's to `public` with all their indexes and constraints under
 * their own names, gives them owner, grants and attachments of the old ones, and notes the run. The build's schema is dropped, unless it
 * holds something that is not the build's.
 */
export function swapStatements(swap: Swap): string[] {
  const {
    schema,
    tables,
    notes,
    rights,
    buildRights,
    attachments,
    searches,
    releaseComment,
    runId,
  } = swap;
  return [
    ...(notes && runId !== null ? [originStatement(schema, runId)] : []),
    ...oldTablesGo(swap),
    ...tables.map((name) => moved(schema, name, publishedSchema)),
    ...rightsStatements(rights, buildRights),
    ...attachments,
    ...searches,
    publishedRunStatement(runId, releaseComment),
    `DROP TABLE IF EXISTS ${[...scratchTables, ...buildTables].map((name) => qualifiedName(schema, name)).join(', ')}`,
    schemaGoes(schema),
    ...(swap.keep ? [] : [schemaGoes(previousSchema)]),
  ];
}

/**
 * Somebody else's objects in the build's schema are no reason to withhold the cache from its readers. A role that could not
 * create the schema again keeps it for the next run. A schema that is kept is no longer a build: its mark would be mistaken for the next one's.
 */
const schemaGoes = (schema: string): string =>
  `DO ${quoteLiteral(
    `BEGIN IF to_regnamespace(${quoteLiteral(quoteIdentifier(schema))}) IS NULL THEN NULL; ELSIF has_database_privilege(current_database(), 'CREATE') THEN DROP SCHEMA ${quoteIdentifier(schema)}; ELSE COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS NULL; END IF; EXCEPTION WHEN dependent_objects_still_exist THEN COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS NULL; WHEN insufficient_privilege THEN NULL; END`,
  )}`;

function oldTablesGo({ old, beside, keep, statistics }: Swap): string[] {
  const names = [...old.keys(), ...beside];
  if (names.length === 0) return [];
  // Without CASCADE, so that unknown objects stop us rather than being lost.
  if (!keep)
    return [`DROP TABLE ${names.map((name) => qualifiedName(publishedSchema, name)).join(', ')}`];
  // Statistics stay in their schema when their table moves, and the new table's need their names.
  return [
    ...statistics.map((name) => `DROP STATISTICS ${name}`),
    ...names.map((name) => moved(publishedSchema, name, previousSchema)),
  ];
}
