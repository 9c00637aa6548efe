// The database steps: import beside \copy, dedup beside copying what stays, indexes beside plain CREATE INDEX, indexes at the
// end beside indexes before dedup, vacuum beside a fresh load, and how long publishing keeps consumers waiting,
// also while they write and somebody reads for long.
import { join } from 'node:path';
import { createSchema, ensureIndexes, publish } from '@wxyc/cache';
import { tablesOf } from '@wxyc/dataset';
import { dedup } from '@wxyc/dedup';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { openClient } from '@wxyc/postgres';
import { vacuum } from '@wxyc/vacuum';
import { match, prune } from '@wxyc/verify';
import { busyPublish, lockRow } from './database/busy-publish.mjs';
import { hasPsql, loadBesideCopy } from './database/load.mjs';
import { csvOf, findServer } from './database/server.mjs';

const tables = tablesOf('lean');

export const about =
  'import against \\copy; dedup against copying what stays; indexes against plain CREATE INDEX; indexes once at the end against indexes before dedup; size after vacuum; lock while publishing, also under consumers that write and behind a long reader';

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
    await stepsBesideSql(bench, server.url, csvDir, library.db, input);
    await twoOrders(bench, server.url, csvDir, library.db, input);
    // A case that once lost data: 46,000 URLs on 300,000 releases.
    const published = releases < 100_000 ? target : Math.max(target, 300_000);
    await publishLock(
      bench,
      server.url,
      await csvOf(inputs, releases, published),
      `${published.toLocaleString('en')} releases`,
    );
    note(
      `Server: ${server.what}. Seconds of CPU and memory are those of this process, without the server.`,
    );
    if (target > releases)
      note(
        `The load is measured on ${input}: the CSV files of ${releases.toLocaleString('en')}, repeated under further ids.`,
      );
    void row;
  } finally {
    await server.stop();
  }
}

async function importBesideCopy({ folder, row }, databaseUrl, csvDir, input) {
  const { mine, theirs, ratio } = await loadBesideCopy(databaseUrl, schema, csvDir, folder, 3);
  const rows = mine.value.written;
  row({
    what: `${hasPsql() ? 'psql \\copy' : 'COPY CSV'}, clean rows`,
    input: `${rows.toLocaleString('en')} rows`,
    wall: theirs.wall,
    rate: `${Math.round(rows / theirs.wall).toLocaleString('en')}/s`,
  });
  row({
    what: 'import',
    input: `${input}, ${mine.value.read.toLocaleString('en')} rows`,
    wall: mine.wall,
    cpu: mine.cpu,
    memory: mine.memory,
    rate: `${Math.round(rows / mine.wall).toLocaleString('en')}/s`,
    ratio,
    against: '\\copy',
    target: '≤ 1.2',
    ok: ratio <= 1.2,
  });
  row({
    what: 'memory of import',
    memory: mine.memory,
    target: '≤ 300 MB',
    ok: mine.memory <= 300 * 2 ** 20,
  });
}

