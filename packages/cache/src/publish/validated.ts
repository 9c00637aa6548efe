/**
 * Fills `last_validated` of the build from the old cache: it says which releases have no image at Discogs, and asking
 * for all of them again would take days at the API's pace.
 */
import { publishedSchema } from '@wxyc/dataset';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { hasIndexes } from '../indexes.js';
import { fillColumns } from './fill-columns.js';
import { oldValue, rootIdOf, type OldTable } from './old-cache.js';

/** The table is rewritten if it has no index yet, for the reason given in found.ts. */
export async function fillValidated(
  client: Client,
  schema: string,
  metadata: OldTable,
): Promise<void> {
  const name = 'cache_metadata';
  const table = qualifiedName(schema, name);
  const validated = oldValue(metadata, 'last_validated');
  const id = rootIdOf(metadata);
  if (id === null) return;
  await fillColumns(
    client,
    {
      table,
      key: 'release_id',
      columns: [{ name: 'last_validated', type: 'timestamptz' }],
      values: `SELECT b.release_id AS id, max(${validated}) AS value_0 FROM ${table} b JOIN ${qualifiedName(publishedSchema, name)} o ON ${id} = b.release_id
                WHERE b.last_validated IS NULL AND ${validated} IS NOT NULL GROUP BY b.release_id`,
      ifNull: 'keep',
    },
    async () => !(await hasIndexes(client, schema, name)),
  );
}
