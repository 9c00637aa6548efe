/** Rows and bytes of the cache's tables. */
import { publishedSchema, tables } from '@wxyc/dataset';
import { connect, qualifiedName, quoteLiteral, type Sql } from '@wxyc/postgres';

export interface TableSize {
  name: string;
  rows: number;
  /** With indexes and long values. */
  bytes: number;
}

/** Measures the published tables over a connection, or over one of its own to a URL. */
export async function measureTables(database: Sql | string): Promise<TableSize[]> {
  if (typeof database === 'string') {
    const sql = await connect(database, { applicationName: 'wxyc-pipeline', max: 1 });
    try {
      return await measureTables(sql);
    } finally {
      await sql.end();
    }
  }
  const sizes: TableSize[] = [];
  for (const { name } of tables) {
    const relation = qualifiedName(publishedSchema, name);
    const [row] = await database.unsafe<{ rows: string; bytes: string }[]>(
      `SELECT (SELECT count(*) FROM ${relation})::text AS rows, pg_total_relation_size(${quoteLiteral(relation)}::regclass)::text AS bytes`,
    );
    sizes.push({ name, rows: Number(row!.rows), bytes: Number(row!.bytes) });
  }
  return sizes;
}
