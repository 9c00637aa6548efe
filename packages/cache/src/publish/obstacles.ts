/**
 * What somebody attached to the published tables and publish cannot carry over: a replacement would drop it, or be stopped
 * by it after hours of work. So it is named at the run's start, and again under the lock.
 */
import { companions, earlierColumns, publishedSchema, tablesOf } from '@wxyc/dataset';
import { withValues, type Client } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import { companionClashes } from '../companions.js';
import { namesOf, type Profiles } from '../profile.js';
import { tableIn } from './old-cache.js';

/** Names each such object; empty when there is none. */
export async function attachedObstacles(client: Client, profiles: Profiles): Promise<string[]> {
  return obstaclesOf((await client.query<ObstacleRow>(attachedObstaclesQuery(profiles))).rows);
}

export interface ObstacleRow {
  what: string;
  on: string;
}

/** The answer to {@link attachedObstaclesQuery} as sentences. */
export const obstaclesOf = (rows: readonly ObstacleRow[], schema = publishedSchema): string[] =>
  rows.map(({ what, on }) => `${what} hangs on ${schema}.${on}`);

/** The query for them, without parameters, so that it fits into a message of several statements. */
export function attachedObstaclesQuery(profiles: Profiles, schema = publishedSchema): string {
  const names = [...namesOf(profiles), ...companions.map(({ name }) => name)];
  const keys = [...tablesOf(profiles.build), ...tablesOf(profiles.published)].flatMap((table) =>
    [table.primaryKey, ...(table.uniques ?? []).map(({ columns }) => columns)].flatMap((key) =>
      key ? [{ name: table.name, key: [...key].sort().join() }] : [],
    ),
  );
  // Columns that the build does not have. A constraint on any other column would be missed by whoever made it.
  const columns = namesOf(profiles).flatMap((name) => {
    const [build, published] = [
      tableIn(name, profiles.build),
      tableIn(name, profiles.published),
    ].map((table) => (table?.columns ?? []).map((column) => column.name));
    return [...(earlierColumns[name] ?? []), ...published!]
      .filter((column) => !build!.includes(column))
      .map((column) => ({ name, column }));
  });
  return withValues(obstacleQuery, [schema, names, JSON.stringify(keys), JSON.stringify(columns)]);
}

