/** All steps in a row on databases that differ: names, roles, ways to connect. */
import { existsSync } from 'node:fs';
import { checkSchema, createSchema, publish } from '@wxyc/schema';
import {
  createDatabaseIfMissing,
  openClient,
  parseDatabaseUrl,
  quoteIdentifier,
  withDatabaseName,
} from '@wxyc/postgres';
import { ensureIndexes } from '@wxyc/cache';
import { testDatabase } from '@wxyc/testing';

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
  const database = await testDatabase();
  const [{ directories }] = (await database.query<{ directories: string }>(
    "SELECT current_setting('unix_socket_directories') AS directories",
  )) as [{ directories: string }];
  const { port, user, password } = parseDatabaseUrl(database.url);
  const directory = directories
    .split(',')
    .map((part) => part.trim())
    .find((part) => existsSync(`${part}/.s.PGSQL.${port}`));
  // A server in a container keeps its socket to itself; that run has no socket to test.
  if (directory === undefined) {
    expect(directories === '' || !existsSync(`${directories}/.s.PGSQL.${port}`)).toBe(true);
    return;
  }
  const client = await openClient(
    `postgresql:///${database.name}?host=${encodeURIComponent(directory)}&port=${port}&user=${user}&password=${encodeURIComponent(password ?? '')}`,
  ).catch((error: Error) => error);
  // Who may use the socket is up to the server's pg_hba.conf, which may require another user (peer).
  if (client instanceof Error) {
    expect(client.message).toMatch(/authentication|does not admit this user|asks for a password/i);
    return;
  }
  await client.end();
  await twoMonths(
    `postgresql://${user}:${encodeURIComponent(password ?? '')}@${encodeURIComponent(directory)}:${port}/${database.name}`,
  );
  await database.drop();
});
