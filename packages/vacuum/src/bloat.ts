/** How much of a table's file its rows need: shows whether rewriting it would free anything. */
import { qualifiedName, type Client } from '@wxyc/postgres';

export interface TableSize {
  /** Bytes of the table's file, without indexes and TOAST. */
  heap: number;
  /** Bytes with everything. */
  total: number;
  /** Share of the file that a rewrite would free, 0 to 1. An estimate from a sample of the rows, good to one or two per cent. */
  reclaimable: number;
}

const page = 8192;
/** Usable bytes of a page, without its header. */
const usable = page - 24;
/** How many rows are sampled: enough for an average row size within one per cent. */
const sampleRows = 30_000;
/** In files this small, single pages decide. */
const smallest = 64 * page;

/** Measures a table. Needs a fresh `reltuples`, so VACUUM or ANALYZE it before. */
export async function measureTable(
  client: Client,
  schema: string,
  table: string,
): Promise<TableSize | undefined> {
  const name = qualifiedName(schema, table);
  const facts = await client.query<{ heap: string; total: string; rows: number }>(
    'SELECT pg_relation_size(oid) AS heap, pg_total_relation_size(oid) AS total, reltuples AS rows FROM pg_class WHERE oid = to_regclass($1)',
    [name],
  );
  const found = facts.rows[0];
  if (!found) return undefined;
  const heap = Number(found.heap);
  const total = Number(found.total);
  if (heap < smallest) return { heap, total, reclaimable: 0 };
  if (found.rows <= 0) return { heap, total, reclaimable: 1 };
  const share = Math.min(100, (sampleRows / found.rows) * 100);
  // A row takes its size, rounded up to eight bytes, and a four byte pointer.
  const sample = await client.query<{ size: number | null }>(
    `SELECT avg((pg_column_size(t.*) + 7) / 8 * 8 + 4)::float8 AS size FROM ${name} t TABLESAMPLE SYSTEM (${share.toFixed(4)})`,
  );
  const size = sample.rows[0]?.size ?? 0;
  if (size === 0) return { heap, total, reclaimable: 0 };
  // A page holds whole rows.
  const needed = Math.ceil(found.rows / Math.max(1, usable / size)) * page;
  return { heap, total, reclaimable: Math.max(0, 1 - needed / heap) };
}
