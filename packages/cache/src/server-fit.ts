/** Whether a database's extensions, functions and character types are such that a cache can be built and searched in it. */
import { type Sql, withSql } from '@wxyc/postgres';
import { StepError, stepContext, type StepContext } from '@wxyc/step';
import { queryable } from './queryable.js';
import { readFunctions } from './functions.js';
import { muteTrigrams } from './search.js';
import { unaccentFault } from './unaccent-probe.js';

/** What is in the way of any build, and what will only make searches worse; sentences. */
export interface ServerFit {
  obstacles: string[];
  warnings: string[];
}

/** Looks at one database. Changes nothing. */
async function serverFit(
  options: { databaseUrl: string },
  context?: Partial<StepContext>,
): Promise<ServerFit> {
  const { signal } = stepContext(context);
  return withSql(
    options.databaseUrl,
    { applicationName: 'wxyc-fit', signal, doing: 'Checking the extensions' },
    async (sql) => {
      const mute = await muteTrigrams(queryable(sql));
      return {
        obstacles: await functionObstacles(sql),
        warnings: mute === undefined ? [] : [mute],
      };
    },
  );
}

/** Throws a StepError that names what is in the way, and logs the warnings. For the start of a run. */
export async function refuseUnfitServer(
  options: { databaseUrl: string },
  context?: Partial<StepContext>,
): Promise<void> {
  const { obstacles, warnings } = await serverFit(options, context);
  const { logger } = stepContext(context);
  for (const warning of warnings) logger.warn(warning);
  if (obstacles.length > 0)
    throw new StepError(
      `No cache can be built in this database: ${obstacles.join('; ')}. Nothing was changed`,
    );
}

/** Extensions that are unavailable or not in public, and an f_unaccent that is not the contract's. */
export async function functionObstacles(sql: Sql): Promise<string[]> {
  const { extensions, unaccent } = await readFunctions(sql);
  const available = await sql.unsafe<{ name: string }[]>(
    "SELECT name FROM pg_available_extensions WHERE name IN ('pg_trgm', 'unaccent')",
  );
  const obstacles: string[] = [];
  for (const name of ['pg_trgm', 'unaccent']) {
    const schema = extensions.get(name);
    if (schema === undefined && !available.some((extension) => extension.name === name)) {
      obstacles.push(
        `the extension ${name} is not installed on the server (install PostgreSQL's contrib package)`,
      );
    } else if (schema !== undefined && schema !== 'public') {
      obstacles.push(
        `the extension ${name} is in the schema ${schema}, and consumers look for it in public (ALTER EXTENSION ${name} SET SCHEMA public)`,
      );
    }
  }
  if (unaccent && obstacles.length === 0) {
    const fault = await unaccentFault(sql);
    if (fault !== undefined) obstacles.push(fault);
  }
  return obstacles;
}
