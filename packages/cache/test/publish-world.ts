/** Builds and published caches of any size for the publish tests, and snapshots of what a cache holds. */
import { jest } from '@jest/globals';
import {
  ensureIndexes,
  createSchema,
  publish,
  type PublishOptions,
  type PublishResult,
} from '@wxyc/cache';
import { tablesOf } from '@wxyc/dataset';
import { openClient, type Client } from '@wxyc/postgres';
import type { Logger } from '@wxyc/step';
import { madeOnce, withSession, type TestDatabase } from '@wxyc/testing';

// Each test makes and publishes whole caches.
jest.setTimeout(120_000);

export const buildSchema = 'discogs_next';

export interface BuildSize {
  /** First and last release id. */
  from?: number;
  to: number;
  tracks?: number;
  /** In every title: `g1 release 7`. */
  generation: string;
  schema?: string;
  indexes?: boolean;
  /** Drop what the schema holds first; default: unless it is public. */
  replace?: boolean;
  /** The dump's. */
  month?: string;
}

const noOrigin = {
  month: null,
  dump: null,
  checksum: null,
  library: null,
  libraryAlbums: null,
  profile: 'lean',
} as const;

/** Makes a whole build, as the steps leave it before publishing. */
export async function makeBuild(
  databaseUrl: string,
  {
    from = 1,
    to,
    tracks = 3,
    generation,
    schema = buildSchema,
    indexes = true,
    replace = schema !== 'public',
    month,
  }: BuildSize,
): Promise<void> {
  await createSchema({
    databaseUrl,
    schema,
    replace,
    origin:
      month === undefined
        ? undefined
        : { ...noOrigin, month, dump: `discogs_${month.replace('-', '')}01_releases.xml.gz` },
  });
  await withSession(databaseUrl, async (client) => {
    await client.query(`SET search_path = "${schema}", public`);
    const ids = `generate_series(${from}, ${to}) id`;
    await client.query(`
      ALTER TABLE release DROP COLUMN IF EXISTS master_id;
      INSERT INTO release (id, title, release_year, country) SELECT id, '${generation} release ' || id, 1960 + id % 60, 'US' FROM ${ids};
      INSERT INTO release_artist (release_id, artist_name) SELECT id, '${generation} artist ' || id % 1000 FROM ${ids};
      INSERT INTO release_label SELECT id, '${generation} label' FROM ${ids};
      INSERT INTO release_track SELECT id, n, 'A' || n, '${generation} track ' || n || ' of ' || id, '3:00' FROM ${ids}, generate_series(1, ${tracks}) n;
      INSERT INTO release_track_artist SELECT id, 1, '${generation} performer ' || id % 1000 FROM ${ids};
      INSERT INTO cache_metadata (release_id, source) SELECT id, 'bulk_import' FROM ${ids}`);
  });
  if (indexes) await ensureIndexes({ databaseUrl, schema });
  await withSession(databaseUrl, (client) =>
    client.query(
      `VACUUM ANALYZE "${schema}".release, "${schema}".release_artist, "${schema}".release_label, "${schema}".release_track, "${schema}".release_track_artist, "${schema}".cache_metadata`,
    ),
  );
}

/** Publishes without long waits. */
export function publishNow(
  databaseUrl: string,
  options: Partial<PublishOptions> = {},
  logger?: Logger,
): Promise<PublishResult> {
  return publish(
    { databaseUrl, runId: 'test', retryMinutes: 0.5, ...options },
    logger ? { logger } : {},
  );
}

/** Makes a build of ten releases and publishes it as the old cache. */
export async function publishedCache(databaseUrl: string, to = 10): Promise<void> {
  await madeOnce(databaseUrl, `published ${to}`, async () => {
    await makeBuild(databaseUrl, { to, generation: 'old' });
    await publishNow(databaseUrl, { runId: 'old' });
  });
}

