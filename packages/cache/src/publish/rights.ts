/** Whether this role may replace the cache, and restore the same owner and grants on it. */
import { companions, publishedSchema } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, withValues, type Client } from '@wxyc/postgres';
import { namesOf, type Profiles } from '../profile.js';
import { searchSchema } from '../search.js';
import type { OldCache } from './old-cache.js';

const allNames = (profiles: Profiles): string[] => [
  ...namesOf(profiles),
  ...companions.map(({ name }) => name),
];

/** Sentences that name each right which is missing; empty when nothing is. */
export async function missingRights(
  client: Client,
  schema: string,
  profiles: Profiles,
): Promise<string[]> {
  const facts = await client.query<{
    me: string;
    standby: boolean;
    forms: boolean;
    create: boolean;
    temporary: boolean;
    schemas: boolean;
    build: string | null;
    public: boolean;
  }>(
    `SELECT current_user AS me, pg_is_in_recovery() AS standby, to_regnamespace($1) IS NOT NULL AS public,
            coalesce(has_schema_privilege(to_regnamespace($1), 'CREATE'), false) AS create,
            has_database_privilege(current_database(), 'TEMPORARY') AS temporary,
            has_database_privilege(current_database(), 'CREATE') OR EXISTS (SELECT FROM pg_namespace WHERE nspname = $2) AS schemas,
            has_database_privilege(current_database(), 'CREATE') OR to_regnamespace($3) IS NOT NULL AS forms,
            (SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $2 AND NOT pg_has_role(nspowner, 'USAGE')) AS build`,
    [publishedSchema, schema, searchSchema],
  );
  const fact = facts.rows[0];
  if (!fact) return [];
  const problems: string[] = [];
  if (fact.standby) problems.push('the server is a standby and takes no writes');
  if (!fact.public) problems.push('there is no schema public');
  else if (!fact.create)
    problems.push(
      `the role ${fact.me} may not create tables in the schema public (GRANT CREATE ON SCHEMA public)`,
    );
  if (!fact.temporary)
    problems.push(
      `the role ${fact.me} may not create temporary tables (GRANT TEMPORARY ON DATABASE)`,
    );
  if (!fact.schemas)
    problems.push(
      `the role ${fact.me} may not create a schema for the build (GRANT CREATE ON DATABASE)`,
    );
  if (!fact.forms)
    problems.push(
      `the role ${fact.me} may not create the schema ${searchSchema} for the search functions (GRANT CREATE ON DATABASE, or CREATE SCHEMA ${searchSchema} AUTHORIZATION ${fact.me})`,
    );
  if (fact.build !== null)
    problems.push(`the schema ${schema} belongs to ${fact.build}, not to ${fact.me}`);
  return [...problems, ...(await foreignOwners(client, fact.me, profiles))];
}

async function foreignOwners(client: Client, me: string, profiles: Profiles): Promise<string[]> {
  // Since PostgreSQL 16, becoming a role is a separate right.
  const version = await client.query<{ v: number }>(
    "SELECT current_setting('server_version_num')::int AS v",
  );
  const become = (version.rows[0]?.v ?? 0) >= 160_000 ? 'SET' : 'MEMBER';
  const owners = await client.query<{
    name: string;
    owner: string;
    owns: boolean;
    gives: boolean;
    keeps: boolean;
  }>(
    `SELECT relname AS name, pg_get_userbyid(relowner) AS owner, pg_has_role(relowner, 'USAGE') AS owns,
            pg_has_role(relowner, '${become}') AS gives,
            has_schema_privilege(relowner, relnamespace, 'CREATE') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS keeps
       FROM pg_class WHERE relnamespace = to_regnamespace($1) AND relkind = 'r' AND relname = ANY ($2)`,
    [publishedSchema, allNames(profiles)],
  );
  return owners.rows.flatMap(({ name, owner, owns, gives, keeps }) => {
    if (!owns)
      return [
        `the table public.${name} belongs to ${owner}, and the role ${me} does not own it (ALTER TABLE .. OWNER TO, or GRANT ${owner} TO ${me})`,
      ];
    if (owner === me) return [];
    if (!gives)
      return [
        `the table public.${name} belongs to ${owner}, and the role ${me} may not hand the new one to it (GRANT ${owner} TO ${me})`,
      ];
    if (!keeps)
      return [
        `the table public.${name} belongs to ${owner}, which may not own tables in public (GRANT CREATE ON SCHEMA public TO ${owner})`,
      ];
    return [];
  });
}

/** The owner and the grants of one table, as statements with the table's name left open. */
export interface TableRights {
  owner: string;
  grants: ((table: string) => string)[];
}

export interface RightsRow {
  name: string;
  owner: string;
  privilege: string | null;
  grantee: string | null;
  option: boolean;
  column: string | null;
}

