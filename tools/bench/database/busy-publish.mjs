// Publishing while consumers write without pause, and somebody reads so long that most attempts to lock the tables fail.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { publish } from '@wxyc/cache';
import { openClient } from '@wxyc/postgres';

const writer = fileURLToPath(new URL('writer.mjs', import.meta.url));

/** Publishes the build under `perSecond` fetched releases a second, behind a reader of `readSeconds`. Returns what publish does, and how many were written. */
export async function busyPublish(databaseUrl, schema, { perSecond, readSeconds }) {
  const reader = await openClient(databaseUrl, { applicationName: 'reader' });
  const { rows } = await reader.query('SELECT max(id) AS highest FROM public.release');
  const consumers = spawn(
    process.execPath,
    [writer, databaseUrl, String(perSecond), String(rows[0].highest)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  let output = '';
  consumers.stdout.on('data', (data) => (output += data));
  const ended = once(consumers, 'close');
  let published;
  try {
    await reader.query('BEGIN; SELECT 1 FROM public.release LIMIT 1');
    const read = new Promise((resolve) => setTimeout(resolve, readSeconds * 1000)).then(() =>
      reader.query('COMMIT'),
    );
    [published] = await Promise.all([publish({ databaseUrl, schema }), read]);
  } finally {
    consumers.stdin.end();
    await ended;
    await reader.end();
  }
  return { published, written: Number(output) };
}
