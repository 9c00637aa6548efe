/**
 * Code that others could have planted: what an index, a column's type or a default of the published cache computes, f_unaccent and the search functions run with the rights of
 * whoever builds the index or writes a row. Building the index as the old owner would not do: rows that are carried over later
 * are indexed by this role.
 */
import { publishedSchema, type Table } from '@wxyc/dataset';
import { quoteLiteral } from '@wxyc/postgres';
import { schemaLiteral, type Queryable } from '../queryable.js';
import { profileTables } from '../profile.js';
import { searchSchema } from '../search.js';

/**
 * Names each function, operator or type whose owner this role has no reason to trust; empty when there is none. With `written`,
 * also what a write to the tables would run: triggers, rules, policies and constraints.
 */
export async function foreignCode(
  connection: Queryable,
  { schema = publishedSchema, written = false } = {},
): Promise<string[]> {
  const { rows } = await connection.query(
    queryOf(schema, await profileTables(connection, schema), written),
  );
  return rows.map(
    ({ what, owner, me }) =>
      `${String(what)} belongs to ${String(owner)}, whose code would run with the rights of ${String(me)} (connect as ${String(owner)}, or have a superuser own it)`,
  );
}

/** What a write to a table runs in addition to its indexes and defaults. */
const attached = [
  {
    what: 'trigger',
    name: 'a.tgname',
    catalogue: 'pg_trigger',
    table: 'tgrelid',
    only: 'NOT a.tgisinternal',
  },
  { what: 'rule', name: 'a.rulename', catalogue: 'pg_rewrite', table: 'ev_class', only: 'true' },
  { what: 'policy', name: 'a.polname', catalogue: 'pg_policy', table: 'polrelid', only: 'true' },
  {
    what: 'constraint',
    name: 'a.conname',
    catalogue: 'pg_constraint',
    table: 'conrelid',
    only: "a.contype <> 'f'",
  },
];

/**
 * A role trusts itself, superusers and, if it is no superuser, the database's owner and the roles that it is a member of: these
 * could act for it anyway, or it for them. A superuser trusts nobody below.
 */
const queryOf = (schema: string, tables: readonly Table[], written: boolean): string => `
WITH me AS (
  SELECT oid, rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user
), cache AS (
  SELECT oid, relname FROM pg_catalog.pg_class
   WHERE relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND relkind = 'r' AND relname IN (${tables.map(({ name }) => quoteLiteral(name)).join(', ')})
), users AS (
  SELECT 'the index ' || i.relname AS "user", t.relname AS "table", 'pg_catalog.pg_class'::regclass AS class, i.oid AS object, false AS "columns"
    FROM cache t JOIN pg_catalog.pg_index x ON x.indrelid = t.oid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
  UNION ALL SELECT 'a column', relname, 'pg_catalog.pg_class'::regclass, oid, true FROM cache
  UNION ALL SELECT 'a default', t.relname, 'pg_catalog.pg_attrdef'::regclass, d.oid, false FROM cache t JOIN pg_catalog.pg_attrdef d ON d.adrelid = t.oid
  ${written ? attached.map(({ what, name, catalogue, table, only }) => `UNION ALL SELECT 'the ${what} ' || ${name}, t.relname, 'pg_catalog.${catalogue}'::regclass, a.oid, false FROM cache t JOIN pg_catalog.${catalogue} a ON a.${table} = t.oid AND ${only}`).join('\n  ') : ''}
), code AS (
  SELECT 'the function public.f_unaccent(text)' AS what, ARRAY[proowner] AS owners FROM pg_catalog.pg_proc WHERE oid = to_regprocedure('public.f_unaccent(text)')
  UNION ALL
  SELECT 'the function ' || oid::regprocedure, ARRAY[proowner] FROM pg_catalog.pg_proc WHERE pronamespace = to_regnamespace(${quoteLiteral(searchSchema)})
  UNION ALL
  SELECT pg_describe_object(d.refclassid, d.refobjid, 0) || ', which ' || u."user" || ${quoteLiteral(` on ${schema}.`)} || u."table" || ' uses,',
         CASE d.refclassid
           WHEN 'pg_catalog.pg_proc'::regclass THEN ARRAY(SELECT proowner FROM pg_catalog.pg_proc WHERE oid = d.refobjid)
           WHEN 'pg_catalog.pg_operator'::regclass THEN ARRAY(SELECT unnest(ARRAY[oprowner, proowner]) FROM pg_catalog.pg_operator o JOIN pg_catalog.pg_proc p ON p.oid = o.oprcode WHERE o.oid = d.refobjid)
           WHEN 'pg_catalog.pg_opclass'::regclass THEN ARRAY(SELECT opcowner FROM pg_catalog.pg_opclass WHERE oid = d.refobjid)
           ELSE ARRAY(SELECT typowner FROM pg_catalog.pg_type WHERE oid = d.refobjid)
         END
    FROM users u JOIN pg_catalog.pg_depend d ON d.classid = u.class AND d.objid = u.object AND (u."columns" OR d.objsubid = 0)
     AND d.refclassid IN ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass, 'pg_catalog.pg_opclass'::regclass, 'pg_catalog.pg_type'::regclass)
)
SELECT DISTINCT code.what, pg_get_userbyid(owner) AS owner, current_user AS me
  FROM code, unnest(code.owners) AS owner, me
 WHERE owner <> me.oid
   AND NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE oid = owner)
   AND (me.rolsuper OR NOT (pg_has_role(owner, 'MEMBER') OR owner = (SELECT datdba FROM pg_catalog.pg_database WHERE datname = current_database())))
 ORDER BY 1`;
