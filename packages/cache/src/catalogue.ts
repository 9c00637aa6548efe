/** Compares tables, columns, keys and indexes of a schema with the dataset's list and the SQL files. */
import { rootOf, tablesOf, type Profile, type Table } from '@wxyc/dataset';
import type { Sql } from '@wxyc/postgres';
import type { ContractReport } from './contract-report.js';
import { schemaLiteral } from './queryable.js';
import { indexPlan } from './indexes.js';
import { isAdded } from './publish/old-cache.js';

interface CatalogueTable {
  kind: string;
  persistence: string;
  columns: Map<string, { type: string; notNull: boolean; default: string | null }>;
  constraints: Map<string, { definition: string; valid: boolean }>;
  indexes: Map<string, { definition: string; valid: boolean }>;
}

/** Adds one sentence per difference. Needs an empty search path, so that definitions come with all schemas. */
export async function catalogueDifferences(
  sql: Sql,
  schema: string,
  profile: Profile,
  report: ContractReport,
): Promise<void> {
  const printed = await printedSchema(sql, schema);
  const tables = tablesOf(profile);
  const catalogue = await readCatalogue(sql, schema, tables);
  for (const table of tables) {
    report.checks++;
    const found = catalogue.get(table.name);
    const name = `${schema}.${table.name}`;
    if (!found) {
      report.differences.push(`The table ${name} is missing`);
      continue;
    }
    if (found.kind !== 'r') report.differences.push(`${name} is not an ordinary table`);
    if (found.persistence !== 'p')
      report.differences.push(`The table ${name} is UNLOGGED: a crash of the server empties it`);
    compareColumns(table, name, found, profile, report);
    compareConstraints(table, name, printed, found, report);
    compareIndexes(table, printed, found, profile, report);
  }
}

function compareColumns(
  table: Table,
  name: string,
  found: CatalogueTable,
  profile: Profile,
  report: ContractReport,
): void {
  for (const column of table.columns) {
    report.checks++;
    const actual = found.columns.get(column.name);
    if (!actual) {
      report.differences.push(`The column ${name}.${column.name} is missing`);
      continue;
    }
    if (actual.type !== column.type)
      report.differences.push(`${name}.${column.name} is ${actual.type} instead of ${column.type}`);
    if (actual.notNull !== (column.notNull ?? false))
      report.differences.push(
        `${name}.${column.name} ${column.notNull ? 'lacks NOT NULL' : 'is NOT NULL'}`,
      );
    if (actual.default !== (column.default ?? null))
      report.differences.push(
        `${name}.${column.name} has the default ${actual.default ?? 'none'} instead of ${column.default ?? 'none'}`,
      );
  }
  for (const extra of found.columns.keys()) {
    const known = [...table.columns, ...(table.transient ?? [])].some(
      (column) => column.name === extra,
    );
    // A column that somebody added, on a table where such columns are carried over.
    if (!known && !isAdded(table.name, extra, { build: profile, published: profile }))
      report.differences.push(`${name} has the column ${extra}, which is not in the contract`);
  }
}

function compareConstraints(
  table: Table,
  name: string,
  schema: string,
  found: CatalogueTable,
  report: ContractReport,
): void {
  const expected = (table.uniques ?? []).map((unique) => ({
    definition: `UNIQUE (${unique.columns.join(', ')})`,
  }));
  if (table.primaryKey)
    expected.push({ definition: `PRIMARY KEY (${table.primaryKey.join(', ')})` });
  if (table.rootKey)
    expected.push({
      definition: `FOREIGN KEY (${table.rootKey}) REFERENCES ${schema}.${rootOf(table)}(id) ON DELETE CASCADE`,
    });
  for (const { definition } of expected) {
    report.checks++;
    const actual = [...found.constraints.values()].find(
      (constraint) => constraint.definition.replace(/ NOT VALID$/, '') === definition,
    );
    if (!actual) report.differences.push(`${name} lacks ${definition}`);
    else if (!actual.valid) report.differences.push(`${name}: ${definition} is not validated`);
  }
}

function compareIndexes(
  table: Table,
  schema: string,
  found: CatalogueTable,
  profile: Profile,
  report: ContractReport,
): void {
  for (const { name, text } of indexPlan(profile).indexes.filter(
    (index) => index.table === table.name,
  )) {
    report.checks++;
    const actual = found.indexes.get(name);
    if (!actual) report.differences.push(`The index ${name} on ${table.name} is missing`);
    else if (!actual.valid)
      report.differences.push(`The index ${name} is not valid: its build was interrupted`);
    else if (actual.definition !== asPrinted(text, table.name, schema))
      report.differences.push(`The index ${name} is defined as ${actual.definition}`);
  }
}

/** A statement of the SQL files in the words of pg_get_indexdef. */
function asPrinted(text: string, table: string, schema: string): string {
  const [head = '', tail = ''] = text
    .replace(/\s+/g, ' ')
    .replace('IF NOT EXISTS ', '')
    .split(` ON ${table} `, 2);
  return `${head} ON ${schema}.${table} ${tail.startsWith('USING') ? tail : `USING btree ${tail}`}`;
}

async function printedSchema(sql: Sql, schema: string): Promise<string> {
  const rows = await sql.unsafe<{ name: string }[]>('SELECT quote_ident($1) AS name', [schema]);
  return rows[0]?.name ?? schema;
}

async function readCatalogue(
  sql: Sql,
  schema: string,
  tables: readonly Table[],
): Promise<Map<string, CatalogueTable>> {
  const ours = `relnamespace = to_regnamespace(${schemaLiteral(schema)}) AND relname IN (${tables.map(({ name }) => `'${name}'`).join(', ')})`;
  const catalogue = new Map<string, CatalogueTable>();
  for (const row of await sql.unsafe(
    `SELECT relname AS name, relkind AS kind, relpersistence AS persistence FROM pg_class WHERE ${ours}`,
  )) {
    catalogue.set(row['name'], {
      kind: row['kind'],
      persistence: row['persistence'],
      columns: new Map(),
      constraints: new Map(),
      indexes: new Map(),
    });
  }
  const columns = await sql.unsafe(
    `SELECT relname AS of_table, attname AS name, format_type(atttypid, atttypmod) AS type, attnotnull AS not_null, pg_get_expr(adbin, adrelid) AS default
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
      WHERE attnum > 0 AND NOT attisdropped AND ${ours} ORDER BY attnum`,
  );
  for (const row of columns)
    catalogue.get(row['of_table'])?.columns.set(row['name'], {
      type: row['type'],
      notNull: row['not_null'],
      default: row['default'],
    });
  const constraints = await sql.unsafe(
    `SELECT relname AS of_table, conname AS name, pg_get_constraintdef(o.oid) AS definition, convalidated AS valid
       FROM pg_class c JOIN pg_constraint o ON o.conrelid = c.oid WHERE contype IN ('p', 'u', 'f') AND ${ours}`,
  );
  for (const row of constraints)
    catalogue
      .get(row['of_table'])
      ?.constraints.set(row['name'], { definition: row['definition'], valid: row['valid'] });
  const indexes = await sql.unsafe(
    `SELECT c.relname AS of_table, i.relname AS name, pg_get_indexdef(i.oid) AS definition, indisvalid AS valid
       FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid WHERE c.oid IN (SELECT oid FROM pg_class WHERE ${ours})`,
  );
  for (const row of indexes)
    catalogue
      .get(row['of_table'])
      ?.indexes.set(row['name'], { definition: row['definition'], valid: row['valid'] });
  return catalogue;
}
