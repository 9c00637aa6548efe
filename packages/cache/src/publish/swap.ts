/** The replacement itself: statements for the caller's transaction, which holds the locks of all tables of both sides. */
import { companions, publishedSchema, tables } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '@wxyc/postgres';
import { buildTables, scratchTables } from '../scratch.js';
import type { OldCache } from './old-cache.js';
import { rightsStatements, type BuildRights, type TableRights } from './rights.js';
import { publishedRunStatement } from './run-comment.js';

export interface Swap {
  /** The build's schema. */
  schema: string;
  old: OldCache;
  /** Of the old tables. */
  rights: Map<string, TableRights>;
  build: BuildRights;
  /** Statements that put back what hung on the old tables. */
  attachments: readonly string[];
  /** Statements that bring the search functions, where they are not there as they should be. */
  searches: readonly string[];
  /** The comment on public.release so far. */
  releaseComment: string | null;
  runId: string;
}

/**
 * Drops the old tables, moves the build's to `public` with all their indexes and constraints under their own names, gives
 * them owner, grants and attachments of the old ones, and notes the run. The build's schema goes, unless it holds something
 * that is not the build's.
 */
export function swapStatements({ schema, old, rights, build, attachments, searches, releaseComment, runId }: Swap): string[] {
  return [
    // Without CASCADE: what we do not know of stops us rather than being lost.
    ...(old.size > 0 ? [`DROP TABLE ${[...old.keys()].map((name) => qualifiedName(publishedSchema, name)).join(', ')}`] : []),
    ...tables.map(({ name }) => `ALTER TABLE ${qualifiedName(schema, name)} SET SCHEMA ${quoteIdentifier(publishedSchema)}`),
    ...companions.flatMap(({ name }) => [
      `DROP TABLE IF EXISTS ${qualifiedName(publishedSchema, name)}`,
      `ALTER TABLE IF EXISTS ${qualifiedName(schema, name)} SET SCHEMA ${quoteIdentifier(publishedSchema)}`,
    ]),
    ...rightsStatements(rights, build),
    ...attachments,
    ...searches,
    publishedRunStatement(runId, releaseComment),
    `DROP TABLE IF EXISTS ${[...scratchTables, ...buildTables].map((name) => qualifiedName(schema, name)).join(', ')}`,
    // Only somebody else's objects in it are no reason to keep the cache from its readers.
    // A role that may not create it again keeps it for the next run.
    `DO ${quoteLiteral(`BEGIN IF has_database_privilege(current_database(), 'CREATE') THEN DROP SCHEMA ${quoteIdentifier(schema)}; ELSE COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS NULL; END IF; EXCEPTION WHEN dependent_objects_still_exist THEN NULL; END`)}`,
  ];
}
