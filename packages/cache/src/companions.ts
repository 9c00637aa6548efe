/** The tables that travel with a cache beside the contract's: which are there, and taking releases out of them. */
import {
  companions,
  publishedSchema,
  releaseCompanions,
  type CompanionName,
  type ReleaseCompanion,
} from '@wxyc/dataset';
import { qualifiedName, quoteIdentifier, quoteLiteral, type Client } from '@wxyc/postgres';
import { queryable, schemaLiteral, type Queryable } from './queryable.js';
import { sqlStatements } from './sql-files.js';

const names = (of: readonly { name: string }[]): string =>
  of.map(({ name }) => quoteLiteral(name)).join(', ');

/** The {@link companions} that the schema holds as ordinary tables with all their columns. */
export async function presentCompanions(
  connection: Queryable,
  schema: string,
): Promise<CompanionName[]> {
  const { rows } = await connection.query(
    `SELECT c.relname AS name, array_to_string(array_agg(a.attname), E'\\n') AS columns
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND c.relkind = 'r' AND c.relname IN (${names(companions)})
      GROUP BY c.oid, c.relname`,
  );
  const found = new Map(
    rows.map((row) => [String(row['name']), String(row['columns']).split('\n')]),
  );
  return companions
    .filter(({ name, columns }) =>
      columns.every((column) => found.get(name)?.includes(column.name)),
    )
    .map(({ name }) => name);
}

async function presentReleaseCompanions(
  client: Client,
  schema: string,
): Promise<ReleaseCompanion[]> {
  const present = await presentCompanions(queryable(client), schema);
  return releaseCompanions.filter(({ name }) => present.includes(name));
}

/** Creates, empty, those of the releases that a schema lacks: one made by earlier SQL files has none. */
export async function createReleaseCompanions(client: Client, schema: string): Promise<void> {
  for (const statement of sqlStatements('create_database')) {
    const match = /^CREATE (TABLE|INDEX) IF NOT EXISTS (?:\w+ ON )?(\w+)/.exec(statement);
    if (!match || !releaseCompanions.some(({ name }) => name === match[2])) continue;
    const table = qualifiedName(schema, match[2]!);
    await client.query(
      match[1] === 'TABLE'
        ? statement.replace(match[2]!, () => table)
        : statement.replace(` ON ${match[2]}`, () => ` ON ${table}`),
    );
  }
}

/** Empties the releases' companions that are there. */
export async function emptyReleaseCompanions(client: Client, schema: string): Promise<void> {
  const present = await presentReleaseCompanions(client, schema);
  if (present.length > 0)
    await client.query(
      `TRUNCATE ${present.map(({ name }) => qualifiedName(schema, name)).join(', ')}`,
    );
}

/** Removes the rows of doomed releases; `doomed` is the SQL text of a table with the column `id`. A build's tables keep no dead rows. */
export async function removeFromReleaseCompanions(
  client: Client,
  schema: string,
  doomed: string,
): Promise<void> {
  for (const { name, rootKey } of await presentReleaseCompanions(client, schema)) {
    const table = qualifiedName(schema, name);
    if (schema === publishedSchema) {
      await client.query(`DELETE FROM ${table} t USING ${doomed} d WHERE t.${rootKey} = d.id`);
      continue;
    }
    const kept = quoteIdentifier(`${name}_kept`);
    const rows = await client.query(
      `CREATE TEMPORARY TABLE ${kept} ON COMMIT DROP AS SELECT * FROM ${table} t WHERE NOT EXISTS (SELECT FROM ${doomed} d WHERE d.id = t.${rootKey})`,
    );
    await client.query(`TRUNCATE ${table}`);
    if (rows.rowCount) await client.query(`INSERT INTO ${table} SELECT * FROM pg_temp.${kept}`);
    await client.query(`DROP TABLE pg_temp.${kept}`);
  }
}

/** Relations of `public` that have the name of a companion table but are something else: publishing must not take them for the old companion. */
export async function companionClashes(client: Client): Promise<string[]> {
  const ours: readonly string[] = await presentCompanions(queryable(client), publishedSchema);
  const { rows } = await client.query<{ name: string; what: string }>(
    `SELECT relname AS name, pg_describe_object('pg_class'::regclass, oid, 0) AS what FROM pg_class
      WHERE relnamespace = to_regnamespace(${schemaLiteral(publishedSchema)}) AND relname IN (${names(companions)})`,
  );
  return rows
    .filter(({ name }) => !ours.includes(name))
    .map(({ what }) => `${what} has a name that the new cache needs`);
}
