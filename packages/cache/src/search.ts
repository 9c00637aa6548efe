/**
 * The functions of the schema `discogs`: forms, on which the search indexes depend, and the searches themselves. The schema
 * stays when a cache is replaced.
 */
import { errorCode } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import type { Queryable } from './queryable.js';
import { sqlStatements, type SqlFile } from './sql-files.js';

/** Where the functions live. */
export const searchSchema = 'discogs';

/** Creates the forms if they are missing. Existing ones stay: indexes of the published cache depend on them. */
export async function ensureForms(connection: Queryable): Promise<void> {
  const there = await connection.query(
    "SELECT to_regprocedure('discogs.title_key(text)') IS NOT NULL AND to_regprocedure('discogs.artist_key(text)') IS NOT NULL AS there",
  );
  if (there.rows[0]?.['there']) return;
  await install('create_functions', async () => {
    for (const statement of await needed(connection, 'create_functions'))
      await connection.query(statement);
  });
}

/**
 * Creates the searches, or replaces those that another version made: all of them at once. Needs the tables in `public`.
 * A search that is running meanwhile ends with the function that it began with.
 */
export async function ensureSearches(connection: Queryable): Promise<void> {
  const statements = await missingSearches(connection);
  // One message is one transaction, or a part of that which the connection is in.
  if (statements.length > 0)
    await install('create_search', () => connection.query(statements.join(';\n')));
}

/** The statements with which {@link ensureSearches} would mend the existing functions; none if nothing is wrong. */
export async function missingSearches(connection: Queryable): Promise<string[]> {
  return (await searchDifferences(connection)).length > 0
    ? [...(await inTheWay(connection)), ...sqlStatements('create_search')]
    : [];
}

/** Drops what another version made with other types: a function's result and a type's columns cannot be replaced. */
async function inTheWay(connection: Queryable): Promise<string[]> {
  const { rows: functions } = await connection.query(
    `SELECT p.proname AS name, p.oid::regprocedure::text AS signature, pg_get_function_result(p.oid) AS result
     FROM pg_catalog.pg_proc p WHERE p.pronamespace = to_regnamespace('${searchSchema}')`,
  );
  const { rows: types } = await connection.query(
    `SELECT t.typname AS name, string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum) AS columns
     FROM pg_catalog.pg_type t JOIN pg_catalog.pg_attribute a ON a.attrelid = t.typrelid AND a.attnum > 0
     WHERE t.typnamespace = to_regnamespace('${searchSchema}') AND t.typtype = 'c' GROUP BY t.typname`,
  );
  const text = sqlStatements('create_search').join(';\n');
  const columnsOf = new Map(
    [...text.matchAll(/CREATE TYPE discogs\.(\w+) AS \((.*?)\);/g)].map(
      ([, name = '', columns = '']) => [name, plain(columns)],
    ),
  );
  const outdated = types
    .map(({ name, columns }) => ({ name: String(name), columns: plain(String(columns)) }))
    .filter(({ name, columns }) => (columnsOf.get(name) ?? columns) !== columns);
  const usesOutdated = (words: string): boolean =>
    outdated.some(({ name }) => new RegExp(`\\bdiscogs\\.${name}\\b`).test(words));
  const resultOf = new Map(
    [
      ...text.matchAll(
        /CREATE OR REPLACE FUNCTION discogs\.(\w+)\((?:(?!LANGUAGE)[^])*?\)\s+RETURNS ([^]*?) LANGUAGE/g,
      ),
    ].map(([, name = '', result = '']) => [name, plain(result)]),
  );
  const drops = functions.flatMap(({ name, signature, result }) => {
    const wanted = resultOf.get(String(name));
    const isOther = wanted !== undefined && wanted !== plain(String(result));
    return isOther || usesOutdated(`${String(signature)} ${String(result)}`)
      ? [`DROP FUNCTION ${String(signature)}`]
      : [];
  });
  return [...drops, ...outdated.map(({ name }) => `DROP TYPE ${searchSchema}.${name}`)];
}

/** SQL without layout, case and quotes, for comparison. */
const plain = (sql: string): string =>
  sql
    .toLowerCase()
    .replaceAll('"', '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([(),]) ?/g, '$1')
    .trim();

/** One sentence for each search function that is missing or is not what `schema/create_search.sql` says. */
export function searchDifferences(connection: Queryable): Promise<string[]> {
  return differences(connection, 'create_search');
}

/** One sentence for each form that is missing or differs from its SQL file. */
export function formDifferences(connection: Queryable): Promise<string[]> {
  return differences(connection, 'create_functions');
}

async function differences(connection: Queryable, file: SqlFile): Promise<string[]> {
  const { rows } = await connection.query(
    `SELECT p.proname AS name, p.prosrc AS body FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = '${searchSchema}'`,
  );
  const bodies = new Map(rows.map((row) => [String(row['name']), String(row['body'])]));
  return bodiesOf(file).flatMap(({ name, body }) => {
    const found = bodies.get(name);
    if (found === undefined) return [`The function ${searchSchema}.${name} is missing`];
    return found === body
      ? []
      : [`The function ${searchSchema}.${name} is not the one of schema/${file}.sql`];
  });
}

/** Name and body of each function that a file creates. */
function bodiesOf(file: SqlFile): { name: string; body: string }[] {
  const text = sqlStatements(file).join(';\n');
  return [
    ...text.matchAll(/CREATE OR REPLACE FUNCTION discogs\.(\w+)[\s\S]*? AS (\$f?\$)([\s\S]*?)\2/g),
  ].map(([, name = '', , body = '']) => ({ name, body }));
}

/** The statements of a file. A role that may not create schemas may use an existing one, but the server checks the right before it looks for the schema. */
export async function needed(connection: Queryable, file: SqlFile): Promise<string[]> {
  const { rows } = await connection.query(
    `SELECT to_regnamespace('${searchSchema}') IS NOT NULL AS there`,
  );
  const there = rows[0]?.['there'] === true;
  return sqlStatements(file).filter((statement) => !(there && /^CREATE SCHEMA/.test(statement)));
}

async function install(file: SqlFile, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Another session created it between our look and our statement.
    if (file === 'create_functions' && ['42P06', '42723', '23505'].includes(errorCode(error) ?? ''))
      return;
    if (errorCode(error) === '42501') {
      throw new StepError(
        `This role may not create the search functions in the schema ${searchSchema} (${(error as Error).message}): connect as the owner of the database, or let the schema's owner run psql -f schema/${file}.sql`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** A sentence if the database's locale gives trigrams only to Latin letters, asked of pg_trgm itself once it is installed; otherwise nothing. */
export async function muteTrigrams(connection: Queryable): Promise<string | undefined> {
  const { rows: known } = await connection.query(
    "SELECT to_regprocedure('public.show_trgm(text)') IS NOT NULL AS trigrams, datctype IN ('C', 'POSIX') AS mute FROM pg_database WHERE datname = current_database()",
  );
  const { rows } = known[0]?.['trigrams']
    ? await connection.query("SELECT public.show_trgm('\u0436') = '{}' AS mute")
    : { rows: known };
  if (!rows[0]?.['mute']) return undefined;
  return (
    'This database has the locale C (LC_CTYPE), in which names in non-Latin letters have no trigrams: exact text finds them, and text with one typing error, but the documented % predicate does not; ' +
    "a database created with LC_CTYPE 'C.UTF-8' or a language's locale has them"
  );
}
