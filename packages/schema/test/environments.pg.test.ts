/** All steps in a row on databases that differ: names, roles, ways to connect. */
import { join } from 'node:path';
import { checkSchema, createSchema, publish } from '@wxyc/schema';
import {
  createDatabaseIfMissing,
  openClient,
  parseDatabaseUrl,
  quoteIdentifier,
  withDatabaseName,
} from '@wxyc/postgres';
import { ensureIndexes } from '@wxyc/cache';
import { startOwnServer, temporaryFolder, testDatabase } from '@wxyc/testing';

const schema = 'discogs_next';

/** Creates, fills, indexes, checks and publishes; then once more over the published cache. */
async function twoMonths(databaseUrl: string): Promise<void> {
  for (const month of [1, 2]) {
    await createSchema({ databaseUrl, schema, replace: true });
    const client = await openClient(databaseUrl);
    await client.query(`INSERT INTO ${schema}.release (id, title) SELECT n, 'Title ' || n FROM generate_series(1, 20) n;
      INSERT INTO ${schema}.release_artist SELECT n, 'Artist ' || n FROM generate_series(1, 20) n;
      INSERT INTO ${schema}.release_track SELECT n, 1, 'A', 'Track' FROM generate_series(1, 20) n;
      INSERT INTO ${schema}.cache_metadata (release_id, source) SELECT n, 'bulk_import' FROM generate_series(1, 20) n;
      ALTER TABLE ${schema}.release DROP COLUMN master_id`);
    await client.end();
    await ensureIndexes({ databaseUrl, schema });
    await checkSchema({ databaseUrl, schema });
    expect(await publish({ databaseUrl, schema })).toMatchObject({ replaced: month === 2 });
    await checkSchema({ databaseUrl });
  }
}

it('an owner who is not a superuser, in a new database', async () => {
  const database = await testDatabase({ owner: 'plain', extensions: false });
  await twoMonths(database.url);
  await database.drop();
});

it('a database whose name needs quoting, and a URL with query parameters', async () => {
  const neighbour = await testDatabase();
  const name = `${neighbour.name} "x"; DROP %41`;
  const url = `${withDatabaseName(neighbour.url, name).split('?')[0]}?sslmode=prefer&application_name=theirs&connect_timeout=20&options=-c%20work_mem%3D8MB`;
  expect(parseDatabaseUrl(url).database).toBe(name);
  expect(await createDatabaseIfMissing(url)).toBe(true);
  await twoMonths(url);
  await neighbour.query(`DROP DATABASE ${quoteIdentifier(name)} WITH (FORCE)`);
  await neighbour.drop();
});

it('a Unix socket', async () => {
  const folder = temporaryFolder();
  const server = await startOwnServer({ folder, socket: true });
  try {
    const { port } = new URL(server.url);
    const directory = encodeURIComponent(join(folder, 'data'));
    const client = await openClient(
      `postgresql:///postgres?host=${directory}&port=${port}&user=postgres`,
    );
    const { rows } = await client.query('SELECT inet_server_addr() AS address');
    await client.end();
    expect(rows).toEqual([{ address: null }]);
    await twoMonths(`postgresql://postgres@${directory}:${port}/postgres`);
  } finally {
    await server.stop();
  }
});
