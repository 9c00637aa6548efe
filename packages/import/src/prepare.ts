/** Empties the tables of an import and makes them bare: without keys, indexes or anything that an earlier load left. */
import { publishedSchema, tablesOf, type Profile } from '@wxyc/dataset';
import {
  createReleaseCompanions,
  dropScratch,
  dropSecondary,
  editionTable,
  emptyReleaseCompanions,
  existingColumns,
  isInUse,
  noteDuplicated,
  queryable,
  refusePublishedCache,
  removeMarksSince,
  removePublishedRunId,
  trackCountTable,
} from '@wxyc/cache';
import { qualifiedName, type Client } from '@wxyc/postgres';
import { StepError } from '@wxyc/step';
import { isLoadedBy, type ImportMode } from './layout.js';

/** Tables that a mode fills; the base import empties all, since tracks of other releases are of no use. */
function filledBy(mode: ImportMode, profile: Profile): string[] {
  return tablesOf(profile)
    .filter((table) => mode === 'base' || isLoadedBy(mode, table))
    .map(({ name }) => name);
}

/** As what the pipeline marks it in a build. */
const markOf = {
  all: 'import_csv',
  base: 'import_csv',
  tracks: 'import_tracks',
  artists: 'import_artists',
} as const;

/** Commits before the first row is loaded: a load that fails leaves empty tables, never a mixture. Returns how many keys and indexes were dropped. */
export async function prepareTables(
  client: Client,
  schema: string,
  profile: Profile,
  mode: ImportMode,
): Promise<number> {
  const tables = tablesOf(profile);
  const names = filledBy(mode, profile);
  const anew = mode === 'all' || mode === 'base';
  const columns = await existingColumns(queryable(client), schema);
  const missing = tables.filter(({ name }) => !columns.has(name)).map(({ name }) => name);
  if (missing.length)
    throw new StepError(
      `The schema ${schema} lacks the tables ${missing.join(', ')}: run wxyc-schema first${schema === publishedSchema ? '' : ` with --schema ${schema}`}`,
    );
  if (!anew) await refuseLoaded(client, schema, names);
  else await refusePublishedCache(queryable(client), schema, 'wxyc-import');

  await client.query('BEGIN');
  await removeMarksSince(client, schema, markOf[mode]);
  const dropped = await dropSecondary(client, schema, names);
  const filled = await client.query<{ name: string }>(
    `SELECT name FROM unnest($1::text[]) AS name WHERE pg_relation_size(name::regclass) > 0`,
    [names.map((name) => qualifiedName(schema, name))],
  );
  if (filled.rows.length)
    await client.query(`TRUNCATE ${filled.rows.map(({ name }) => name).join(', ')}`);
  if (anew) {
    if (schema === publishedSchema) await removePublishedRunId(client);
    await noteDuplicated(queryable(client), schema);
    await createReleaseCompanions(client, schema);
    await emptyReleaseCompanions(client, schema);
    await dropScratch(queryable(client), schema);
    await client.query(
      `CREATE TABLE ${qualifiedName(schema, editionTable)} (release_id integer NOT NULL, label text, catno text, format text)`,
    );
  }
  if (mode === 'base')
    await client.query(
      `CREATE TABLE ${qualifiedName(schema, trackCountTable)} (release_id integer NOT NULL, track_count integer NOT NULL)`,
    );
  await client.query('COMMIT');
  return dropped;
}

/** Tracks or artists may be loaded into a public that is still being built by hand; not into one that is in use, nor where all of them are there. */
async function refuseLoaded(
  client: Client,
  schema: string,
  names: readonly string[],
): Promise<void> {
  const some = async (table: string): Promise<boolean> =>
    (await client.query(`SELECT 1 FROM ${qualifiedName(schema, table)} LIMIT 1`)).rows.length > 0;
  if (!(await some('release')))
    throw new StepError(
      `The schema ${schema} holds no releases to load tracks or artists for: run wxyc-import --base-only first`,
    );
  if (schema !== publishedSchema) return;
  const filled = await Promise.all(names.map(some));
  if (filled.every(Boolean) || (await isInUse(queryable(client), schema)))
    await refusePublishedCache(queryable(client), schema, 'wxyc-import');
}
