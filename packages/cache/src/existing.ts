/** What a schema already holds: nothing, a build that may be replaced, or a cache that consumers read. */
import {
  buildSchema,
  fromConsumer,
  fromDump,
  previousSchema,
  publishedSchema,
  table,
} from '@wxyc/dataset';
import { qualifiedName, quoteLiteral } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import { readProfile, profileTables } from './profile.js';
import { findForeignTables, publishedComment } from './recognise.js';
import { type Queryable, schemaLiteral } from './queryable.js';

/** The columns of each table of the schema's profile, or of those named, that exists in it as an ordinary table. */
export async function existingColumns(
  connection: Queryable,
  schema: string,
  names?: readonly string[],
): Promise<Map<string, string[]>> {
  const wanted = names ?? (await profileTables(connection, schema)).map(({ name }) => name);
  const { rows } = await connection.query(
    `SELECT c.relname AS name, array_to_string(array_agg(a.attname ORDER BY a.attnum), E'\\n') AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relkind IN ('r', 'p')
        AND c.relname IN (${wanted.map((name) => `'${name}'`).join(', ')})
      GROUP BY c.oid, c.relname`,
  );
  return new Map(rows.map((row) => [String(row['name']), String(row['columns']).split('\n')]));
}

async function hasRows(connection: Queryable, table: string): Promise<boolean> {
  return (await connection.query(`SELECT 1 FROM ${table} LIMIT 1`)).rows.length > 0;
}

/**
 * Whether the schema holds releases that a load must not wipe. A build by hand may be loaded again as long as dedup has not finished it,
 * it was not published, and all of it was imported; anything else is a cache.
 */
export async function holdsCache(connection: Queryable, schema: string): Promise<boolean> {
  const columns = await existingColumns(connection, schema);
  const release = columns.get('release');
  if (!release || !(await hasRows(connection, qualifiedName(schema, 'release')))) return false;
  if (!columns.has('cache_metadata') || (await isDeduplicated(connection, schema, release)))
    return true;
  return isInUse(connection, schema);
}

/**
 * Whether a schema with all tables was published, or holds what consumers fetched: then it is a whole cache, even if some of its tables are
 * empty. Without a sign of either it may still be in the making, by hand.
 */
export async function isInUse(connection: Queryable, schema: string): Promise<boolean> {
  const [release, metadata, artist] = ['release', 'cache_metadata', 'artist'].map((name) =>
    qualifiedName(schema, name),
  ) as [string, string, string];
  const found = async (query: string): Promise<boolean> =>
    (await connection.query(`${query} LIMIT 1`)).rows.length > 0;
  const { rows } = await connection.query(
    `SELECT obj_description(to_regclass(${quoteLiteral(release)}), 'pg_class') AS comment`,
  );
  const comment = rows[0]?.['comment'];
  if (typeof comment === 'string' && publishedComment.test(comment)) return true;
  if (
    await found(
      `SELECT 1 FROM ${release} r LEFT JOIN ${metadata} m ON m.release_id = r.id WHERE ${fromConsumer('m.source')}`,
    )
  )
    return true;
  const columns = (await existingColumns(connection, schema, ['artist'])).get('artist');
  // Artists from a dump carry the time of the releases' import.
  return (
    columns?.includes('fetched_at') === true &&
    (await found(
      `SELECT 1 FROM ${artist} a WHERE NOT EXISTS (SELECT FROM ${metadata} m WHERE m.cached_at = a.fetched_at AND ${fromDump('m.source')})`,
    ))
  );
}

/** Left by dedup on a column that stays. */
const onePressing = 'one pressing per master';

/** Whether dedup has done its work on the releases of a schema, which have these columns. */
export async function isDeduplicated(
  connection: Queryable,
  schema: string,
  releaseColumns: readonly string[],
): Promise<boolean> {
  if (!releaseColumns.includes('master_id')) return true;
  const { rows } = await connection.query(
    `SELECT col_description(attrelid, attnum) AS comment FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass(${quoteLiteral(qualifiedName(schema, 'release'))}) AND attname = 'master_id'`,
  );
  return rows[0]?.['comment'] === onePressing;
}

/** Notes that dedup has done its work: the column of masters is dropped or, if the profile keeps it, carries a comment. */
export async function noteDeduplicated(connection: Queryable, schema: string): Promise<void> {
  const release = qualifiedName(schema, 'release');
  const stays = table('release', await readProfile(connection, schema)).columns.some(
    ({ name }) => name === 'master_id',
  );
  await connection.query(
    stays
      ? `COMMENT ON COLUMN ${release}.master_id IS ${quoteLiteral(onePressing)}`
      : `ALTER TABLE ${release} DROP COLUMN IF EXISTS master_id`,
  );
}

/** Prepares for pressings that have not been compared yet. */
export async function noteDuplicated(connection: Queryable, schema: string): Promise<void> {
  const release = qualifiedName(schema, 'release');
  await connection.query(`ALTER TABLE ${release} ADD COLUMN IF NOT EXISTS master_id integer`);
  await connection.query(`COMMENT ON COLUMN ${release}.master_id IS NULL`);
}

/** Refuses to touch the schema that consumers read while it holds a cache, and that of the previous cache. Other schemas are builds, which is always fine. */
export async function refusePublishedCache(
  connection: Queryable,
  schema: string,
  step: string,
): Promise<void> {
  if (schema === previousSchema)
    throw new StepError(
      `The schema ${previousSchema} holds the previous cache; ${step} does not touch it. Build in another one, such as --schema ${buildSchema}`,
    );
  if (schema !== publishedSchema) return;
  const foreign = await findForeignTables(connection, schema);
  if (foreign.length > 0)
    throw new StepError(
      `${step} does not touch what is not a cache: ${foreign.join('; ')}. Rename it, or use a database of its own for the cache`,
    );
  if (!(await holdsCache(connection, schema))) return;
  throw new StepError(
    `The schema public holds a cache that consumers read; ${step} does not touch it. Build beside it with --schema discogs_next, then replace it with wxyc-schema publish`,
  );
}
