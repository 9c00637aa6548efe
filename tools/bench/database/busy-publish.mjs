// Publishing while consumers write and read without pause, and somebody reads so long that most attempts to lock the tables fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { publish } from '@wxyc/cache';
import { openClient } from '@wxyc/postgres';
import { firstFetched, tracks } from './fetched.mjs';

/** Starts a consumer of this folder; `end()` stops it and gives what it printed. */
function consumer(script, databaseUrl, ...numbers) {
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL(script, import.meta.url)), databaseUrl, ...numbers.map(String)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let output = '';
  child.stdout.on('data', (data) => (output += data));
  const closed = once(child, 'close');
  return {
    end: async () => {
      child.stdin.end();
      const [code] = await closed;
      if (code !== 0) throw new Error(`${script} ended with ${code}`);
      return JSON.parse(output);
    },
  };
}

/** How long consumers waited for the tables. */
export const lockRow = (what, input, lockSeconds) => ({
  what,
  input,
  wall: lockSeconds,
  target: '≤ 1 s',
  ok: lockSeconds <= 1,
});

/**
 * Publishes the build under `perSecond` fetched releases and `readsPerSecond` reads a second, behind a reader of `readSeconds`.
 * Consumers begin that much earlier and go on for a moment.
 *
 * @returns what publish does; how many releases were written, and how many of them are not there, or not whole; what reads took.
 */
export async function busyPublish(
  databaseUrl,
  schema,
  { perSecond, readsPerSecond = 0, readSeconds },
) {
  const reader = await openClient(databaseUrl, { applicationName: 'reader' });
  const { rows } = await reader.query(
    `SELECT max(id) AS highest, now() AS began FROM public.release WHERE id < ${firstFetched}`,
  );
  const { highest, began } = rows[0];
  const writer = consumer('writer.mjs', databaseUrl, perSecond, highest);
  const reads = readsPerSecond
    ? consumer('reader.mjs', databaseUrl, readsPerSecond, highest)
    : undefined;
  let published;
  let written;
  let read;
  try {
    await reader.query('BEGIN; SELECT 1 FROM public.release LIMIT 1');
    const over = new Promise((resolve) => setTimeout(resolve, readSeconds * 1000)).then(() =>
      reader.query('COMMIT'),
    );
    [published] = await Promise.all([publish({ databaseUrl, schema }), over]);
    await new Promise((resolve) => setTimeout(resolve, 2000));
  } finally {
    [written, read] = await Promise.all([writer.end(), reads?.end()]);
    const whole = await reader.query(
      `SELECT count(*)::int AS count FROM public.release r JOIN public.cache_metadata m ON m.release_id = r.id AND m.source = 'api_fetch'
        WHERE m.cached_at >= $1 AND r.title LIKE 'Fetched Album Number %' AND (SELECT count(*) FROM public.release_track t WHERE t.release_id = r.id) = ${tracks}`,
      [began],
    );
    written = { count: written, lost: written - whole.rows[0].count };
    await reader.end();
  }
  return { published, written: written.count, lost: written.lost, read };
}
