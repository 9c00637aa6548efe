// A rebuild beside consumers: what their searches take meanwhile, usual and gentle, what that costs the build, and the publication
// of the new cache over one of the same size while they write and read.
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createSchema, publish } from '@wxyc/cache';
import { connect } from '@wxyc/postgres';
import { busyPublish, lockRow } from './database/busy-publish.mjs';
import { csvOf, findServer } from './database/server.mjs';
import { megabytes, sizeOf } from './frame/whole-run.mjs';
import { makeQueries } from './searches/queries.mjs';
import { searches } from './searches/searches.mjs';

export const about =
  'searches over 8 connections while a cache of the same size is built beside, usual and gentle; its publication under 50 writes and 200 reads a second: lock, lost writes, disk';

const schema = 'discogs_next';
const connections = 8;
const searchesPerSecond = 60;
const asked = new Set([
  'exact',
  'other case and accents',
  'one error in one field',
  'article and punctuation changed',
]);

export default async function ({ releases, inputs, folder, measure, row, note }) {
  const csvDir = await csvOf(inputs, releases);
  const server = await findServer(folder);
  const { url } = server;
  const input = `${releases.toLocaleString('en')} releases`;
  try {
    const alone = await build(url, csvDir, measure);
    row({ what: 'build, alone', input: `${input}: ${stepsText(alone)}`, wall: alone.wall });
    await publish({ databaseUrl: url, schema });
    if (releases < 1_000_000) {
      const gentle = await build(url, csvDir, measure, '--gentle');
      row({
        what: 'build --gentle, alone',
        input: stepsText(gentle),
        wall: gentle.wall,
        ratio: gentle.wall / alone.wall,
        against: 'the usual build',
      });
    }
    await besideSearches(url, csvDir, measure, row, note, alone);
    await underLoad(url, folder, row, input);
    note(
      `Server: ${server.what}. ${searchesPerSecond} searches a second over ${connections} connections.`,
    );
  } finally {
    await server.stop();
  }
  note(
    `Load at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}.`,
  );
}

/** From CSV files to a build that could be published, by the bins. */
async function build(url, csvDir, measure, ...flags) {
  await createSchema({ databaseUrl: url, schema, replace: true });
  const steps = [];
  for (const [name, ...args] of [
    ['import', csvDir, url],
    ['index', url],
    ['vacuum', url],
  ]) {
    const from = performance.now();
    const { wall } = await measure([
      'node',
      `packages/${name}/bin/wxyc-${name}.js`,
      ...args,
      '--schema',
      schema,
      ...flags,
    ]);
    steps.push({ name, wall, from, to: performance.now() });
  }
  return { steps, wall: steps.reduce((sum, step) => sum + step.wall, 0) };
}

const stepsText = ({ steps }) =>
  steps.map(({ name, wall }) => `${name} ${wall.toFixed(0)} s`).join(', ');

async function besideSearches(url, csvDir, measure, row, note, alone) {
  const clients = await Promise.all(
    Array.from({ length: connections }, () => connect(url, { max: 1 })),
  );
  try {
    const questions = await allQuestions(clients[0]);
    await ask(clients, questions, 10_000); // warms the cache
    const idle = spread(await ask(clients, questions, 20_000));
    row({ what: 'searches, nothing else', input: counted(idle), wall: idle.p50, rate: rate(idle) });
    for (const [what, ...flags] of [['a build'], ['a build --gentle', '--gentle']]) {
      let ended = false;
      const building = build(url, csvDir, measure, ...flags).finally(() => (ended = true));
      const answers = await ask(clients, questions, Infinity, () => ended);
      const built = await building;
      const during = spread(answers);
      row({
        what: `searches beside ${what}`,
        input: counted(during),
        wall: during.p50,
        rate: rate(during),
        ratio: during.p95 / idle.p95,
        against: 'p95 of nothing else',
        target: '≤ 3',
        ok: during.p95 <= 3 * idle.p95,
      });
      for (const { name, from, to } of built.steps) {
        const then = answers.filter(({ at }) => at >= from && at <= to);
        if (then.length > 0)
          row({
            what: `· during ${name}`,
            input: counted(spread(then)),
            wall: spread(then).p50,
            rate: rate(spread(then)),
            ratio: spread(then).p95 / idle.p95,
          });
      }
      row({
        what: `${what}, beside searches`,
        input: stepsText(built),
        wall: built.wall,
        ratio: built.wall / alone.wall,
        against: 'alone',
      });
    }
  } finally {
    await Promise.all(clients.map((client) => client.end()));
  }
  note(
    'Asked: artists, titles, tracks as they are, in other case, with one error, and with other punctuation.',
  );
}

