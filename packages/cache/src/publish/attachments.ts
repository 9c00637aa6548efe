/**
 * What somebody attached to the published tables and will find on the new ones: further indexes, comments, extended
 * statistics, storage options, replica identity. obstacles.ts refuses everything else.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';

/** Further indexes of the published tables of these names, as statements that create them on the build's. */
export async function furtherIndexes(
  client: Client,
  schema: string,
  names: readonly string[],
): Promise<{ name: string; create: string }[]> {
  const found = await client.query<{
    name: string;
    table: string;
    definition: string;
    columns: string[];
  }>(
    `SELECT i.relname AS name, t.relname AS table, pg_get_indexdef(i.oid) AS definition,
            ARRAY(SELECT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                   WHERE d.classid = 'pg_class'::regclass AND d.objid = i.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid > 0) AS columns
       FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid AND x.indisvalid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE t.relnamespace = to_regnamespace($1) AND t.relkind = 'r' AND t.relname = ANY ($2)
        AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.oid AND c.conrelid = t.oid)`,
    [publishedSchema, names],
  );
  const built = await client.query<{ name: string; table: string; definition: string }>(
    `SELECT i.relname AS name, t.relname AS table, pg_get_indexdef(i.oid) AS definition
       FROM pg_class t JOIN pg_index x ON x.indrelid = t.oid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE t.relnamespace = to_regnamespace(quote_ident($1)) AND t.relname = ANY ($2)`,
    [schema, names],
  );
  const columnsThere = await client.query<{ place: string }>(
    `SELECT c.relname || ' ' || a.attname AS place FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY ($2)`,
    [schema, names],
  );
  const columnsOf = new Set(columnsThere.rows.map(({ place }) => place));
  const nameOf = await client.query<{ quoted: string }>('SELECT quote_ident($1) AS quoted', [
    schema,
  ]);
  const have = new Set(
    built.rows.flatMap(({ name, table, definition }) => [name, shape(table, definition)]),
  );
  return found.rows.flatMap(({ name, table, definition, columns }) => {
    if (
      have.has(name) ||
      have.has(shape(table, definition)) ||
      !columns.every((column) => columnsOf.has(`${table} ${column}`))
    )
      return [];
    // The first " ON " after the index's own name, which is known, so that nothing in it can mislead.
    const at = definition.indexOf(' ON ', definition.indexOf(name) + name.length);
    const place = `${publishedSchema}.${table} `;
    const rest = definition.slice(at + 4);
    return rest.startsWith(place)
      ? [
          {
            name,
            create: `${definition.slice(0, at)} ON ${nameOf.rows[0]?.quoted}.${table} ${rest.slice(place.length)}`,
          },
        ]
      : [];
  });
}

/** What an index does, whatever it and its schema are called. */
function shape(table: string, definition: string): string {
  const unique = definition.startsWith('CREATE UNIQUE') ? 'unique' : 'plain';
  return `${table} ${unique} ${definition.slice(definition.indexOf(' USING '))}`;
}

/**
 * Statements that put comments, options, replica identity and extended statistics on the tables that now bear the old
 * ones' names. Read before the old tables are locked; run when the new ones are in place. Objects that the new tables lack (an
 * older layout's columns) are left out when the statements are run.
 */
export interface Attachments {
  statements: {
    needs: { table: string; columns: string[]; index?: string; constraint?: string };
    sql: string;
  }[];
  /** The names of the old extended statistics, which the new tables' will take: with their schemas, ready for SQL. */
  statistics: string[];
  /** The comment on public.release. */
  releaseComment: string | null;
}