/** Every dependency on a table or its row type that is not known to be the table's own, or to be recreated. */
const obstacleQuery = `
WITH cache AS (
  SELECT c.oid, c.relname, c.relkind, c.reltype, coalesce(t.typarray, 0) AS typarray, c.relrowsecurity, c.relreplident
    FROM pg_class c LEFT JOIN pg_type t ON t.oid = c.reltype
   WHERE c.relnamespace = to_regnamespace($1) AND c.relname = ANY ($2) AND c.relkind NOT IN ('i', 'I', 'S', 'c')
), contract_key AS (
  SELECT name, key FROM json_to_recordset($3::json) AS k (name text, key text)
), earlier_column AS (
  SELECT name, "column" FROM json_to_recordset($4::json) AS k (name text, "column" text)
), hanging AS (
  SELECT DISTINCT d.classid, d.objid, cache.oid AS "table", cache.relname AS "on"
    FROM pg_depend d JOIN cache ON d.refclassid = 'pg_class'::regclass AND d.refobjid = cache.oid
                                OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (cache.reltype, cache.typarray)
   WHERE d.deptype <> 'i' AND cache.relkind = 'r'
     -- Up to PostgreSQL 14 a computed column hangs on its own table.
     AND NOT (d.classid = 'pg_class'::regclass AND d.objid = d.refobjid)
), own AS (
  SELECT h.*, k.relkind, k.relname,
         CASE WHEN h.classid = 'pg_rewrite'::regclass THEN (SELECT ev_class FROM pg_rewrite WHERE oid = h.objid AND rulename = '_RETURN') END AS view
    FROM hanging h LEFT JOIN pg_class k ON h.classid = 'pg_class'::regclass AND k.oid = h.objid
), named AS (
  SELECT "on", CASE WHEN view IS NOT NULL THEN pg_describe_object('pg_class'::regclass, view, 0) ELSE pg_describe_object(classid, objid, 0) END AS what
    FROM own
   WHERE NOT coalesce(relkind IN ('i', 'I', 'S', 't'), false)
     AND classid NOT IN ('pg_attrdef'::regclass, 'pg_type'::regclass, 'pg_statistic_ext'::regclass)
     AND NOT (classid = 'pg_trigger'::regclass AND EXISTS (SELECT FROM pg_trigger t WHERE t.oid = objid AND t.tgisinternal))
     AND NOT (classid = 'pg_constraint'::regclass AND EXISTS (
       SELECT FROM pg_constraint c JOIN cache of ON of.oid = c.conrelid
        WHERE c.oid = objid
          AND (c.contype = 'n'
            OR c.contype = 'f' AND c.confrelid IN (SELECT oid FROM cache)
            -- An older layout's: it goes with the column.
            OR c.contype <> 'f' AND EXISTS (
                 SELECT FROM unnest(c.conkey) n JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = n
                  WHERE EXISTS (SELECT FROM earlier_column x WHERE x.name = of.relname AND x."column" = a.attname))
            OR c.contype IN ('p', 'u') AND (
                 SELECT string_agg(a.attname, ',' ORDER BY a.attname COLLATE "C") FROM unnest(c.conkey) n JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = n
               ) IN (SELECT key FROM contract_key x WHERE x.name = of.relname))))
)
SELECT DISTINCT what, "on" FROM named
UNION SELECT 'a ' || CASE relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' ELSE 'relation' END
             || ' in the place of the table', relname FROM cache WHERE relkind <> 'r'
UNION SELECT 'row level security', relname FROM cache WHERE relrowsecurity
UNION SELECT 'an index as replica identity', relname FROM cache WHERE relreplident = 'i'
UNION SELECT 'a security label', relname FROM cache WHERE EXISTS (SELECT FROM pg_seclabel s WHERE s.classoid = 'pg_class'::regclass AND s.objoid = cache.oid)
UNION SELECT 'inheritance from ' || i.inhparent::regclass, relname FROM cache JOIN pg_inherits i ON i.inhrelid = cache.oid
ORDER BY 2, 1`;

/** Relations of `public` with names that the build's tables and indexes will need there. */
export async function nameClashes(
  client: Client,
  schema: string,
  profiles: Profiles,
): Promise<string[]> {
  const found = await client.query<{ what: string }>(
    `WITH needed AS (
       SELECT c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident($2)) AND c.relname = ANY ($3)
       UNION SELECT i.relname FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
              WHERE c.relnamespace = to_regnamespace(quote_ident($2)) AND c.relname = ANY ($3)
     ), going AS (
       SELECT oid FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname = ANY ($3)
     )
     SELECT pg_describe_object('pg_class'::regclass, c.oid, 0) AS what FROM pg_class c LEFT JOIN pg_index x ON x.indexrelid = c.oid
      WHERE c.relnamespace = to_regnamespace($1) AND c.relname IN (SELECT relname FROM needed)
        AND c.oid NOT IN (SELECT oid FROM going) AND (x.indrelid IS NULL OR x.indrelid NOT IN (SELECT oid FROM going))`,
    [publishedSchema, schema, namesOf(profiles)],
  );
  return [
    ...found.rows.map(({ what }) => `${what} has a name that the new cache needs`),
    ...(await companionClashes(client)),
  ];
}

/** Throws a StepError that names what was found, if anything was. */
export function throwObstacles(found: readonly string[]): void {
  if (found.length === 0) return;
  throw new StepError(
    `The cache in public cannot be replaced: ${found.join('; ')}. Remove or grant what is named, then run again; nothing was changed`,
  );
}
