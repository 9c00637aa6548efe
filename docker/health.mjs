// Healthy while the run progresses: since the last check its processes have computed or moved data, or the database is working
// for it. A run that waits for a silent server, for a lock, or for nothing at all is not; Docker asks every minute
// and calls the container unhealthy after ten such answers in a row.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from '@wxyc/postgres';

const first = Number(process.env.HEALTH_PROCESS ?? 1);
const file = process.env.HEALTH_FILE ?? '/tmp/health.json';
// An idle run's timers, log and lock need far less than either.
const leastSeconds = 0.3;
const leastBytes = 4 * 1024 * 1024;
const clockTicks = 100;

const read = (path) => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process has ended meanwhile.
    return '';
  }
};

/** The container's first process and those that it started. */
function processes() {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => {
        const stat = read(`/proc/${pid}/stat`);
        return [Number(pid), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])];
      }),
  );
  const found = [first];
  for (const parent of found) for (const [pid, its] of parents) if (its === parent) found.push(pid);
  return found.filter((pid) => pid !== process.pid);
}

/** Seconds of processor time, and bytes read and written, files and network alike. */
function workDone(pids) {
  let [seconds, bytes] = [0, 0];
  for (const pid of pids) {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    seconds += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / clockTicks;
    for (const [, count] of read(`/proc/${pid}/io`).matchAll(/^[rw]char: (\d+)$/gm))
      bytes += Number(count);
  }
  return { seconds, bytes };
}

/** Whether the server is at work on a statement of a run: not waiting for a lock, nor for the run itself. */
async function serverWorks(pids) {
  const words = pids.flatMap((pid) => read(`/proc/${pid}/cmdline`).split('\0'));
  const flag = words.findIndex((word) => /^--database-url(=|$)/.test(word));
  const url =
    flag < 0
      ? process.env.DATABASE_URL
      : words[flag].includes('=')
        ? words[flag].slice(words[flag].indexOf('=') + 1)
        : words[flag + 1];
  if (!url || url.startsWith('embedded:')) return false;
  const sql = await connect(url, { applicationName: 'wxyc-health', max: 1 });
  try {
    const [{ works }] = await sql.unsafe(
      `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'wxyc-%' AND datname = current_database() AND pid <> pg_backend_pid()
         AND state = 'active' AND coalesce(wait_event_type, '') NOT IN ('Lock', 'Client')) AS works`,
    );
    return works;
  } finally {
    await sql.end();
  }
}

const pids = processes();
const now = workDone(pids);
const before = JSON.parse(read(file) || '{"seconds":-1,"bytes":-1}');
writeFileSync(file, JSON.stringify(now));
// Another process than the last time has done less: the run was begun anew.
const moved =
  now.seconds < before.seconds ||
  now.seconds - before.seconds >= leastSeconds ||
  now.bytes - before.bytes >= leastBytes;
if (!moved && !(await serverWorks(pids).catch(() => false))) {
  process.stdout.write(
    'the run has done nothing since the last check, and the database does nothing for it\n',
  );
  process.exitCode = 1;
}