/** Reads all attachments. The search path must be such that names include their schema. */
export async function readAttachments(
  client: Client,
  names: readonly string[],
): Promise<Attachments> {
  const statements: Attachments['statements'] = [];
  const statistics: string[] = [];
  let releaseComment: string | null = null;
  const q = quoteIdentifier;
  const at = (table: string): string => qualifiedName(publishedSchema, table);
  const from = `pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND c.relname = ANY ($2)`;
  const query = async <Row extends object>(sql: string): Promise<Row[]> =>
    (await client.query<Row>(sql, [publishedSchema, names])).rows;

  for (const { table, comment } of await query<{ table: string; comment: string }>(
    `SELECT c.relname AS table, obj_description(c.oid, 'pg_class') AS comment FROM ${from} AND obj_description(c.oid, 'pg_class') IS NOT NULL`,
  )) {
    if (table === 'release') releaseComment = comment;
    else
      statements.push({
        needs: { table, columns: [] },
        sql: `COMMENT ON TABLE ${at(table)} IS ${quoteLiteral(comment)}`,
      });
  }
  for (const row of await query<{
    table: string;
    column: string;
    comment: string | null;
    target: number | null;
    options: string[] | null;
    storage: string | null;
  }>(
    `SELECT c.relname AS table, a.attname AS column, col_description(c.oid, a.attnum) AS comment, nullif(a.attstattarget, -1) AS target, a.attoptions AS options,
            CASE WHEN a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END AS storage
       FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, ${from} AND a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`,
  )) {
    const needs = { table: row.table, columns: [row.column] };
    const alter = `ALTER TABLE ${at(row.table)} ALTER COLUMN ${q(row.column)}`;
    if (row.comment !== null)
      statements.push({
        needs,
        sql: `COMMENT ON COLUMN ${at(row.table)}.${q(row.column)} IS ${quoteLiteral(row.comment)}`,
      });
    if (row.target !== null)
      statements.push({ needs, sql: `${alter} SET STATISTICS ${row.target}` });
    // Servers keep values of their own among these; people set only the estimates.
    const estimates = row.options?.filter((option) => option.startsWith('n_distinct')) ?? [];
    if (estimates.length)
      statements.push({ needs, sql: `${alter} SET (${optionList(estimates)})` });
    if (row.storage !== null)
      statements.push({ needs, sql: `${alter} SET STORAGE ${row.storage}` });
  }
  for (const { table, options, identity } of await query<{
    table: string;
    options: string[];
    identity: string;
  }>(
    `SELECT c.relname AS table, c.relreplident AS identity,
            coalesce(c.reloptions, '{}') || ARRAY(SELECT 'toast.' || o FROM pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) AS options FROM ${from}`,
  )) {
    const needs = { table, columns: [] };
    if (options.length)
      statements.push({ needs, sql: `ALTER TABLE ${at(table)} SET (${optionList(options)})` });
    if (identity === 'f' || identity === 'n')
      statements.push({
        needs,
        sql: `ALTER TABLE ${at(table)} REPLICA IDENTITY ${identity === 'f' ? 'FULL' : 'NOTHING'}`,
      });
  }
  for (const { table, index, comment } of await query<{
    table: string;
    index: string;
    comment: string;
  }>(
    `SELECT c.relname AS table, i.relname AS index, obj_description(i.oid, 'pg_class') AS comment
       FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid, ${from} AND x.indrelid = c.oid AND obj_description(i.oid, 'pg_class') IS NOT NULL`,
  )) {
    statements.push({
      needs: { table, columns: [], index },
      sql: `COMMENT ON INDEX ${at(index)} IS ${quoteLiteral(comment)}`,
    });
  }
  for (const { table, constraint, comment } of await query<{
    table: string;
    constraint: string;
    comment: string;
  }>(
    `SELECT c.relname AS table, k.conname AS constraint, obj_description(k.oid, 'pg_constraint') AS comment
       FROM pg_constraint k, ${from} AND k.conrelid = c.oid AND obj_description(k.oid, 'pg_constraint') IS NOT NULL`,
  )) {
    statements.push({
      needs: { table, columns: [], constraint },
      sql: `COMMENT ON CONSTRAINT ${q(constraint)} ON ${at(table)} IS ${quoteLiteral(comment)}`,
    });
  }
  for (const { table, columns, create, target, name, comment } of await query<{
    table: string;
    columns: string[];
    create: string;
    target: number | null;
    name: string;
    comment: string | null;
  }>(
    `SELECT c.relname AS table, pg_get_statisticsobjdef(s.oid) AS create, nullif(s.stxstattarget, -1) AS target,
            quote_ident(n.nspname) || '.' || quote_ident(s.stxname) AS name, obj_description(s.oid, 'pg_statistic_ext') AS comment,
            ARRAY(SELECT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
                   WHERE d.classid = 'pg_statistic_ext'::regclass AND d.objid = s.oid AND d.refobjid = c.oid AND d.refobjsubid > 0) AS columns
       FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace, ${from} AND s.stxrelid = c.oid`,
  )) {
    const needs = { table, columns };
    statistics.push(name);
    statements.push({ needs, sql: create });
    if (target !== null)
      statements.push({ needs, sql: `ALTER STATISTICS ${name} SET STATISTICS ${target}` });
    if (comment !== null)
      statements.push({ needs, sql: `COMMENT ON STATISTICS ${name} IS ${quoteLiteral(comment)}` });
  }
  return { statements, statistics, releaseComment };
}

/** The statements for which the build's tables, which are about to take the old ones' names, have everything needed. */
export async function fittingStatements(
  client: Client,
  schema: string,
  names: readonly string[],
  { statements }: Attachments,
): Promise<string[]> {
  if (statements.length === 0) return [];
  const have = await client.query<{ key: string }>(
    `SELECT 'column ' || c.relname || ' ' || a.attname AS key FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY ($2)
     UNION ALL SELECT 'table ' || c.relname FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY ($2)
     UNION ALL SELECT 'index ' || c.relname || ' ' || i.relname FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY ($2)
     UNION ALL SELECT 'constraint ' || c.relname || ' ' || k.conname FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid
      WHERE c.relnamespace = to_regnamespace(quote_ident($1)) AND c.relname = ANY ($2)`,
    [schema, names],
  );
  const keys = new Set(have.rows.map(({ key }) => key));
  const isFitting = ({ needs }: Attachments['statements'][number]): boolean => {
    const wanted = [
      `table ${needs.table}`,
      ...needs.columns.map((column) => `column ${needs.table} ${column}`),
      ...(needs.index === undefined ? [] : [`index ${needs.table} ${needs.index}`]),
      ...(needs.constraint === undefined ? [] : [`constraint ${needs.table} ${needs.constraint}`]),
    ];
    return wanted.every((key) => keys.has(key));
  };
  return statements.filter(isFitting).map(({ sql }) => sql);
}

/** `fillfactor=90` → `fillfactor = '90'`. */
function optionList(options: readonly string[]): string {
  return options
    .map((option) => {
      const at = option.indexOf('=');
      const [scope, name] = option.startsWith('toast.')
        ? ['toast.', option.slice(6, at)]
        : ['', option.slice(0, at)];
      return `${scope}${quoteIdentifier(name)} = ${quoteLiteral(option.slice(at + 1))}`;
    })
    .join(', ');
}