async function twoOrders({ folder, measureFunction, row }, databaseUrl, csvDir, libraryDb, input) {
  const options = { databaseUrl, schema };
  const rejectsFile = join(folder, 'rejects.csv');
  const base = () => importCsv({ ...options, csvDir, mode: 'base', rejectsFile });
  const tracks = () => importCsv({ ...options, csvDir, mode: 'tracks', rejectsFile });
  const early = await measureFunction(async () => {
    await createSchema({ ...options, replace: true });
    await base();
    await ensureIndexes({ ...options, tables: 'base' });
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
  row({
    what: 'CSVs to cache, indexes at the end',
    input,
    wall: late.wall,
    cpu: late.cpu,
    ratio,
    against: 'before dedup',
    target: '≤ 0.5',
    ok: ratio <= 0.5,
  });
  const growth = Math.abs(early.value.bytesAfter / late.value.bytesAfter - 1);
  row({
    what: 'size after vacuum, against a fresh build',
    input,
    ratio: early.value.bytesAfter / late.value.bytesAfter,
    against: 'fresh',
    target: '± 5 %',
    ok: growth <= 0.05,
  });
  row({
    what: `tables rewritten after a fresh build: ${late.value.rewritten.length}`,
    target: '0',
    ok: late.value.rewritten.length === 0,
  });
}

/** The least that dedup and index need: writing the remaining rows once, and building their indexes one after the other. */
async function stepsBesideSql(
  { folder, measureFunction, row },
  databaseUrl,
  csvDir,
  libraryDb,
  input,
) {
  const options = { databaseUrl, schema };
  const rejectsFile = join(folder, 'rejects.csv');
  const client = await openClient(databaseUrl);
  const copy = (name) => client.query(`CREATE TABLE yardstick.${name} AS TABLE ${schema}.${name}`);
  try {
    await createSchema({ ...options, replace: true });
    await importCsv({ ...options, csvDir, mode: 'base', rejectsFile });
    await match({ ...options, libraryDb });
    const deduped = await measureFunction(() => dedup({ ...options, libraryDb }));
    await client.query('CREATE SCHEMA yardstick');
    const base = await measureFunction(async () => {
      for (const name of ['release', 'release_artist', 'release_label']) await copy(name);
    });
    await importCsv({ ...options, csvDir, mode: 'tracks', rejectsFile });
    for (const name of ['release_track', 'release_track_artist', 'cache_metadata'])
      await copy(name);
    const indexed = await measureFunction(() => buildIndexes(options));
    const indexes = (
      await client.query(
        `SELECT indexdef FROM pg_indexes WHERE schemaname = '${schema}' AND tablename = ANY($1) ORDER BY indexname`,
        [tables.map(({ name }) => name)],
      )
    ).rows;
    const plain = await measureFunction(async () => {
      for (const { indexdef } of indexes)
        await client.query(indexdef.replace(` ON ${schema}.`, ' ON yardstick.'));
    });
    await client.query('DROP SCHEMA yardstick CASCADE');
    row({ what: 'CREATE TABLE AS, rows without further pressings', input, wall: base.wall });
    row({
      what: 'dedup',
      input,
      wall: deduped.wall,
      cpu: deduped.cpu,
      ratio: deduped.wall / base.wall,
      against: 'CREATE TABLE AS',
    });
    row({
      what: 'plain CREATE INDEX, one after the other',
      input: 'rows without further pressings',
      wall: plain.wall,
    });
    row({
      what: 'index, with keys and foreign keys',
      input: 'rows without further pressings',
      wall: indexed.wall,
      cpu: indexed.cpu,
      ratio: indexed.wall / plain.wall,
      against: 'plain',
    });
  } finally {
    await client.end();
  }
}

/** A month later: the whole cache replaced, with artwork URLs that only consumers know, spread over the old one. */
async function publishLock({ folder, measureFunction, row }, databaseUrl, csvDir, input) {
  const build = async () => {
    await createSchema({ databaseUrl, schema, replace: true });
    await importCsv({ databaseUrl, schema, csvDir, rejectsFile: join(folder, 'rejects.csv') });
    await buildIndexes({ databaseUrl, schema });
    await vacuum({ databaseUrl, schema });
  };
  await build();
  await publish({ databaseUrl, schema });
  const client = await openClient(databaseUrl);
  await client.query(
    "UPDATE public.release SET artwork_url = 'https://img/' || id WHERE id IN (SELECT id FROM public.release ORDER BY md5(id::text) LIMIT 46000)",
  );
  const built = await measureFunction(build);
  const began = performance.now();
  const { lockSeconds, carried } = await publish({ databaseUrl, schema });
  const wall = (performance.now() - began) / 1000;
  await client.end();
  row({
    what: `publish, ${carried.artwork.toLocaleString('en')} artwork URLs carried over`,
    input,
    wall,
    ratio: wall / built.wall,
    against: 'the build',
  });
  row(lockRow('consumers wait at most', input, lockSeconds));
  await build();
  const busy = await busyPublish(databaseUrl, schema, { perSecond: 50, readSeconds: 60 });
  const { carried: brought, late, lockSeconds: busyLock } = busy.published;
  row(
    lockRow(
      `the same, while they write ${busy.written} releases, 50 a second, and somebody reads for 60 s: ${brought.releases} carried, ${late} of them under the lock`,
      input,
      busyLock,
    ),
  );
}