/** The query for owner, table grants and column grants of the published tables, for {@link rightsOf}. */
export const rightsQuery = (profiles: Profiles): string =>
  withValues(
    `SELECT c.relname AS name, pg_get_userbyid(c.relowner) AS owner, g.privilege, g.option, g."column",
            CASE WHEN g.grantee = 0 THEN NULL ELSE pg_get_userbyid(g.grantee) END AS grantee
       FROM pg_class c LEFT JOIN LATERAL (
         SELECT a.privilege_type AS privilege, a.grantee, a.is_grantable AS option, NULL::text AS "column" FROM aclexplode(c.relacl) a
         UNION ALL
         SELECT a.privilege_type, a.grantee, a.is_grantable, t.attname FROM pg_attribute t, aclexplode(t.attacl) a
          WHERE t.attrelid = c.oid AND NOT t.attisdropped
       ) g ON g.grantee <> c.relowner
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND c.relname = ANY ($2)`,
    [publishedSchema, allNames(profiles)],
  );

/** The answer to {@link rightsQuery}, by table name; `old` knows which columns are carried over. */
export function rightsOf(rows: readonly RightsRow[], old: OldCache): Map<string, TableRights> {
  const rights = new Map<string, TableRights>();
  for (const row of rows) {
    const of = rights.get(row.name) ?? { owner: row.owner, grants: [] };
    rights.set(row.name, of);
    const columns =
      (old.get(row.name)?.table ?? companions.find(({ name }) => name === row.name))?.columns ?? [];
    // A column that the build does not have is dropped, and its grants with it.
    if (
      row.privilege === null ||
      (row.column !== null && !columns.some(({ name }) => name === row.column))
    )
      continue;
    const what =
      row.column === null ? row.privilege : `${row.privilege} (${quoteIdentifier(row.column)})`;
    const to = row.grantee === null ? 'PUBLIC' : quoteIdentifier(row.grantee);
    of.grants.push(
      (table) => `GRANT ${what} ON ${table} TO ${to}${row.option ? ' WITH GRANT OPTION' : ''}`,
    );
  }
  return rights;
}

/** The build's tables' own grants, which are revoked, and those that tables created in `public` would have. */
export interface BuildRights {
  tables: { name: string; grantees: string[]; owner: string }[];
  defaults: ((table: string) => string)[];
}

/** Reads them before the published tables are locked. */
export async function readBuildRights(
  client: Client,
  schema: string,
  profiles: Profiles,
): Promise<BuildRights> {
  const found = await client.query<{ name: string; grantees: string[]; owner: string }>(
    `SELECT relname AS name, pg_get_userbyid(relowner) AS owner,
            ARRAY(SELECT DISTINCT CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM aclexplode(relacl) a WHERE a.grantee <> relowner) AS grantees
       FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind = 'r' AND relname = ANY ($2)`,
    [schema, allNames(profiles)],
  );
  return { tables: found.rows, defaults: await defaultGrants(client) };
}

/**
 * Statements that give the new tables, once they are in `public`, the owners and grants of those that they replaced. A
 * table that the old cache lacked gets those of its release table; with no old cache at all the default privileges of the schema
 * apply.
 */
export function rightsStatements(rights: Map<string, TableRights>, build: BuildRights): string[] {
  return build.tables.flatMap(({ name, grantees, owner }) => {
    const table = qualifiedName(publishedSchema, name);
    const wanted = rights.get(name) ?? rights.get('release') ?? [...rights.values()][0];
    if (!wanted) return build.defaults.map((grant) => grant(table));
    return [
      ...(grantees.length ? [`REVOKE ALL ON ${table} FROM ${grantees.join(', ')}`] : []),
      ...(wanted.owner === owner
        ? []
        : [`ALTER TABLE ${table} OWNER TO ${quoteIdentifier(wanted.owner)}`]),
      ...wanted.grants.map((grant) => grant(table)),
    ];
  });
}

/** The grants of a table that this role creates in `public`; the build's tables were created elsewhere. */
async function defaultGrants(client: Client): Promise<((table: string) => string)[]> {
  const rows = await client.query<{ privilege: string; to: string; option: boolean }>(
    `SELECT a.privilege_type AS privilege, a.is_grantable AS option, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS to
       FROM pg_default_acl d, aclexplode(d.defaclacl) a
      WHERE d.defaclobjtype = 'r' AND d.defaclnamespace = to_regnamespace($1) AND pg_get_userbyid(d.defaclrole) = current_user`,
    [publishedSchema],
  );
  return rows.rows.map(
    ({ privilege, to, option }) =>
      (table) =>
        `GRANT ${privilege} ON ${table} TO ${to}${option ? ' WITH GRANT OPTION' : ''}`,
  );
}