export async function withClient<T>(url: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = await openClient(url, { applicationName: 'tests' });
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

export const cacheTables = tablesOf('lean').map(({ name }) => name);

/** Every row of every table of the schema, sorted; and what the catalogue says of the tables, except their oids. */
export async function wholeState(databaseUrl: string, schema = 'public'): Promise<unknown> {
  return withSession(databaseUrl, async (client) => {
    await client.query('SET search_path = pg_catalog');
    const state: Record<string, unknown> = {};
    for (const table of cacheTables) {
      const rows = await client.query(
        `SELECT t::text AS row FROM "${schema}"."${table}" t ORDER BY 1`,
      );
      state[table] = rows.rows.map(({ row }: { row: string }) => row);
    }
    const catalogue = await client.query(
      `SELECT c.relname, c.relacl::text, pg_get_userbyid(c.relowner) AS owner, obj_description(c.oid, 'pg_class') AS comment,
              ARRAY(SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = c.oid ORDER BY 1) AS indexes,
              ARRAY(SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = c.oid ORDER BY 1) AS constraints
         FROM pg_class c WHERE relnamespace = $1::regnamespace AND relkind = 'r' ORDER BY 1`,
      [`"${schema}"`],
    );
    return { ...state, catalogue: catalogue.rows };
  });
}

/** Every row of every table of the schema. */
export async function rowsIn(databaseUrl: string, schema = 'public'): Promise<unknown> {
  const state = (await wholeState(databaseUrl, schema)) as Record<string, unknown>;
  return cacheTables.map((table) => state[table]);
}

/** Everything that is known about one release. */
export async function releaseRows(
  databaseUrl: string,
  id: number,
  schema = 'public',
): Promise<Record<string, unknown[]>> {
  return withSession(databaseUrl, async (client) => {
    const rows = async (sql: string): Promise<unknown[]> => (await client.query(sql, [id])).rows;
    return {
      release: await rows(
        `SELECT title, release_year AS year, country, artwork_url AS artwork FROM "${schema}".release WHERE id = $1`,
      ),
      artists: (
        await rows(
          `SELECT artist_name AS name FROM "${schema}".release_artist WHERE release_id = $1 ORDER BY 1`,
        )
      ).map((row) => (row as { name: string }).name),
      labels: (
        await rows(
          `SELECT label_name AS name FROM "${schema}".release_label WHERE release_id = $1 ORDER BY 1`,
        )
      ).map((row) => (row as { name: string }).name),
      tracks: (
        await rows(
          `SELECT title AS name FROM "${schema}".release_track WHERE release_id = $1 ORDER BY sequence`,
        )
      ).map((row) => (row as { name: string }).name),
      trackArtists: (
        await rows(
          `SELECT artist_name AS name FROM "${schema}".release_track_artist WHERE release_id = $1 ORDER BY 1`,
        )
      ).map((row) => (row as { name: string }).name),
      source: (
        await rows(`SELECT source AS name FROM "${schema}".cache_metadata WHERE release_id = $1`)
      ).map((row) => (row as { name: string }).name),
    };
  });
}

/** What a consumer does with a release that it fetched: the statements of the contract, each on its own. */
export function fetchStatements(id: number, mark: string, tracks = 2): string[] {
  return [
    `INSERT INTO release (id, title, release_year, artwork_url) VALUES (${id}, '${mark} title', 2001, 'https://art/${mark}/${id}')
     ON CONFLICT (id) DO UPDATE SET title = EXCLUDED.title, release_year = EXCLUDED.release_year, artwork_url = EXCLUDED.artwork_url`,
    `INSERT INTO release_artist (release_id, artist_name, extra) VALUES (${id}, '${mark} artist', 0) ON CONFLICT (release_id, artist_name) DO NOTHING`,
    `DELETE FROM release_track WHERE release_id = ${id}`,
    ...Array.from(
      { length: tracks },
      (_, n) =>
        `INSERT INTO release_track (release_id, sequence, position, title, duration) VALUES (${id}, ${n + 1}, '${n + 1}', '${mark} track ${n + 1}', '1:00')`,
    ),
    `INSERT INTO release_track_artist (release_id, track_sequence, artist_name) VALUES (${id}, 1, '${mark} performer') ON CONFLICT DO NOTHING`,
    `INSERT INTO cache_metadata (release_id, source) VALUES (${id}, 'api_fetch') ON CONFLICT (release_id) DO UPDATE SET cached_at = now(), source = 'api_fetch'`,
  ];
}

/** Returns once a publication waits for the published tables, or, with `wanted` false, once none does. */
export async function untilAsking(database: TestDatabase, wanted = true): Promise<void> {
  for (;;) {
    // Other tests publish on the same server.
    const asking = await database.query(
      "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE 'wxyc-publish%' AND query LIKE '%LOCK TABLE \"public\"%'",
    );
    if (asking.length > 0 === wanted) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Runs statements one by one in one session, as a consumer that opens no transaction. */
export async function run(databaseUrl: string, statements: readonly string[]): Promise<void> {
  await withSession(databaseUrl, async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}
