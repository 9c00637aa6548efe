/** Makes the schema, the extensions, f_unaccent and the empty tables, from the same SQL files that psql runs. */
import { buildSchema, profiles, publishedSchema, tablesOf, type Profile } from '@wxyc/dataset';
import {
  qualifiedName,
  quoteIdentifier,
  quoteLiteral,
  withRunLock,
  type RunLock,
  type Sql,
  withSql,
} from '@wxyc/postgres';
import {
  checkOptions,
  oneOf,
  option,
  type OptionKinds,
  required,
  stepContext,
  type StepContext,
  StepError,
  type StepResult,
} from '@wxyc/step';
import { presentCompanions } from './companions.js';
import { existingColumns, refusePublishedCache } from './existing.js';
import { queryable, schemaLiteral } from './queryable.js';
import { ensureFunctions } from './functions.js';
import { foreignCode } from './publish/foreign-code.js';
import { readBuildMark, writeBuildMark } from './mark.js';
import { findForeignTables } from './recognise.js';
import { writeOrigin, type CacheOrigin } from './origin.js';
import { buildTables, dropScratch, scratchTables } from './scratch.js';
import { ensureSearches } from './search.js';
import { readProfile, refuseOtherProfile } from './profile.js';
import { sqlStatements, tableFiles } from './sql-files.js';

export interface CreateSchemaOptions {
  /** `postgresql://...`; `embedded:DIR` goes through `withDatabase` of `@wxyc/postgres`. */
  databaseUrl: string;
  /** Default `public`. Any other schema is created if missing, and is regarded as a build. */
  schema?: string | undefined;
  /** Start afresh: drop what an earlier build left in the schema. Refused for `public` and for schemas that are not a build. */
  replace?: boolean | undefined;
  /** Recorded with the build. */
  runId?: string | undefined;
  /** Which tables. Default: the origin's, else that of the published cache. */
  profile?: Profile | undefined;
  /** What the build is made from. Recorded with it. */
  origin?: CacheOrigin | undefined;
  /** A run lock that the caller already holds. */
  lock?: RunLock | undefined;
}

export interface CreateSchemaResult extends StepResult {
  /** Tables that were created; the others existed already. */
  created: string[];
}

const optionKinds: OptionKinds<CreateSchemaOptions> = {
  databaseUrl: required(option.text),
  schema: option.text,
  replace: option.flag,
  runId: option.text,
  profile: oneOf(...profiles),
  origin: option.object,
  lock: option.object,
};

/**
 * Creates what is missing; safe to run again. Refuses a `public` that holds a cache.
 *
 * @example
 * await createSchema({ databaseUrl: 'postgresql:///discogs', schema: 'discogs_next' });
 */
export async function createSchema(
  options: CreateSchemaOptions,
  context?: Partial<StepContext>,
): Promise<CreateSchemaResult> {
  checkOptions('createSchema', options, optionKinds);
  const { databaseUrl, schema = publishedSchema } = options;
  const { logger } = stepContext(context);
  const began = performance.now();
  return withRunLock(options, 'wxyc-schema', context, async (lock, { signal }) => {
    return withSql(
      databaseUrl,
      {
        schema,
        applicationName: lock.applicationName('wxyc-schema'),
        signal,
        doing: 'Creating the tables',
      },
      async (sql) => {
        await refusePublishedCache(queryable(sql), schema, 'wxyc-schema');
        await ensureFunctions(sql, logger);
        const planted = await foreignCode(queryable(sql));
        if (planted.length > 0) throw new StepError(`${planted.join('; ')}; nothing was created`);
        const profile =
          options.profile ??
          options.origin?.profile ??
          (await readProfile(queryable(sql), publishedSchema));
        const created = await sql.begin(async (transaction) => {
          await prepareNamespace(transaction as unknown as Sql, options, schema);
          const made = await createTables(transaction as unknown as Sql, schema, profile);
          if (options.origin)
            await writeOrigin(queryable(transaction as unknown as Sql), schema, {
              ...options.origin,
              profile,
            });
          // In a build's schema the searches would find no tables; publishing creates them.
          if (schema === publishedSchema)
            await ensureSearches(queryable(transaction as unknown as Sql));
          return made;
        });
        logger.info(
          { schema, created },
          created.length
            ? `created ${created.length} tables in ${schema}`
            : `all tables are already in ${schema}`,
        );
        return {
          step: 'schema',
          unit: 'tables',
          read: tablesOf(profile).length,
          written: created.length,
          dropped: countOf('already there', tablesOf(profile).length - created.length),
          seconds: (performance.now() - began) / 1000,
          created,
        };
      },
    );
  });
}

