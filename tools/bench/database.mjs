// The database steps: import beside \copy, indexes at the end beside indexes before dedup, vacuum beside a fresh load, and
// how long publishing keeps consumers waiting.
import { execFileSync } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { buildIndexes as buildIndexGroup, createSchema, publish } from '@wxyc/cache';
import { tables } from '@wxyc/dataset';
import { dedup } from '@wxyc/dedup';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { copyIn, copyOut, openClient, startEmbedded, withDatabaseName } from '@wxyc/postgres';
import { vacuum } from '@wxyc/vacuum';
import { match, prune } from '@wxyc/verify';
import { grownCsv } from './database/grown-csv.mjs';

export const about = 'import against \\copy; indexes once at the end against indexes before dedup; size after vacuum; lock while publishing';

const schema = 'discogs_next';

export default async function (bench) {
  const { releases, inputs, folder, note, row } = bench;
  const target = Math.max(releases, 100_000);
  const csvDir = await csvOf(inputs, releases, target);
  const library = await inputs.library();
  const server = await findServer(folder);
  try {
    const input = `${target.toLocaleString('en')} releases`;
    await importBesideCopy(bench, server.url, csvDir, input);
    await twoOrders(bench, server.url, csvDir, library.db, input);
    await publishLock(bench, server.url, csvDir, input);
    note(`Server: ${server.what}. Seconds of CPU and memory are those of this process, without the server.`);
    if (target > releases) note(`The load is measured on ${input}: the CSV files of ${releases.toLocaleString('en')}, repeated under further ids.`);
    void row;
  } finally {
    await server.stop();
  }
}

/** DATABASE_URL_TEST's server if it is set, else the embedded one; a database of our own on it. */
async function findServer(folder) {
  const given = process.env.DATABASE_URL_TEST;
  const server = given ? { url: given, stop: () => undefined } : await startEmbedded(join(folder, 'server'));
  const name = `wxyc_bench_${process.pid}`;
  const admin = await openClient(server.url);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const { rows } = await admin.query("SELECT current_setting('server_version') AS version");
  await admin.end();
  return {
    url: withDatabaseName(server.url, name),
    what: `PostgreSQL ${rows[0].version}, ${given ? 'DATABASE_URL_TEST' : 'embedded'}`,
    stop: async () => {
      const client = await openClient(server.url);
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
      await server.stop();
    },
  };
}

async function csvOf(inputs, releases, target) {
  const directory = inputs.keep('database-csv');
  if (!existsSync(`${directory}.ready`)) {
    const dump = await inputs.dump({ generation: 'new' });
    execFileSync(process.execPath, ['packages/convert/bin/wxyc-convert.js', dump, '--output', directory, '--log-level', 'error'], { stdio: ['ignore', 'ignore', 'inherit'] });
    inputs.done('database-csv');
  }
  return target === releases ? directory : grownCsv(directory, inputs.keep('database-csv-grown'), target / releases);
}

/** `psql \copy` where there is a psql, else the same COPY through the driver. */
async function copyAll(url, files) {
  if (hasPsql()) {
    const statements = [...files].flatMap(([name, { path, columns }]) => ['-c', `\\copy ${schema}.${name} (${columns}) from '${path}' csv`]);
    execFileSync('psql', [url, '-q', '-v', 'ON_ERROR_STOP=1', ...statements], { stdio: ['ignore', 'ignore', 'inherit'] });
    return;
  }
  const client = await openClient(url);
  for (const [name, { path, columns }] of files) await copyIn(client, `COPY ${schema}.${name} (${columns}) FROM STDIN CSV`, createReadStream(path));
  await client.end();
}

function hasPsql() {
  try {
    return Boolean(execFileSync('psql', ['--version']));
  } catch {
    return false;
  }
}

