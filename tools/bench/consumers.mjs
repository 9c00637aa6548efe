// The consumers' searches on an unpruned cache, the worst case: the functions, beside today's statement.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { connect, openClient, startEmbedded } from '@wxyc/postgres';
import { makeQueries, placeOfRight } from './searches/queries.mjs';
import { searches } from './searches/searches.mjs';

export const about =
  'searches on the whole dump, unpruned: p50, p95, max and recall over 200 questions of each kind, beside the documented statement';

export default async function ({ releases, inputs, folder, measure, row, note }) {
  // Kept between runs: at a million releases the cache takes longer to build than to query.
  const cache = inputs.keep('searched-cache');
  if (!existsSync(`${cache}.ready`))
    await build(cache, await inputs.dump({ generation: 'new' }), folder, measure, note);
  inputs.done('searched-cache');

  const server = await startEmbedded(cache);
  const sql = await connect(server.url, { max: 1 });
  try {
    await indexCost(sql, row, releases <= 100_000);
    const [{ tracks }] = await sql`SELECT count(*) AS tracks FROM release_track`;
    const pid = await backend(sql);
    note(
      `${releases.toLocaleString('en')} releases, ${Number(tracks).toLocaleString('en')} tracks; recall is the share of questions whose answer stands first, and among the first five`,
    );
    const small = releases <= 100_000;
    for (const { what, rows, call, today, target } of searches) {
      const wanted = (await sql.unsafe(rows)).map((found) => Object.values(found));
      for (const { way, queries } of makeQueries(wanted)) {
        // Once to warm the cache, as on a server in use.
        await ask([sql], call, queries);
        const functions = await ask([sql], call, queries, pid);
        // The statement takes a second at a million releases: fewer queries are enough.
        const statement = await ask([sql], today, queries.slice(0, small ? 60 : 5));
        const limit = small
          ? 10
          : way === 'exact'
            ? target.exact
            : /error/.test(way)
              ? target.error
              : undefined;
        row({
          what: `${what}: ${way}`,
          input: recall(functions),
          wall: functions.p50,
          rate: `p95 ${ms(functions.p95)}, max ${ms(functions.max)}${processorTime(functions)}`,
          ratio: functions.p50 / statement.p50,
          against: `today (p50 ${ms(statement.p50)}, p95 ${ms(statement.p95)}, ${recall(statement)})`,
          ...(limit === undefined
            ? {}
            : { target: `p95 ≤ ${limit} ms`, ok: functions.p95 * 1000 <= limit }),
        });
        const share = way === 'exact' ? 0.99 : way === 'one error in each field' ? 0.97 : undefined;
        if (share !== undefined)
          row({
            what: `${what}: ${way}, recall`,
            input: recall(functions),
            target: `≥ ${share * 100} % in five`,
            ok: functions.five >= share,
          });
      }
    }
    const clients = await Promise.all(
      Array.from({ length: 8 }, () => connect(server.url, { max: 1 })),
    );
    const { call, rows } = searches[0];
    const { queries } = makeQueries(
      (await sql.unsafe(rows)).map((found) => Object.values(found)),
    ).find(({ way }) => way === 'one error in each field');
    const together = await ask(clients, call, queries);
    row({
      what: 'artist and title: one error in each field, 8 connections',
      input: recall(together),
      wall: together.p50,
      rate: `p95 ${ms(together.p95)}, max ${ms(together.max)}`,
    });
    await Promise.all(clients.map((client) => client.end()));
  } finally {
    await sql.end();
    await server.stop();
  }
  note(
    'wall is the median of one question, server and client on one machine, a warm cache, one connection but for the last row; CPU is what the server took of it, which other work on the machine makes no longer.',
  );
  note(
    `load of the machine at the end: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  );
}

/** The server process of a connection, where it can be observed. */
async function backend(sql) {
  const [{ pid }] = await sql`SELECT pg_backend_pid() AS pid`;
  return existsSync(`/proc/${pid}/schedstat`) ? pid : undefined;
}

/** Seconds that a process has spent on a processor: to the nanosecond; the process's other files count clock ticks. */
const secondsOf = (pid) =>
  Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e9;

/** What the functions' indexes cost beside the others: their size, and the time to build each once more, which at a million releases takes as long as the cache did. */
async function indexCost(sql, row, build) {
  const indexes = await sql`
    SELECT i.relname AS name, pg_relation_size(i.oid)::float8 AS bytes, pg_get_indexdef(i.oid) AS definition
      FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid WHERE c.relnamespace = 'public'::regnamespace`;
  // One process each, so that its time can be measured.
  await sql`SET maintenance_work_mem = '512MB'`;
  await sql`SET max_parallel_maintenance_workers = 0`;
  const pid = await backend(sql);
  const clock = pid ? () => secondsOf(pid) : () => performance.now() / 1000;
  const sums = { search: { bytes: 0, seconds: 0 }, other: { bytes: 0, seconds: 0 } };
  for (const { name, bytes, definition } of indexes) {
    const sum = name.endsWith('_search') ? sums.search : sums.other;
    sum.bytes += bytes;
    if (!build) continue;
    const started = clock();
    await sql.unsafe(definition.replace(/INDEX \S+ ON/, 'INDEX built_again ON'));
    sum.seconds += clock() - started;
    await sql.unsafe('DROP INDEX built_again');
  }
  const size = sums.search.bytes / sums.other.bytes;
  const time = sums.search.seconds / sums.other.seconds;
  row({
    what: 'indexes of the functions: size',
    input: `${(sums.search.bytes / 2 ** 20).toFixed(0)} MB`,
    ratio: size,
    against: 'the others',
    target: '≤ 0.25',
    ok: size <= 0.25,
  });
  if (build)
    row({
      what: 'indexes of the functions: build',
      ...(pid ? { cpu: sums.search.seconds } : { wall: sums.search.seconds }),
      ratio: time,
      against: 'the others',
      target: '≤ 0.25',
      ok: time <= 0.25,
    });
}

/** Spreads the queries over the connections; each takes the next one as soon as it has its answer. */
async function ask(connections, text, queries, pid) {
  const taken = [];
  const processor = [];
  let next = 0;
  let first = 0;
  let five = 0;
  let rated = 0;
  await Promise.all(
    connections.map(async (sql) => {
      while (next < queries.length) {
        const { asked, right } = queries[next++];
        const before = pid && secondsOf(pid);
        const started = performance.now();
        const answers = await sql.unsafe(text, asked, { prepare: true });
        taken.push((performance.now() - started) / 1000);
        if (pid) processor.push(secondsOf(pid) - before);
        if (!right) continue;
        rated += 1;
        const place = placeOfRight(
          answers.map((answer) => Object.values(answer)),
          right,
        );
        if (place === 1) first += 1;
        if (place !== undefined && place <= 5) five += 1;
      }
    }),
  );
  return {
    ...spread(taken),
    processor: processor.length ? spread(processor) : undefined,
    first: rated ? first / rated : undefined,
    five: rated ? five / rated : undefined,
  };
}

function spread(seconds) {
  seconds.sort((a, b) => a - b);
  return {
    p50: seconds[seconds.length >> 1],
    p95: seconds[Math.floor(seconds.length * 0.95)],
    max: seconds.at(-1),
  };
}

const processorTime = ({ processor }) =>
  processor ? `, CPU ${ms(processor.p50)}, p95 ${ms(processor.p95)}` : '';
const ms = (seconds) => `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
const recall = ({ first, five }) =>
  five === undefined ? '' : `${(first * 100).toFixed(0)}, ${(five * 100).toFixed(0)} %`;

async function build(cache, dump, folder, measure, note) {
  rmSync(cache, { recursive: true, force: true });
  note('building the unpruned cache');
  const csv = join(folder, 'csv');
  const url = `embedded:${cache}`;
  const bin = (name, ...args) => measure(['node', `packages/${name}/bin/wxyc-${name}.js`, ...args]);
  await bin('convert', dump, '--output', csv, '--clean-newlines');
  await bin('schema', 'create', url);
  await bin('import', csv, url);
  await bin('index', url);
  // Real titles end at some hundred letters; the sample's titles of 6,000, which exist to overflow keys, would cost every trigram search a millisecond each.
  const server = await startEmbedded(cache);
  const client = await openClient(server.url);
  await client.query(
    'DELETE FROM release_artist WHERE length(artist_name) > 1000; DELETE FROM release WHERE length(title) > 1000',
  );
  await client.end();
  await server.stop();
  await bin('vacuum', url);
}
