// The server that the database benches load: one of their own, and what its processes take.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openClient, startEmbedded, withDatabaseName } from '@wxyc/postgres';
import { grownCsv } from './grown-csv.mjs';

/** DATABASE_URL_TEST's server if it is set, else the embedded one; a database of our own on it. */
export async function findServer(folder) {
  const given = process.env.DATABASE_URL_TEST;
  const server = given
    ? { url: given, stop: () => undefined }
    : await startEmbedded(join(folder, 'server'));
  const name = `wxyc_bench_${process.pid}`;
  const admin = await openClient(server.url);
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING 'UTF8'`);
  const { rows } = await admin.query(
    "SELECT current_setting('server_version') AS version, current_setting('wal_level') AS wal",
  );
  await admin.end();
  return {
    url: withDatabaseName(server.url, name),
    what: `PostgreSQL ${rows[0].version}, ${given ? 'DATABASE_URL_TEST' : 'embedded'}, wal_level ${rows[0].wal}`,
    stop: async () => {
      const client = await openClient(server.url);
      await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
      await client.end();
      await server.stop();
    },
  };
}

/** The CSV files of all releases of the dump, made once; repeated up to `target` releases if the dump has fewer. */
export async function csvOf(inputs, releases, target = releases) {
  const directory = inputs.keep('database-csv');
  if (!existsSync(`${directory}.ready`)) {
    const dump = await inputs.dump({ generation: 'new' });
    execFileSync(
      process.execPath,
      ['packages/convert/bin/wxyc-convert.js', dump, '--output', directory, '--log-level', 'error'],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    inputs.done('database-csv');
  }
  return target === releases
    ? directory
    : grownCsv(directory, inputs.keep(`database-csv-${target}`), target / releases);
}

const clockTicks = Number(execFileSync('getconf', ['CLK_TCK']));

/** Seconds of processor time of a process: its own, and that of children which have ended. */
function secondsOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / clockTicks;
  } catch {
    return 0; // It has ended since.
  }
}

const statusOf = (pid) => {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
};

/**
 * What the server of a connection takes while `work` runs: processor time of all its processes, the most memory that one of them had
 * for itself (shared buffers left out), WAL. Only for a server on this machine.
 */
export async function serverUse(client, work) {
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const server = Number(/^PPid:\s+(\d+)/m.exec(statusOf(rows[0].pid))?.[1] ?? 0);
  const processes = () =>
    readdirSync('/proc').filter(
      (pid) => /^\d+$/.test(pid) && Number(/^PPid:\s+(\d+)/m.exec(statusOf(pid))?.[1]) === server,
    );
  const processorTime = () =>
    [server, ...processes()].reduce((sum, pid) => sum + secondsOf(pid), 0);
  const wal = async () =>
    (await client.query('SELECT pg_current_wal_insert_lsn() AS at')).rows[0].at;
  const [began, walBegan] = [processorTime(), await wal()];
  let memory = 0;
  const look = () => {
    for (const pid of processes())
      memory = Math.max(memory, Number(/^RssAnon:\s+(\d+)/m.exec(statusOf(pid))?.[1] ?? 0) * 1024);
  };
  const timer = setInterval(look, 500);
  try {
    const value = await work();
    // A backend ends a moment after its client, and its time counts only then.
    await sleep(300);
    const written = await client.query(
      `SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '${walBegan}')::float8 AS wal, pg_database_size(current_database())::float8 AS size`,
    );
    return {
      value,
      serverCpu: processorTime() - began,
      serverMemory: memory,
      wal: written.rows[0].wal,
      size: written.rows[0].size,
    };
  } finally {
    clearInterval(timer);
  }
}
