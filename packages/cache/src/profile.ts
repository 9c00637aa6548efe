/** Which profile a schema's tables have: the cache itself records it, and one that does not is lean. */
import {
  isProfile,
  originTable,
  publishedSchema,
  tablesOf,
  type Profile,
  type Table,
} from '@wxyc/dataset';
import { qualifiedName, quoteLiteral, withClient } from '@wxyc/postgres';
import { StepError, UsageError, type StepContext } from '@wxyc/step';
import { schemaLiteral, type Queryable } from './queryable.js';

/** The profile that the schema's cache or build records. A role that may not read it is told so when it tries to do more than look. */
export async function readProfile(connection: Queryable, schema: string): Promise<Profile> {
  const there = await connection.query(
    `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relkind = 'r' AND c.relname = ${quoteLiteral(originTable.name)} AND a.attname = 'profile' AND has_table_privilege(c.oid, 'SELECT')`,
  );
  if (there.rows.length === 0) return 'lean';
  const { rows } = await connection.query(
    `SELECT profile FROM ${qualifiedName(schema, originTable.name)} ORDER BY published_at DESC NULLS LAST LIMIT 1`,
  );
  const name = String(rows[0]?.['profile'] ?? 'lean');
  if (!isProfile(name))
    throw new StepError(
      `The cache in ${schema} has the profile ${name}, which this version does not know: use the version that made it`,
    );
  return name;
}

/** The tables of the schema's profile. */
export const profileTables = async (
  connection: Queryable,
  schema: string,
): Promise<readonly Table[]> => tablesOf(await readProfile(connection, schema));

/** Refuses a schema whose profile is not the one that was asked for by name. */
export function refuseOtherProfile(
  schema: string,
  found: Profile,
  asked: Profile | undefined,
): void {
  if (asked === undefined || asked === found) return;
  throw new UsageError(
    `The schema ${schema} has the profile ${found}, not ${asked}: create one with wxyc-schema create --profile ${asked}${schema === publishedSchema ? ' --schema discogs_next' : ` --schema ${schema}`}`,
  );
}

/** The profile of a build, and that of the published cache that it replaces. */
export interface Profiles {
  build: Profile;
  published: Profile;
}

export async function readProfiles(connection: Queryable, schema: string): Promise<Profiles> {
  return {
    build: await readProfile(connection, schema),
    published: await readProfile(connection, publishedSchema),
  };
}

/** The wider of two profiles, which has all tables of both. */
export const widest = ({ build, published }: Profiles): Profile =>
  build === 'full' || published === 'full' ? 'full' : 'lean';

/** Names of the tables that either profile has, roots before their children. The wider one's tables in `public` leave with the cache that is replaced. */
export const namesOf = (profiles: Profiles): readonly string[] =>
  tablesOf(widest(profiles)).map(({ name }) => name);

/** Why a cache of this profile must not replace the published one; undefined if it may, or was asked for by name. */
export async function profileChange(
  connection: Queryable,
  profile: Profile,
  asked: Profile | undefined,
): Promise<string | undefined> {
  const there = await connection.query(
    `SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = to_regnamespace(${quoteLiteral(publishedSchema)}) AND relname = 'release'`,
  );
  const published = await readProfile(connection, publishedSchema);
  if (there.rows.length === 0 || published === profile || asked === profile) return undefined;
  return `The published cache has the profile ${published}, and the new one would be ${profile}: give --profile ${profile} to replace it anyway`;
}

/** Makes the same check at the start of a run, over a connection of its own. */
export async function refuseProfileChange(
  options: { databaseUrl: string; profile: Profile; asked: Profile | undefined },
  context?: Partial<StepContext>,
): Promise<void> {
  const change = await overConnection(options.databaseUrl, context, (connection) =>
    profileChange(connection, options.profile, options.asked),
  );
  if (change) throw new StepError(`${change}. Nothing was changed`, { code: 'OTHER_PROFILE' });
}

/** The profile of the published cache, over a connection of its own: what a run builds unless it is told otherwise. */
export const publishedProfile = (
  options: { databaseUrl: string },
  context?: Partial<StepContext>,
): Promise<Profile> =>
  overConnection(options.databaseUrl, context, (connection) =>
    readProfile(connection, publishedSchema),
  );

async function overConnection<T>(
  databaseUrl: string,
  context: Partial<StepContext> | undefined,
  work: (connection: Queryable) => Promise<T>,
): Promise<T> {
  return withClient(
    databaseUrl,
    {
      applicationName: 'wxyc-profile',
      signal: context?.signal,
      doing: 'Reading the profile of the published cache',
    },
    (client) => work(client as unknown as Queryable),
  );
}
