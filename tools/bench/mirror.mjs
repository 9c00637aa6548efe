// A full mirror: every release of the dump, no library. Import beside \copy, indexes beside plain CREATE INDEX, what a second
// connection brings, whether unlogged tables pay, and how each grows from a tenth of this scale to all of it.
import { loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { createSchema, dropSecondary } from '@wxyc/cache';
import { importCsv } from '@wxyc/import';
import { buildIndexes } from '@wxyc/index';
import { openClient } from '@wxyc/postgres';
import { copyAll, emptied, loadBesideCopy, taken } from './database/load.mjs';
import { csvOf, findServer } from './database/server.mjs';
import { at, line } from './frame/fit.mjs';
import { makeInputs, scales } from './frame/inputs.mjs';
import { megabytes } from './frame/whole-run.mjs';

export const about =
  'every release, no library: import against \\copy, indexes against plain CREATE INDEX, one connection against two, unlogged tables; growth from a tenth of this scale, and a month by extrapolation';

const schema = 'discogs_next';

export default async function ({ scale, releases, inputs, folder, measureFunction, row, note }) {
  const smaller = Object.entries(scales).find(([, count]) => count === releases / 10);
  const sizes = [
    ...(smaller ? [[smaller[1], makeInputs(dirname(folder), smaller[0])]] : []),
    [releases, inputs],
  ];
  const server = await findServer(folder);
  const runs = [];
  try {
    for (const [count, made] of sizes) {
      const csvDir = await csvOf(made, count);
      const input = `${count.toLocaleString('en')} releases`;
      const emit = (what, { allCpu, serverMemory, wal, ...took }, more = {}) => {
        runs.push({ what, count, seconds: allCpu });
        row({
          what,
          input: `${input}${wal > 1e6 ? `, WAL ${megabytes(wal)}` : ''}${serverMemory ? `, server ${megabytes(serverMemory)}` : ''}`,
          wall: took.wall,
          cpu: allCpu,
          memory: took.memory,
          ...more,
        });
      };
      await oneSize({ url: server.url, csvDir, folder, measureFunction, emit, row, count, input });
    }
    note(
      `Server: ${server.what}. CPU is that of client and server together; memory is the client's, and "server" the most that one of its processes had for itself.`,
    );
  } finally {
    await server.stop();
  }
  growth(runs, sizes, row);
  note(
    `Load at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')} (${scale}).`,
  );
}

async function oneSize({ url, csvDir, folder, measureFunction, emit, row, count, input }) {
  const rounds = count >= scales['1m'] ? 1 : 3;
  const { mine, theirs, ratio, files } = await loadBesideCopy(url, schema, csvDir, folder, rounds);
  const client = await openClient(url);
  try {
    emit('psql \\copy, one after the other', theirs);
    emit('import', mine, {
      rate: `${Math.round(mine.value.written / mine.wall).toLocaleString('en')} rows/s`,
      ratio,
      against: '\\copy',
      target: '≤ 1.2',
      ok: ratio <= 1.2,
    });
    row({
      what: 'import: processor time',
      input,
      ratio: mine.allCpu / theirs.allCpu,
      against: '\\copy',
    });
    await copiesOtherwise(client, url, files, emit, theirs);
    await importCsv({ csvDir, databaseUrl: url, schema, rejectsFile: join(folder, 'rejects.csv') });
    await indexes(client, url, measureFunction, emit, row, input);
    await createSchema({ databaseUrl: url, schema, replace: true });
  } finally {
    await client.end();
  }
}

/** \copy over two connections, and into tables that are logged only afterwards. */
async function copiesOtherwise(client, url, files, emit, theirs) {
  const tracks = ['release_track'];
  const others = [...files.keys()].filter((name) => !tracks.includes(name));
  await emptied(client, schema, files);
  const both = await taken(client, async () => {
    const began = performance.now();
    const parts = await Promise.all(
      [tracks, others].map((only) => copyAll(url, schema, files, only)),
    );
    return { wall: (performance.now() - began) / 1000, cpu: parts[0].cpu + parts[1].cpu };
  });
  emit('psql \\copy, tracks beside the others', both, {
    ratio: both.wall / theirs.wall,
    against: 'one after the other',
  });
  await emptied(client, schema, files);
  const set = async (how) => {
    for (const name of files.keys()) await client.query(`ALTER TABLE ${schema}.${name} SET ${how}`);
  };
  await set('UNLOGGED');
  const unlogged = await taken(client, () => copyAll(url, schema, files));
  const logged = await taken(client, async () => {
    const began = performance.now();
    await set('LOGGED');
    return { wall: (performance.now() - began) / 1000 };
  });
  emit('psql \\copy into unlogged tables', unlogged, {
    ratio: unlogged.wall / theirs.wall,
    against: 'logged',
  });
  emit('… and SET LOGGED', logged, {
    ratio: (unlogged.wall + logged.wall) / theirs.wall,
    against: 'logged, with the copy',
  });
  await emptied(client, schema, files);
}

async function indexes(client, url, measureFunction, emit, row, input) {
  const sizeOf = async () =>
    (await client.query('SELECT pg_database_size(current_database())::float8 AS size')).rows[0]
      .size;
  const tables = await sizeOf();
  const built = (options) =>
    taken(client, () =>
      measureFunction(() => buildIndexes({ databaseUrl: url, schema, ...options })),
    );
  const mine = await built({});
  const all = await sizeOf();
  const { rows } = await client.query(
    'SELECT i.relname AS name, pg_get_indexdef(i.oid) AS definition, pg_relation_size(i.oid)::float8 AS bytes FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid WHERE i.relnamespace = $1::regnamespace AND i.relname = ANY ($2) ORDER BY 3 DESC',
    [schema, mine.value.built],
  );
  await dropSecondary(client, schema);
  const each = [];
  const plain = await taken(client, () =>
    measureFunction(async () => {
      for (const { name, definition, bytes } of rows) {
        const began = performance.now();
        await client.query(definition);
        each.push({ name, bytes, wall: (performance.now() - began) / 1000 });
      }
    }),
  );
  await dropSecondary(client, schema);
  const one = await built({ jobs: 1 });
  emit('plain CREATE INDEX, one after the other', plain);
  emit('index, with keys and foreign keys', mine, {
    ratio: mine.wall / plain.wall,
    against: 'plain',
  });
  emit('index --jobs 1', one, { ratio: one.wall / plain.wall, against: 'plain' });
  for (const { name, bytes, wall } of each.filter((index) => index.wall > 0.05 * plain.wall))
    row({ what: `· ${name}`, input: `${input}, ${megabytes(bytes)}`, wall });
  row({
    what: 'database: tables; with indexes',
    input: `${input}: ${megabytes(tables)}; ${megabytes(all)}`,
  });
}

/** Processor time, which other work on the machine stretches less than the clock. */
function growth(runs, sizes, row) {
  if (sizes.length < 2) return;
  const [small, large] = sizes.map(([count]) => count);
  for (const { what, seconds } of runs.filter(({ count }) => count === small)) {
    const then = runs.find((run) => run.what === what && run.count === large);
    if (!then) continue;
    row({
      what: `${what}: growth of its processor time`,
      input: `${scales.month.toLocaleString('en')} releases: ${Math.round(
        at(
          line([
            [small, seconds],
            [large, then.seconds],
          ]),
          scales.month,
        ),
      )} s`,
      ratio: then.seconds / seconds / (large / small),
      against: 'the rows',
    });
  }
}
