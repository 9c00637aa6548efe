/**
 * Which of the tables with our names are ours. `release` is a common word: another application's table must never be taken
 * for an old cache, replaced, or emptied.
 */
import { rootIdColumn, publishedSchema, tablesOf, type Profile, type Table } from '@wxyc/dataset';
import { type Queryable, schemaLiteral } from './queryable.js';
import { readProfile } from './profile.js';

/** The last line of the comment that a publication leaves on the release table. */
export const publishedComment = /(?:^|\n)Published by run ([^\n]+)$/;

/** Columns by table name, for those of our table names that exist. */
export type FoundColumns = ReadonlyMap<string, readonly string[]>;

/**
 * Names each table that is not a cache's, with the reason; empty when all are, or when there are no such tables.
 *
 * A cache is recognised by the comment that a publication leaves, or else by a table of release artists together with at least one more of its tables.
 * Earlier layouts and damaged tables count, as long as they have the key and one more column of the contract.
 */
export function foreignTables(
  columns: FoundColumns,
  releaseComment: string | null,
  schema = publishedSchema,
  profile: Profile = 'lean',
): string[] {
  const reasons = new Map<string, string>();
  for (const table of tablesOf(profile)) {
    const found = columns.get(table.name);
    const lacking = found && missingSign(table, found);
    if (lacking) reasons.set(table.name, lacking);
  }
  const published = publishedComment.test(releaseComment ?? '');
  if (!published && (!columns.has('release_artist') || columns.size === 1)) {
    const missing = columns.has('release_artist') ? 'release' : 'release_artist';
    for (const name of columns.keys())
      if (!reasons.has(name)) reasons.set(name, `there is no table ${missing} beside it`);
  }
  return [...reasons].map(
    ([name, reason]) => `${schema}.${name} is not a table of a cache (${reason})`,
  );
}

/** What a table lacks of the minimum that all its layouts have; undefined if it lacks nothing. */
function missingSign(table: Table, found: readonly string[]): string | undefined {
  const key = rootIdColumn(table);
  if (!found.includes(key)) return `it has no column ${key}`;
  const signs = table.columns
    .filter(({ name }) => name !== key)
    .flatMap(({ name, csv }) => [name, ...(csv?.names ?? [])]);
  // A release table always has titles; and many applications have artists with an id and a name.
  const needed =
    table.name === 'release'
      ? ['title']
      : table.rootKey === undefined
        ? signs.filter((name) => !['name', 'title', 'year'].includes(name))
        : signs;
  return needed.some((name) => found.includes(name))
    ? undefined
    : `it has none of the columns ${[...new Set(needed)].join(', ')}`;
}

/** Does the same for the tables of a database. */
export async function findForeignTables(
  connection: Queryable,
  schema: string,
  given?: Profile,
): Promise<string[]> {
  const profile = given ?? (await readProfile(connection, schema));
  const { rows } = await connection.query(
    `SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment,
            array_to_string(ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), E'\\n') AS columns
       FROM pg_catalog.pg_class c
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relkind IN ('r', 'p')
        AND c.relname IN (${tablesOf(profile)
          .map(({ name }) => `'${name}'`)
          .join(', ')})`,
  );
  const columns = new Map(
    rows.map((row) => [String(row['name']), String(row['columns']).split('\n')]),
  );
  const comment = rows.find((row) => row['name'] === 'release')?.['comment'];
  return foreignTables(columns, typeof comment === 'string' ? comment : null, schema, profile);
}
