// The searches of the cache's consumers on an unpruned cache, the worst case: 200 different queries each, against a sequential scan.
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connect, startEmbedded } from '@wxyc/postgres';

export const about = 'fuzzy searches on the whole dump, unpruned: p50 and p95 over 200 different queries, against a sequential scan';

const form = (column) => `lower(f_unaccent(${column}))`;
const like = (column, parameter) => `${form(column)} % ${form(`$${parameter}::text`)}`;
const rank = (column, parameter) => `similarity(${form(column)}, ${form(`$${parameter}::text`)})`;

// `words` fetches rows to misspell, one text for each parameter.
const searches = [
  {
    what: 'album title',
    words: 'SELECT title FROM release WHERE length(title) BETWEEN 8 AND 60',
    sql: `SELECT id, title, ${rank('title', 1)} AS score FROM release WHERE ${like('title', 1)} ORDER BY score DESC LIMIT 10`,
  },
  {
    what: 'artist',
    words: 'SELECT artist_name FROM release_artist WHERE extra = 0 AND length(artist_name) BETWEEN 6 AND 60',
    sql: `SELECT release_id, artist_name, ${rank('artist_name', 1)} AS score FROM release_artist WHERE ${like('artist_name', 1)} AND extra = 0 ORDER BY score DESC LIMIT 10`,
  },
  {
    what: 'artist and title',
    words: 'SELECT a.artist_name, r.title FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0 WHERE length(r.title) BETWEEN 8 AND 60 AND length(a.artist_name) BETWEEN 6 AND 60',
    sql: `SELECT r.id, r.title, a.artist_name FROM release r JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
      WHERE ${like('a.artist_name', 1)} AND ${like('r.title', 2)} ORDER BY ${rank('a.artist_name', 1)} + ${rank('r.title', 2)} DESC LIMIT 10`,
  },
  {
    what: 'track title',
    words: 'SELECT title FROM release_track WHERE length(title) BETWEEN 8 AND 60',
    sql: `SELECT r.id, r.title, t.title AS track, a.artist_name FROM release_track t JOIN release r ON r.id = t.release_id JOIN release_artist a ON a.release_id = r.id AND a.extra = 0
      WHERE ${like('t.title', 1)} ORDER BY ${rank('t.title', 1)} DESC LIMIT 10`,
  },
  {
    what: 'track artist',
    words: 'SELECT artist_name FROM release_track_artist WHERE length(artist_name) BETWEEN 6 AND 60',
    sql: `SELECT release_id, track_sequence, artist_name FROM release_track_artist WHERE ${like('artist_name', 1)} ORDER BY ${rank('artist_name', 1)} DESC LIMIT 10`,
  },
];
// What a consumer may set for its own sessions.
const settings = [
  { name: 'defaults', sql: [] },
  { name: 'threshold 0.5', sql: ['SET pg_trgm.similarity_threshold = 0.5'] },
];

export default async function ({ releases, inputs, folder, measure, row, note }) {
  // Kept between runs: at a million releases the cache takes longer to build than to ask.
  const cache = inputs.keep('unpruned-cache');
  if (!existsSync(`${cache}.ready`)) await build(cache, await inputs.dump({ generation: 'new' }), folder, measure, note);
  inputs.done('unpruned-cache');

  const server = await startEmbedded(cache);
  const sql = await connect(server.url, { max: 1 });
  try {
    const [{ tracks }] = await sql`SELECT count(*) AS tracks FROM release_track`;
    const input = `${releases.toLocaleString('en')} releases, ${Number(tracks).toLocaleString('en')} tracks`;
    for (const { what, words, sql: search } of searches) {
      const queries = (await sql.unsafe(`SELECT * FROM (${words}) AS q ORDER BY md5(q::text) LIMIT 200`)).map((found) => Object.values(found).map(misspell));
      await sql.unsafe('SET enable_indexscan = off; SET enable_bitmapscan = off; SET max_parallel_workers_per_gather = 0');
      // One is enough where each takes minutes.
      const scan = await times(sql, search, queries.slice(0, releases > 200_000 ? 1 : 5));
      await sql.unsafe('RESET ALL');
      row({ what: `${what}: sequential scan`, input, wall: middle(scan) });
      for (const { name, sql: set } of settings) {
        for (const statement of set) await sql.unsafe(statement);
        // Once to fill the cache, as on a server that is in use.
        await times(sql, search, queries.slice(0, 20));
        const taken = await times(sql, search, queries);
        await sql.unsafe('RESET ALL');
        const p95 = taken[Math.floor(taken.length * 0.95)];
        row({ what: `${what}: ${name}`, input, wall: middle(taken), rate: `p95 ${(p95 * 1000).toFixed(0)} ms`, ratio: middle(taken) / middle(scan), against: 'scan' });
      }
    }
  } finally {
    await sql.end();
    await server.stop();
  }
  note('wall is the median of one query, server and client on one machine, one connection, a warm cache.');
}

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
  await bin('vacuum', url);
}

async function times(sql, search, queries) {
  const taken = [];
  for (const parameters of queries) {
    const started = performance.now();
    await sql.unsafe(search, parameters);
    taken.push((performance.now() - started) / 1000);
  }
  return taken.sort((a, b) => a - b);
}

function middle(sorted) {
  return sorted[Math.floor(sorted.length / 2)];
}

/** As somebody types it: lower case, one letter lost. */
function misspell(text) {
  const letters = [...text.toLowerCase()];
  letters.splice(letters.length >> 1, 1);
  return letters.join('');
}
