/**
 * What a build says about itself, as a comment on its schema: it survives a kill, and is dropped with the schema. The start time
 * tells publish which rows consumers wrote during the build.
 */
import { quoteIdentifier, quoteLiteral, type Sql } from '@wxyc/postgres';
import { placeOf } from './place.js';
import { queryable, schemaLiteral } from './queryable.js';
import { createSeen, noteMoment, readableTables, startSeen } from './moment.js';

export interface BuildMark {
  /** By the server's clock, as PostgreSQL prints it: `2026-09-01 03:15:02.123456+00`. */
  startedAt: string;
  /** `pg_current_snapshot()` then: with the ids noted beside it (see moment.ts) it tells rows written since, whatever they are stamped. */
  snapshot?: string;
  /** To which rows the snapshot applies, see place.ts; builds of earlier versions do not say. */
  place?: string;
  runId?: string;
}

/** The mark of a build's schema, or undefined when the schema is missing or not a build. */
export async function readBuildMark(sql: Sql, schema: string): Promise<BuildMark | undefined> {
  const rows = await sql.unsafe<{ comment: string | null }[]>(
    `SELECT obj_description(to_regnamespace(${schemaLiteral(schema)}), 'pg_namespace') AS comment`,
  );
  return parseBuildMark(rows[0]?.comment);
}

/** Reads a mark from the comment that holds it; undefined for anything else. */
export function parseBuildMark(comment: string | null | undefined): BuildMark | undefined {
  try {
    const { startedAt, snapshot, place, runId } = (
      JSON.parse(comment ?? '') as { discogsBuild: BuildMark }
    ).discogsBuild;
    if (typeof startedAt !== 'string') return undefined;
    return {
      startedAt,
      ...(snapshot && /^\d+:\d+:[\d,]*$/.test(snapshot) ? { snapshot } : {}),
      ...(typeof place === 'string' ? { place } : {}),
      ...(runId ? { runId } : {}),
    };
  } catch {
    return undefined;
  }
}

/** Marks the schema as a build that starts now. Inside a transaction: the mark is whole or not there. */
export async function writeBuildMark(sql: Sql, schema: string, runId?: string): Promise<BuildMark> {
  const clock = await sql.unsafe<{ now: string }[]>('SELECT clock_timestamp()::text AS now');
  const names = (await sql.unsafe<{ name: string }[]>(readableTables)).map(({ name }) => name);
  await sql.unsafe(createSeen(startSeen(schema)));
  const moment = await sql.unsafe<{ snapshot: string }[]>(noteMoment(startSeen(schema), names));
  const { now = new Date().toISOString() } = clock[0] ?? {};
  const { snapshot } = moment[0] ?? {};
  const mark: BuildMark = {
    startedAt: now,
    ...(snapshot ? { snapshot } : {}),
    place: await placeOf(queryable(sql), startSeen(schema)),
    ...(runId ? { runId } : {}),
  };
  await sql.unsafe(
    `COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS ${quoteLiteral(JSON.stringify({ discogsBuild: mark }))}`,
  );
  return mark;
}