/** Every kind in turn. */
async function allQuestions(sql) {
  const lists = [];
  for (const { rows, call } of searches) {
    const wanted = (await sql.unsafe(rows)).map((found) => Object.values(found));
    for (const { way, queries } of makeQueries(wanted))
      if (asked.has(way)) lists.push(queries.map(({ asked: values }) => ({ call, values })));
  }
  return Array.from({ length: Math.min(...lists.map(({ length }) => length)) }, (_, at) =>
    lists.map((list) => list[at]),
  ).flat();
}

/** Asks at the given rate until the time is over or `enough`. Late questions are asked at once, none is left out. */
async function ask(clients, questions, milliseconds, enough = () => false) {
  const began = performance.now();
  const answers = [];
  let next = 0;
  await Promise.all(
    clients.map(async (sql) => {
      while (performance.now() - began < milliseconds && !enough()) {
        const due = (next * 1000) / searchesPerSecond - (performance.now() - began);
        if (due > 0) {
          await new Promise((resolve) => setTimeout(resolve, Math.min(due, 50)));
          continue;
        }
        const { call, values } = questions[next++ % questions.length];
        const at = performance.now();
        await sql.unsafe(call, values, { prepare: true });
        answers.push({ at, seconds: (performance.now() - at) / 1000 });
      }
    }),
  );
  return answers;
}

function spread(answers) {
  const seconds = answers.map((answer) => answer.seconds).sort((a, b) => a - b);
  return {
    count: seconds.length,
    p50: seconds[seconds.length >> 1],
    p95: seconds[Math.floor(seconds.length * 0.95)],
    max: seconds.at(-1),
  };
}

const ms = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
const rate = ({ p95, max }) => `p95 ${ms(p95)}, max ${ms(max)}`;
const counted = ({ count }) => `${count.toLocaleString('en')} searches`;

/** The last build replaces the cache while consumers are at work. */
async function underLoad(url, folder, row, input) {
  // Of a server elsewhere nothing is known.
  const embedded = join(folder, 'server');
  let disk = 0;
  const look = () => (disk = Math.max(disk, sizeOf(embedded)));
  const timer = setInterval(look, 500);
  const before = sizeOf(embedded);
  let busy;
  try {
    busy = await busyPublish(url, schema, { perSecond: 50, readsPerSecond: 200, readSeconds: 15 });
  } finally {
    clearInterval(timer);
  }
  const { published, written, lost, read } = busy;
  const { attempts, carried, late, lockSeconds, seconds } = published;
  row({
    what: `publish over as many, under 50 writes and 200 reads a second: ${carried.releases.toLocaleString('en')} carried, ${late} of them under the lock, ${attempts} attempts`,
    input,
    wall: seconds,
  });
  row(lockRow('consumers wait at most', input, lockSeconds));
  row({
    what: `reads meanwhile: ${read.count.toLocaleString('en')}`,
    input,
    rate: `p95 ${ms(read.p95)}, max ${ms(read.max)}`,
  });
  row({
    what: `lost of ${written.toLocaleString('en')} writes: ${lost}`,
    input,
    target: '0',
    ok: lost === 0,
  });
  if (disk > 0)
    row({ what: `disk at most: ${megabytes(disk)}, before ${megabytes(before)}`, input });
}
