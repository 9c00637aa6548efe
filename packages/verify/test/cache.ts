/** Small caches and libraries for these tests, and what a database holds, as comparable text. */
import { jest } from '@jest/globals';
import { ensureIndexes, createSchema } from '@wxyc/cache';
import { tablesOf } from '@wxyc/dataset';
import { madeOnce, withSession, type TestDatabase } from '@wxyc/testing';

const tables = tablesOf('lean');

jest.setTimeout(120_000);

export interface Pressing {
  id: number;
  title: string;
  artists?: string[];
  extra?: string[];
  /** Default `bulk_import`; null: without metadata. */
  source?: 'bulk_import' | 'api_fetch' | null;
}

/** A deduplicated, indexed cache, two tracks and a label a release. */
export async function makeCache(
  database: TestDatabase,
  pressings: Pressing[],
  schema = 'public',
): Promise<void> {
  await madeOnce(database.url, JSON.stringify([pressings, schema]), () =>
    buildCache(database, pressings, schema),
  );
}

async function buildCache(
  database: TestDatabase,
  pressings: Pressing[],
  schema: string,
): Promise<void> {
  await createSchema({ databaseUrl: database.url, schema, replace: schema !== 'public' });
  const credits = pressings.flatMap(({ id, artists = [], extra = [] }) => [
    ...artists.map((name) => ({ id, name, extra: 0 })),
    ...extra.map((name) => ({ id, name, extra: 1 })),
  ]);
  const json = JSON.stringify(
    pressings.map(({ source = 'bulk_import', ...rest }) => ({ ...rest, source })),
  );
  await withSession(database.url, async (client) => {
    await client.query(`ALTER TABLE "${schema}".release DROP COLUMN master_id`);
    await client.query(
      `INSERT INTO "${schema}".release (id, title, country) SELECT id, title, 'US' FROM json_to_recordset($1) AS r (id int, title text)`,
      [json],
    );
    await client.query(
      `INSERT INTO "${schema}".release_artist SELECT * FROM json_to_recordset($1) AS r (id int, name text, extra int)`,
      [JSON.stringify(credits)],
    );
    await client.query(
      `INSERT INTO "${schema}".release_label SELECT id, 'label ' || id % 3 FROM "${schema}".release`,
    );
    await client.query(
      `INSERT INTO "${schema}".release_track SELECT id, n, 'A' || n, 'track ' || n, '3:00' FROM "${schema}".release, generate_series(1, 2) n`,
    );
    await client.query(
      `INSERT INTO "${schema}".release_track_artist SELECT id, 1, 'performer' FROM "${schema}".release`,
    );
    await client.query(
      `INSERT INTO "${schema}".cache_metadata (release_id, cached_at, source)
       SELECT id, '2026-01-01', source FROM json_to_recordset($1) AS r (id int, source text) WHERE source IS NOT NULL`,
      [json],
    );
  });
  await ensureIndexes({ databaseUrl: database.url, schema });
}

/** Every row of every table of the contract, sorted. */
export async function rowsOf(
  database: TestDatabase,
  schema = 'public',
): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const { name, columns } of tables) {
    const list = columns.map((column) => `"${column.name}"`).join(', ');
    const rows = await database.query<{ row: string }>(
      `SELECT row(${list})::text AS row FROM "${schema}"."${name}" ORDER BY 1`,
    );
    all[name] = rows.map(({ row }) => row);
  }
  return all;
}

export async function releaseIds(database: TestDatabase, schema = 'public'): Promise<number[]> {
  return (
    await database.query<{ id: number }>(`SELECT id FROM "${schema}".release ORDER BY id`)
  ).map(({ id }) => id);
}

/** Returns once a program waits for a lock in this database. */
export async function untilWaiting(database: TestDatabase, program: string): Promise<void> {
  for (;;) {
    const waiting = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND application_name LIKE '${program}%'`,
    );
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
