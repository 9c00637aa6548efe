// Import beside `psql \copy` of the rows that it loads.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createSchema } from '@wxyc/cache';
import { tablesOf } from '@wxyc/dataset';
import { importCsv } from '@wxyc/import';
import { copyIn, copyOut, openClient } from '@wxyc/postgres';
import { measure, measureFunction } from '../frame/measure.mjs';
import { serverUse } from './server.mjs';

const tables = tablesOf('lean');

/**
 * Imports the CSV files, and copies the same rows by `psql \copy`, in turns.
 *
 * @returns the round in the middle: what either took, and `files`, the rows as plain CSV.
 */
export async function loadBesideCopy(databaseUrl, schema, csvDir, folder, rounds) {
  await createSchema({ databaseUrl, schema, replace: true });
  const load = () =>
    importCsv({ csvDir, databaseUrl, schema, rejectsFile: join(folder, 'rejects.csv') });
  await load(); // compiles the code, warms the file cache
  const files = await cleanRows(databaseUrl, schema, folder);
  const client = await openClient(databaseUrl);
  const runs = [];
  for (let round = 0; round < rounds; round++) {
    const mine = await taken(client, () => measureFunction(load));
    await emptied(client, schema, files);
    const theirs = await taken(client, () => copyAll(databaseUrl, schema, files));
    runs.push({ mine, theirs, ratio: mine.wall / theirs.wall, files });
    await client.query('CHECKPOINT').catch(() => undefined);
  }
  await client.end();
  return runs.sort((a, b) => a.ratio - b.ratio)[rounds >> 1];
}

/** What the server took beside what the client did. */
export async function taken(client, work) {
  const { value, ...server } = await serverUse(client, work);
  return { ...value, ...server, allCpu: (value.cpu ?? 0) + server.serverCpu };
}

export async function emptied(client, schema, files) {
  for (const name of files.keys()) await client.query(`TRUNCATE ${schema}.${name}`);
  await client.query('CHECKPOINT').catch(() => undefined);
}

/** `psql \copy` where there is a psql, else the same COPY through the driver. `only`: names of the tables. */
export function copyAll(url, schema, files, only = [...files.keys()]) {
  const wanted = only.map((name) => ({ name, ...files.get(name) }));
  if (hasPsql())
    return measure([
      'psql',
      url,
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      ...wanted.flatMap(({ name, path, columns }) => [
        '-c',
        `\\copy ${schema}.${name} (${columns}) from '${path}' csv`,
      ]),
    ]);
  return measureFunction(async () => {
    const client = await openClient(url);
    for (const { name, path, columns } of wanted)
      await copyIn(
        client,
        `COPY ${schema}.${name} (${columns}) FROM STDIN CSV`,
        createReadStream(path),
      );
    await client.end();
  });
}

export function hasPsql() {
  try {
    return Boolean(execFileSync('psql', ['--version']));
  } catch {
    return false;
  }
}

/** The rows that import loaded, as plain CSV. */
async function cleanRows(databaseUrl, schema, folder) {
  const client = await openClient(databaseUrl);
  const files = new Map();
  for (const { name, columns } of tables) {
    const list = columns.map((column) => column.name).join(', ');
    const path = join(folder, `${name}.csv`);
    await copyOut(
      client,
      `COPY (SELECT ${list} FROM ${schema}.${name}) TO STDOUT CSV`,
      createWriteStream(path),
    );
    files.set(name, { path, columns: list });
  }
  await client.end();
  return files;
}
