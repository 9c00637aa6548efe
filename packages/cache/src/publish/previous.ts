/**
 * The previous cache: a publication moves the tables that it replaces to the schema `discogs_previous`. They stay there,
 * with everything attached to them, until the next publication makes room for its own.
 */
import { companions, previousSchema, publishedSchema, tableNames } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';
import { presentCompanions } from '../companions.js';
import { existingColumns } from '../existing.js';
import { queryable, schemaLiteral } from '../queryable.js';
import { namesOf, profileTables, type Profiles } from '../profile.js';
import { createSeen, noteMoment, startSeen, type Moment } from '../moment.js';
import { placeOf } from '../place.js';
import { findForeignTables } from '../recognise.js';
import { isRefused } from './lock.js';
import type { RunStart } from './run-start.js';
import { attachedObstaclesQuery, obstaclesOf, type ObstacleRow } from './obstacles.js';

/** Where the previous cache is while it changes places with the published cache. No other transaction ever sees this. */
export const asideSchema = 'discogs_aside';

/** The cache that is kept may not have recorded its profile. */
const kept: Profiles = { build: 'full', published: 'lean' };

/** Tables of a cache that the schema holds, roots before their children. */
export async function tablesIn(client: Client, schema: string): Promise<string[]> {
  const names =
    schema === previousSchema
      ? namesOf(kept)
      : (await profileTables(queryable(client), schema)).map(({ name }) => name);
  const there = await existingColumns(queryable(client), schema, names);
  return [
    ...names.filter((name) => there.has(name)),
    ...(await presentCompanions(queryable(client), schema)),
  ];
}

/** Names what prevents moving the old cache there, or dropping the one already there; empty when nothing does. */
export async function previousObstacles(client: Client, keep: boolean): Promise<string[]> {
  const found = await client.query<{
    me: string;
    database: string;
    creates: boolean;
    owner: string | null;
    owns: boolean;
  }>(
    `SELECT current_user AS me, current_database() AS database, has_database_privilege(current_database(), 'CREATE') AS creates,
            (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1) AS owner,
            coalesce((SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = $1), false) AS owns`,
    [previousSchema],
  );
  const { me = '', database = '', creates = true, owner = null, owns = true } = found.rows[0] ?? {};
  const wayOut = 'or publish with --no-keep-previous';
  if (owner === null)
    return creates || !keep || (await tablesIn(client, publishedSchema)).length === 0
      ? []
      : [
          `the role ${me} may not create the schema ${previousSchema} for the replaced cache (GRANT CREATE ON DATABASE ${database}, CREATE SCHEMA ${previousSchema} AUTHORIZATION ${me}, ${wayOut})`,
        ];
  const there = await tablesIn(client, previousSchema);
  if (!owns)
    return keep || there.length > 0
      ? [
          `the schema ${previousSchema} belongs to ${owner}, and the role ${me} may not put the replaced cache there (ALTER SCHEMA ${previousSchema} OWNER TO ${me}${there.length > 0 ? '' : `, ${wayOut}`})`,
        ]
      : [];
  if (there.length === 0) return [];
  const hanging = obstaclesOf(
    (await client.query<ObstacleRow>(attachedObstaclesQuery(kept, previousSchema))).rows,
    previousSchema,
  );
  return [
    ...(await findForeignTables(queryable(client), previousSchema, 'full')),
    ...(await foreignOwners(client)),
    ...hanging,
  ];
}

async function foreignOwners(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; owner: string }>(
    `SELECT relname AS name, pg_get_userbyid(relowner) AS owner FROM pg_class
      WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname = ANY ($2) AND NOT pg_has_role(relowner, 'USAGE')`,
    [previousSchema, [...namesOf(kept), ...companions.map(({ name }) => name)]],
  );
  return rows.map(
    ({ name, owner }) =>
      `the table ${previousSchema}.${name} belongs to ${owner} and cannot be replaced`,
  );
}

/** Drops the previous cache, in the caller's transaction. False when somebody is reading it: try again later. */
export async function dropPrevious(client: Client, patience: number): Promise<boolean> {
  const there = await tablesIn(client, previousSchema);
  if (there.length === 0) return true;
  const names = there.map((name) => qualifiedName(previousSchema, name)).join(', ');
  try {
    await client.query(
      `SET LOCAL statement_timeout = ${patience}; DROP TABLE ${names}; DROP TABLE IF EXISTS ${startSeen(previousSchema)}; SET LOCAL statement_timeout = 0`,
    );
    return true;
  } catch (error) {
    if (isRefused(error)) return false;
    throw error;
  }
}

