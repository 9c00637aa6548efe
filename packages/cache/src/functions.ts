/** Makes sure that the extensions and f_unaccent exist, in public, and are as the indexes need them. */
import { StepError, type Logger } from '@wxyc/step';
import { errorCode, type Sql } from '@wxyc/postgres';
import { queryable } from './queryable.js';
import { ensureForms, muteTrigrams, needed } from './search.js';
import { unaccentFault } from './unaccent-probe.js';

/** One reading of the catalogue about the extensions and the function. */
export interface FunctionFacts {
  /** The schema of each installed extension. */
  extensions: Map<string, string>;
  /** Undefined when public.f_unaccent(text) is missing. */
  unaccent?: { volatility: string; parallel: string; strict: boolean; result: string } | undefined;
}

/** Reads what is installed. Changes nothing. */
export async function readFunctions(sql: Sql): Promise<FunctionFacts> {
  const extensions = await sql.unsafe<{ name: string; schema: string }[]>(
    "SELECT extname AS name, nspname AS schema FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace WHERE extname IN ('pg_trgm', 'unaccent')",
  );
  const [unaccent] = await sql.unsafe<
    { volatility: string; parallel: string; strict: boolean; result: string }[]
  >(
    "SELECT provolatile AS volatility, proparallel AS parallel, proisstrict AS strict, format_type(prorettype, NULL) AS result FROM pg_proc WHERE oid = to_regprocedure('public.f_unaccent(text)')",
  );
  return { extensions: new Map(extensions.map(({ name, schema }) => [name, schema])), unaccent };
}

/**
 * Creates the extensions, the function and the forms of searches where missing. An existing function is never replaced, since indexes of
 * the published cache depend on it; only markings that it lacks are added.
 */
export async function ensureFunctions(sql: Sql, logger: Logger): Promise<void> {
  const before = await readFunctions(sql);
  for (const [name, schema] of before.extensions) {
    if (schema !== 'public')
      throw new StepError(
        `No cache can be built in this database: the extension ${name} is in the schema ${schema}, and consumers look for it in public (ALTER EXTENSION ${name} SET SCHEMA public)`,
      );
  }
  if (before.extensions.size < 2 || !before.unaccent) {
    for (const statement of await needed(queryable(sql), 'create_functions'))
      await createOne(sql, statement);
  }
  const { unaccent } = await readFunctions(sql);
  if (!unaccent || unaccent.result !== 'text' || unaccent.volatility !== 'i') {
    throw new StepError(
      'public.f_unaccent(text) exists but is not IMMUTABLE and cannot be indexed: drop it, or replace it with the one in schema/create_functions.sql',
    );
  }
  const fault = await unaccentFault(sql);
  if (fault !== undefined) throw new StepError(`No index can be built: ${fault}`);
  if (!unaccent.strict || unaccent.parallel !== 's') {
    await sql.unsafe('ALTER FUNCTION public.f_unaccent(text) STRICT PARALLEL SAFE');
    logger.info('marked the existing public.f_unaccent(text) STRICT and PARALLEL SAFE');
  }
  await ensureForms(queryable(sql));
  const mute = await muteTrigrams(queryable(sql));
  if (mute) logger.warn(mute);
}

async function createOne(sql: Sql, statement: string): Promise<void> {
  try {
    await sql.unsafe(statement);
  } catch (error) {
    const code = errorCode(error);
    // Another session created it between our look and our statement.
    if (code === '42710' || code === '42723' || code === '23505') return;
    const extension = /CREATE EXTENSION IF NOT EXISTS (\w+)/.exec(statement)?.[1];
    if (extension && code === '42501') {
      throw new StepError(
        `This role may not create the extension ${extension}: connect as the owner of the database, or let an administrator run CREATE EXTENSION ${extension} SCHEMA public`,
        { cause: error },
      );
    }
    if (extension && (code === '58P01' || code === '0A000')) {
      throw new StepError(
        `The server has no extension ${extension}: install PostgreSQL's contrib package (postgresql-contrib)`,
        { cause: error },
      );
    }
    throw error;
  }
}
