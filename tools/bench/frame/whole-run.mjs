// A whole run into an embedded server, and what it took.
import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openClient, startEmbedded } from '@wxyc/postgres';

/** How often the disk is sampled. */
const lookMs = 500;

/**
 * @param {{ dump: string, library: string, folder: string, measure: Function, profile?: string }} options `folder` is removed afterwards.
 * @returns what `measure` gives, and `disk` (peak), `database`, `wal` and `xml` in bytes, `steps`: seconds by step, `kept`: releases.
 */
export async function wholeRun({ dump, library, folder, measure, profile = 'lean' }) {
  const cache = join(folder, 'cache');
  const report = join(folder, 'report.json');
  const before = await ask(cache, 'SELECT pg_current_wal_insert_lsn() AS lsn');
  const empty = sizeOf(folder);
  let disk = 0;
  const timer = setInterval(() => (disk = Math.max(disk, sizeOf(folder) - empty)), lookMs);
  let run;
  try {
    run = await measure([
      'node',
      'packages/pipeline/bin/wxyc-pipeline.js',
      '--xml',
      dump,
      '--library-db',
      library,
      '--database-url',
      `embedded:${cache}`,
      '--state-file',
      join(folder, 'state.json'),
      '--report',
      report,
      '--profile',
      profile,
    ]);
  } finally {
    clearInterval(timer);
  }
  const after = await ask(
    cache,
    `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${before.lsn}')::float8 AS wal, pg_database_size(current_database())::float8 AS size, (SELECT count(*)::int FROM release) AS kept`,
  );
  const { steps } = JSON.parse(readFileSync(report, 'utf8'));
  const converted = steps.find(({ step }) => step === 'convert');
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  return {
    ...run,
    disk,
    wal: after.wal,
    database: after.size,
    kept: after.kept,
    xml: converted.bytes,
    steps: new Map(steps.map((entry) => [entry.step, entry.seconds])),
  };
}

async function ask(cache, query) {
  const server = await startEmbedded(cache);
  const client = await openClient(server.url);
  const { rows } = await client.query(query);
  await client.end();
  await server.stop();
  return rows[0];
}

/** Bytes of a folder; 0 if there is none. */
export function sizeOf(folder) {
  let size = 0;
  try {
    // Files and folders come and go meanwhile.
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
      if (entry.isFile())
        size +=
          statSync(join(entry.parentPath ?? entry.path, entry.name), { throwIfNoEntry: false })
            ?.size ?? 0;
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
  return size;
}

export const megabytes = (bytes) =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.round(bytes / 1e6)} MB`;