async function importBesideCopy({ folder, measureFunction, row }, databaseUrl, csvDir, input) {
  await createSchema({ databaseUrl, schema, replace: true });
  const load = () => importCsv({ csvDir, databaseUrl, schema, rejectsFile: join(folder, 'rejects.csv') });
  await load(); // compiles the code, warms the file cache
  const files = await cleanRows(databaseUrl, folder);
  const client = await openClient(databaseUrl);
  const runs = [];
  for (let round = 0; round < 3; round++) {
    const mine = await measureFunction(load);
    for (const name of files.keys()) await client.query(`TRUNCATE ${schema}.${name}`);
    await client.query('CHECKPOINT').catch(() => undefined);
    const theirs = await measureFunction(() => copyAll(databaseUrl, files));
    runs.push({ mine, theirs, ratio: mine.wall / theirs.wall });
    await client.query('CHECKPOINT').catch(() => undefined);
  }
  await client.end();
  const { mine, theirs, ratio } = runs.sort((a, b) => a.ratio - b.ratio)[1];
  const rows = mine.value.written;
  row({ what: `${hasPsql() ? 'psql \\copy' : 'COPY CSV'}, clean rows`, input: `${rows.toLocaleString('en')} rows`, wall: theirs.wall, rate: `${Math.round(rows / theirs.wall).toLocaleString('en')}/s` });
  row({ what: 'import', input: `${input}, ${mine.value.read.toLocaleString('en')} rows`, wall: mine.wall, cpu: mine.cpu, memory: mine.memory, rate: `${Math.round(rows / mine.wall).toLocaleString('en')}/s`, ratio, against: '\\copy', target: '≤ 1.3', ok: ratio <= 1.3 });
  row({ what: 'memory of import', memory: mine.memory, target: '≤ 300 MB', ok: mine.memory <= 300 * 2 ** 20 });
}

/** The rows that import loaded, as plain CSV. */
async function cleanRows(databaseUrl, folder) {
  const client = await openClient(databaseUrl);
  const files = new Map();
  for (const { name, columns } of tables) {
    const list = columns.map((column) => column.name).join(', ');
    const path = join(folder, `${name}.csv`);
    await copyOut(client, `COPY (SELECT ${list} FROM ${schema}.${name}) TO STDOUT CSV`, createWriteStream(path));
    files.set(name, { path, columns: list });
  }
  await client.end();
  return files;
}

async function twoOrders({ folder, measureFunction, row }, databaseUrl, csvDir, libraryDb, input) {
  const options = { databaseUrl, schema };
  const rejectsFile = join(folder, 'rejects.csv');
  const base = () => importCsv({ ...options, csvDir, mode: 'base', rejectsFile });
  const tracks = () => importCsv({ ...options, csvDir, mode: 'tracks', rejectsFile });
  const early = await measureFunction(async () => {
    await createSchema({ ...options, replace: true });
    await base();
    await buildIndexGroup({ ...options, tables: 'base' });
    await dedup({ ...options, libraryDb });
    await tracks();
    await buildIndexes(options);
    await prune({ ...options, libraryDb });
    return vacuum(options);
  });
  const late = await measureFunction(async () => {
    await createSchema({ ...options, replace: true });
    await base();
    await match({ ...options, libraryDb });
    await dedup({ ...options, libraryDb });
    await tracks();
    await prune({ ...options, libraryDb });
    await buildIndexes(options);
    return vacuum(options);
  });
  const ratio = late.wall / early.wall;
  row({ what: 'CSVs to cache, indexes before dedup', input, wall: early.wall, cpu: early.cpu });
  row({ what: 'CSVs to cache, indexes at the end', input, wall: late.wall, cpu: late.cpu, ratio, against: 'before dedup', target: '≤ 0.5', ok: ratio <= 0.5 });
  const growth = Math.abs(early.value.bytesAfter / late.value.bytesAfter - 1);
  row({ what: 'size after vacuum, against a fresh build', input, ratio: early.value.bytesAfter / late.value.bytesAfter, against: 'fresh', target: '± 5 %', ok: growth <= 0.05 });
  row({ what: `tables rewritten after a fresh build: ${late.value.rewritten.length}`, target: '0', ok: late.value.rewritten.length === 0 });
}

/** A month later: the whole cache replaced, 15 % of the old releases with an artwork URL that only consumers know. */
async function publishLock({ folder, row }, databaseUrl, csvDir, input) {
  const build = async () => {
    await createSchema({ databaseUrl, schema, replace: true });
    await importCsv({ databaseUrl, schema, csvDir, rejectsFile: join(folder, 'rejects.csv') });
    await dedup({ databaseUrl, schema });
    await buildIndexes({ databaseUrl, schema });
    await vacuum({ databaseUrl, schema });
  };
  await build();
  await publish({ databaseUrl, schema });
  const client = await openClient(databaseUrl);
  await client.query("UPDATE public.release SET artwork_url = 'https://img/' || id WHERE id % 20 < 3");
  await build();
  const began = performance.now();
  const { lockSeconds, carried } = await publish({ databaseUrl, schema });
  const wall = (performance.now() - began) / 1000;
  await client.end();
  row({ what: `publish, ${carried.artwork.toLocaleString('en')} artwork URLs carried over`, input, wall });
  row({ what: 'consumers wait at most', input, wall: lockSeconds, target: '≤ 1 s', ok: lockSeconds <= 1 });
}
