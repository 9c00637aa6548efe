/**
 * What a build says about itself, as a comment on its schema: it survives a kill, and goes with the schema. The start time
 * tells publish which rows consumers wrote during the build.
 */
import { quoteIdentifier, quoteLiteral, type Sql } from '@wxyc/postgres';
import { schemaLiteral } from './existing.js';

export interface BuildMark {
  /** By the server's clock, as PostgreSQL prints it: `2026-09-01 03:15:02.123456+00`. */
  startedAt: string;
  /** `pg_current_snapshot()` then: publish tells rows written since by it, whatever they are stamped. */
  snapshot?: string;
  runId?: string;
}

/** The mark of a build's schema, or undefined when the schema is missing or not a build. */
export async function readBuildMark(sql: Sql, schema: string): Promise<BuildMark | undefined> {
  const rows = await sql.unsafe<{ comment: string | null }[]>(`SELECT obj_description(to_regnamespace(${schemaLiteral(schema)}), 'pg_namespace') AS comment`);
  return parseBuildMark(rows[0]?.comment);
}

/** Reads a mark from the comment that holds it; undefined for anything else. */
export function parseBuildMark(comment: string | null | undefined): BuildMark | undefined {
  try {
    const { startedAt, snapshot, runId } = (JSON.parse(comment ?? '') as { discogsBuild: BuildMark }).discogsBuild;
    if (typeof startedAt !== 'string') return undefined;
    return { startedAt, ...(snapshot && /^\d+:\d+:[\d,]*$/.test(snapshot) ? { snapshot } : {}), ...(runId ? { runId } : {}) };
  } catch {
    return undefined;
  }
}

/** Marks the schema as a build that starts now. */
export async function writeBuildMark(sql: Sql, schema: string, runId?: string): Promise<BuildMark> {
  const rows = await sql.unsafe<{ now: string; snapshot: string }[]>('SELECT clock_timestamp()::text AS now, pg_current_snapshot()::text AS snapshot');
  const { now = new Date().toISOString(), snapshot } = rows[0] ?? {};
  const mark: BuildMark = { startedAt: now, ...(snapshot ? { snapshot } : {}), ...(runId ? { runId } : {}) };
  await sql.unsafe(`COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(JSON.stringify({ discogsBuild: mark }))}`);
  return mark;
}