export interface PreviousMark {
  /** The moment of the publication, as PostgreSQL prints it. */
  replacedAt: string;
  /** `pg_current_snapshot()` then; with the ids beside it, it tells what consumers wrote since to the tables that are published. */
  snapshot: string;
  /** To which tables that applies: server and table. */
  place: string;
}

/**
 * Notes which rows the build holds, for a session that is the only one to write to it. What it still carries into it
 * afterwards came from the old cache, and will be found to be there. May read the tables whole, so it is done once and not under the lock.
 */
export async function noteBuild(client: Client, schema: string): Promise<Moment> {
  const seen = 'pg_temp.seen_of_build';
  await client.query(createSeen(seen));
  const noted = await client.query<{ snapshot: string }>(
    noteMoment(
      seen,
      (await tablesIn(client, schema)).filter((name) => tableNames.includes(name)),
      schema,
    ),
  );
  return { snapshot: noted.rows[0]!.snapshot, seen };
}

/** Stores that moment, in the schema to which the old cache moves, as the one since which consumers write to what was the build. */
export async function markPrevious(client: Client, schema: string, moment: Moment): Promise<void> {
  // The server checks the right to create one before it looks whether there is one.
  const there = await client.query(
    `SELECT 1 FROM pg_namespace WHERE oid = to_regnamespace(${schemaLiteral(previousSchema)})`,
  );
  if (there.rows.length === 0)
    await client.query(`CREATE SCHEMA ${quoteIdentifier(previousSchema)}`);
  const seen = startSeen(previousSchema);
  await client.query(
    `DROP TABLE IF EXISTS ${seen}; ${createSeen(seen)}; INSERT INTO ${seen} TABLE ${moment.seen}`,
  );
  const clock = await client.query<{ at: string }>('SELECT clock_timestamp()::text AS at');
  const mark: PreviousMark = {
    replacedAt: clock.rows[0]!.at,
    snapshot: moment.snapshot,
    place: await placeOf(queryable(client), qualifiedName(schema, 'release')),
  };
  await client.query(
    `COMMENT ON SCHEMA ${quoteIdentifier(previousSchema)} IS ${quoteLiteral(JSON.stringify({ discogsPrevious: mark }))}`,
  );
}

/** Reads the mark; undefined where there is none. */
export async function readPreviousMark(client: Client): Promise<PreviousMark | undefined> {
  const { rows } = await client.query<{ comment: string | null }>(
    `SELECT obj_description(to_regnamespace(${schemaLiteral(previousSchema)}), 'pg_namespace') AS comment`,
  );
  try {
    const { replacedAt, snapshot, place } = (
      JSON.parse(rows[0]?.comment ?? '') as { discogsPrevious: PreviousMark }
    ).discogsPrevious;
    return typeof replacedAt === 'string' &&
      /^\d+:\d+:[\d,]*$/.test(snapshot) &&
      typeof place === 'string'
      ? { replacedAt, snapshot, place }
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Since when consumers write to the cache that is published now. In a database that was restored from a dump transaction ids mean
 * nothing, and only times tell. The ids that were seen are copied to a table of the session, since the stored ones are dropped on the way.
 */
export async function readReplacementStart(client: Client): Promise<RunStart> {
  const mark = await readPreviousMark(client);
  if (!mark) return { startedAt: null, moment: null };
  const seen = 'pg_temp.seen_at_replacement';
  const noted = await client.query<{ seen: boolean }>(
    `SELECT to_regclass(${quoteLiteral(startSeen(previousSchema))}) IS NOT NULL AS seen`,
  );
  const place = await placeOf(queryable(client), qualifiedName(publishedSchema, 'release'));
  if (place !== mark.place || !noted.rows[0]?.seen)
    return { startedAt: mark.replacedAt, moment: null };
  await client.query(
    `CREATE TEMPORARY TABLE seen_at_replacement AS TABLE ${startSeen(previousSchema)}`,
  );
  return { startedAt: mark.replacedAt, moment: { snapshot: mark.snapshot, seen } };
}
