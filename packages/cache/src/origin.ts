/** What a cache was made from: noted when its build begins, and kept with the cache wherever it moves in the database. */
import { originTable, publishedSchema, type Profile } from '@wxyc/dataset';
import { qualifiedName, quoteLiteral, withClient } from '@wxyc/postgres';
import { StepError, type StepContext } from '@wxyc/step';
import { schemaLiteral, type Queryable } from './queryable.js';
import { sqlStatements } from './sql-files.js';

/** Null where it is unknown: a dump without a month in its name, a run without a library. */
export interface CacheOrigin {
  /** `2026-09`. */
  month: string | null;
  /** The dump's file name. */
  dump: string | null;
  /** SHA-256 of the dump, if the run has verified it. */
  checksum: string | null;
  /** Fingerprint of the library. */
  library: string | null;
  /** Rows of the library with artist and title. */
  libraryAlbums: number | null;
  profile: Profile;
}

export interface PublishedOrigin extends CacheOrigin {
  runId: string | null;
  /** ISO 8601, by the server's clock; null before the publication. */
  publishedAt: string | null;
}

/** An origin with only its profile known. */
export const unknownOrigin = (profile: Profile): CacheOrigin => ({
  month: null,
  dump: null,
  checksum: null,
  library: null,
  libraryAlbums: null,
  profile,
});
const text = (value: string | null): string => (value === null ? 'NULL' : quoteLiteral(value));
const tableOf = (schema: string): string => qualifiedName(schema, originTable.name);

/** Notes what the build in the schema is made from, replacing any earlier note. */
export async function writeOrigin(
  connection: Queryable,
  schema: string,
  origin: CacheOrigin,
): Promise<void> {
  await createOrigin(connection, schema);
  await connection.query(`DELETE FROM ${tableOf(schema)}`);
  await connection.query(insertion(schema, origin));
}

/** Gives a build without an origin an empty one, so that the publication can be noted in it. */
export async function ensureOrigin(connection: Queryable, schema: string): Promise<void> {
  await createOrigin(connection, schema);
  await connection.query(
    `${insertion(schema, unknownOrigin('lean'))} WHERE NOT EXISTS (SELECT FROM ${tableOf(schema)})`,
  );
}

const insertion = (
  schema: string,
  { month, dump, checksum, library, libraryAlbums, profile }: CacheOrigin,
): string =>
  `INSERT INTO ${tableOf(schema)} (month, dump, dump_checksum, library, library_albums, profile)
   SELECT ${text(month)}, ${text(dump)}, ${text(checksum)}, ${text(library)}, ${libraryAlbums ?? 'NULL'}, ${text(profile)}`;

async function createOrigin(connection: Queryable, schema: string): Promise<void> {
  const create = sqlStatements('create_database').find((statement) =>
    statement.startsWith(`CREATE TABLE IF NOT EXISTS ${originTable.name} `),
  );
  await connection.query(create!.replace(` ${originTable.name} `, () => ` ${tableOf(schema)} `));
}

/** Notes which run published, and when, in the publication's own transaction. */
export const originStatement = (schema: string, runId: string): string =>
  `UPDATE ${tableOf(schema)} SET run_id = ${quoteLiteral(runId)}, published_at = clock_timestamp()`;

/** What the cache in the schema was made from; undefined if it does not say. */
export async function readOrigin(
  connection: Queryable,
  schema: string,
): Promise<PublishedOrigin | undefined> {
  const names = originTable.columns.map(({ name }) => quoteLiteral(name)).join(', ');
  const there = await connection.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relkind = 'r' AND c.relname = '${originTable.name}' AND a.attname IN (${names})`,
  );
  if (there.rows.length < originTable.columns.length) return undefined;
  const { rows } = await connection.query(
    `SELECT run_id AS "runId", to_char(published_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "publishedAt", month, dump, dump_checksum AS checksum,
            library, library_albums AS "libraryAlbums", profile
       FROM ${tableOf(schema)} ORDER BY published_at DESC NULLS LAST LIMIT 1`,
  );
  return rows[0] as unknown as PublishedOrigin | undefined;
}

/** Why a dump of this month must not replace the published cache; undefined if it may, or if a month is unknown. */
export async function olderMonth(
  connection: Queryable,
  month: string | null,
): Promise<string | undefined> {
  const published = (await readOrigin(connection, publishedSchema))?.month ?? null;
  if (month === null || published === null || month >= published) return undefined;
  return `The dump is from ${month}, and the published cache from ${published}, which is newer: give --allow-older to replace it anyway`;
}

/**
 * Makes the same check at the start of a run, over a connection of its own.
 *
 * @throws StepError if the month is older and that was not allowed.
 */
export async function refuseOlderMonth(
  options: { databaseUrl: string; month: string | null; allowOlder?: boolean | undefined },
  context?: Partial<StepContext>,
): Promise<void> {
  if (options.allowOlder || options.month === null) return;
  await withClient(
    options.databaseUrl,
    {
      applicationName: 'wxyc-origin',
      signal: context?.signal,
      doing: 'Reading the origin of the published cache',
    },
    async (client) => {
      const older = await olderMonth(client as unknown as Queryable, options.month);
      if (older) throw new StepError(`${older}. Nothing was changed`, { code: 'OLDER_MONTH' });
    },
  );
}
