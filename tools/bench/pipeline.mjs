// The whole run against the sum of what cannot be avoided: decompressing the dump, loading the remaining rows, building their indexes.
import { execFileSync } from 'node:child_process';
import { createWriteStream, createReadStream } from 'node:fs';
import { join } from 'node:path';
import { copyIn, copyOut, openClient, startEmbedded } from '@wxyc/postgres';

export const about =
  'the whole run, dump to published cache, against gzip -dc + \\copy of the surviving rows + building their indexes';

export default async function ({ releases, inputs, folder, measure, measureFunction, row, note }) {
  const dump = await inputs.dump({ generation: 'new' });
  const library = await inputs.library();
  const cache = join(folder, 'cache');
  const input = `${releases.toLocaleString('en')} releases`;

  // Only the first run includes creating the server's directory.
  await (await startEmbedded(cache)).stop();
  const run = await measure([
    'node',
    'packages/pipeline/bin/wxyc-pipeline.js',
    '--xml',
    dump,
    '--library-db',
    library.db,
    '--database-url',
    `embedded:${cache}`,
    '--state-file',
    join(folder, 'state.json'),
  ]);
  const unpack = await measure(['gzip', '-dc', dump], { stdout: '/dev/null' });
  const server = await startEmbedded(cache);
  let load;
  let index;
  let rows;
  try {
    ({ load, index, rows } = await yardsticks(server.url, folder, measureFunction));
  } finally {
    await server.stop();
  }
  row({ what: 'gzip -dc', input, ...unpack });
  row({
    what: copyName(),
    input: `${rows.toLocaleString('en')} rows that stay`,
    ...load,
    cpu: undefined,
    memory: undefined,
  });
  row({
    what: 'plain CREATE INDEX',
    input: `${rows.toLocaleString('en')} rows that stay`,
    ...index,
    cpu: undefined,
    memory: undefined,
  });
  const sum = unpack.wall + load.wall + index.wall;
  row({ what: 'sum of these', input, wall: sum });
  const ratio = run.wall / sum;
  row({
    what: 'wxyc-pipeline',
    input,
    ...run,
    rate: `${Math.round(releases / run.wall).toLocaleString('en')}/s`,
    ratio,
    against: 'sum',
    ...(releases >= 100_000 ? { target: '≤ 1.5', ok: ratio <= 1.5 } : {}),
  });
  for (const [name, memory] of Object.entries(run.memoryOf)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)) {
    row({
      what: `memory of ${name}`,
      input,
      memory,
      target: '≤ 512 MB',
      ok: memory <= 512 * 2 ** 20,
    });
  }
  note('At 10,000 releases most of the run is starting: the target holds from 100,000 on.');
  note(
    'The run starts and stops its own server. Memory is the resident set of one process, a server’s shared buffers included.',
  );
  note(run.stdout.trim());
}

/** Loads the cache's rows into bare tables beside it, then builds the same indexes, one after the other. */
async function yardsticks(url, folder, measureFunction) {
  const client = await openClient(url);
  try {
    const tables = (
      await client.query(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1",
      )
    ).rows.map(({ name }) => name);
    const indexes = (
      await client.query(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname",
      )
    ).rows.map(({ indexdef }) => indexdef.replace(' ON public.', ' ON yardstick.'));
    await client.query('CREATE SCHEMA yardstick');
    let rows = 0;
    for (const table of tables) {
      await client.query(
        `CREATE TABLE yardstick.${table} (LIKE public.${table} INCLUDING DEFAULTS)`,
      );
      await copyOut(
        client,
        `COPY public.${table} TO STDOUT`,
        createWriteStream(join(folder, table)),
      );
      rows += (await client.query(`SELECT count(*)::int AS n FROM public.${table}`)).rows[0].n;
    }
    const load = await measureFunction(async () => {
      for (const table of tables) {
        if (psql())
          execFileSync('psql', [
            url,
            '-qc',
            `\\copy yardstick.${table} from '${join(folder, table)}'`,
          ]);
        else
          await copyIn(
            client,
            `COPY yardstick.${table} FROM STDIN`,
            createReadStream(join(folder, table)),
          );
      }
    });
    const index = await measureFunction(async () => {
      for (const statement of indexes) await client.query(statement);
    });
    return { load, index, rows };
  } finally {
    await client.end();
  }
}

let found;
/** Whether psql is available; without it COPY runs through this process, which is about as fast. */
function psql() {
  if (found === undefined) {
    try {
      execFileSync('psql', ['--version'], { stdio: 'ignore' });
      found = true;
    } catch {
      found = false;
    }
  }
  return found;
}

function copyName() {
  return psql() ? 'psql \\copy' : 'COPY FROM STDIN';
}