async function prepareNamespace(
  sql: Sql,
  options: CreateSchemaOptions,
  schema: string,
): Promise<void> {
  if (schema === publishedSchema) return;
  const exists =
    (
      await sql.unsafe(
        `SELECT 1 FROM pg_namespace WHERE oid = to_regnamespace(${schemaLiteral(schema)})`,
      )
    ).length > 0;
  if (exists && options.replace) {
    // Only what this product made may be dropped: a misspelt --schema must not cost somebody their tables.
    const mark = await readBuildMark(sql, schema);
    if (!mark && schema !== buildSchema)
      throw new StepError(
        `The schema ${schema} is not a build of this product and is not replaced. Name another schema, or drop it yourself`,
      );
    await dropBuild(sql, schema, mark !== undefined);
    await sql.unsafe(`COMMENT ON SCHEMA ${quoteIdentifier(schema)} IS NULL`);
  }
  if (!exists) await sql.unsafe(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
  if (!(await readBuildMark(sql, schema))) await writeBuildMark(sql, schema, options.runId);
}

/** Drops the build's tables. The schema stays: what somebody else keeps in it is not ours to drop. */
async function dropBuild(sql: Sql, schema: string, marked: boolean): Promise<void> {
  const foreign = marked ? [] : await findForeignTables(queryable(sql), schema);
  if (foreign.length > 0)
    throw new StepError(
      `${foreign.join('; ')}: it has the name of one of the build's tables and is not dropped. Rename it, or drop it yourself`,
    );
  await dropScratch(queryable(sql), schema, [...scratchTables, ...buildTables], marked);
  const there = [
    ...(await existingColumns(queryable(sql), schema)).keys(),
    ...(await presentCompanions(queryable(sql), schema)),
  ];
  // Without CASCADE, so that the server names whatever depends on them.
  if (there.length > 0)
    await sql.unsafe(`DROP TABLE ${there.map((name) => qualifiedName(schema, name)).join(', ')}`);
}

async function createTables(sql: Sql, schema: string, profile: Profile): Promise<string[]> {
  const tables = tablesOf(profile);
  const names = tables.map(({ name }) => name);
  const before = await existingColumns(queryable(sql), schema, names);
  if (before.has('release'))
    refuseOtherProfile(schema, await readProfile(queryable(sql), schema), profile);
  // If there are releases, what steps left beside them belongs to them; import drops it when it loads them again.
  const begun =
    before.has('release') &&
    (await sql.unsafe(`SELECT 1 FROM ${qualifiedName(schema, 'release')} LIMIT 1`)).length > 0;
  if (!begun) await dropScratch(queryable(sql), schema);
  // With only this schema in the search path, no unqualified name can reach the published tables.
  await sql.unsafe(
    `SELECT set_config('search_path', ${quoteLiteral(quoteIdentifier(schema))}, true)`,
  );
  for (const file of tableFiles(profile))
    for (const statement of sqlStatements(file)) await sql.unsafe(statement);
  const after = await existingColumns(queryable(sql), schema, names);
  for (const table of tables) {
    const missing = table.columns.filter(({ name }) => !after.get(table.name)?.includes(name));
    if (missing.length) {
      throw new StepError(
        `The table ${schema}.${table.name} exists in another layout (it lacks ${missing.map(({ name }) => name).join(', ')}): build beside it with --schema discogs_next, or run migrations/01_optimize_schema.sql on a database in the wide layout`,
      );
    }
  }
  return [...after.keys()].filter((name) => !before.has(name));
}

function countOf(reason: string, count: number): Record<string, number> {
  return count > 0 ? { [reason]: count } : {};
}
