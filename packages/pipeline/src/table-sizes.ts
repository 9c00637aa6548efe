/** Rows and bytes of the cache's tables. */
import { profileTables, queryable } from '@wxyc/cache';
import { companions, publishedSchema } from '@wxyc/dataset';
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
  for (const { name } of await profileTables(queryable(database), publishedSchema)) {
    const relation = qualifiedName(publishedSchema, name);
    const [row] = await database.unsafe<{ rows: string; bytes: string }[]>(
      `SELECT (SELECT count(*) FROM ${relation})::text AS rows, pg_total_relation_size(${quoteLiteral(relation)}::regclass)::text AS bytes`,
    );
    sizes.push({ name, rows: Number(row!.rows), bytes: Number(row!.bytes) });
  }
  return sizes;
}

/** Bytes of all tables of a cache in the schema, with indexes; 0 where there is none. */
export async function cacheBytes(sql: Sql, schema: string): Promise<number> {
  const names = [...(await profileTables(queryable(sql), schema)), ...companions]
    .map(({ name }) => quoteLiteral(name))
    .join(', ');
  const [row] = await sql.unsafe<{ bytes: string }[]>(
    `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::text AS bytes FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ${quoteLiteral(schema)} AND c.relkind = 'r' AND c.relname IN (${names})`,
  );
  return Number(row!.bytes);
}
