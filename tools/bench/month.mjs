// Whole runs on one dump, lean and full, beside decompressing it. Made for `--scale month`: a dump of 19.4 million releases
// is made first, by all cores, and kept; it takes some 16 GB and half an hour on two cores.
import { join } from 'node:path';
import { megabytes, wholeRun } from './frame/whole-run.mjs';

export const about =
  'whole runs in both profiles for a library of 65,000 albums: time of each step, memory of every process, disk, database, WAL; --scale month for a whole month';

const mostMemory = 512 * 2 ** 20;
const mostSeconds = 20 * 60;

export default async function ({ releases, inputs, folder, measure, row, note }) {
  const dump = await inputs.dump({ generation: 'new' });
  const library = await inputs.library({
    albums: Math.min(65_000, Math.round(releases * 0.065)),
  });
  const count = `${releases.toLocaleString('en')} releases`;
  row({
    what: 'gzip -dc',
    input: count,
    ...(await measure(['gzip', '-dc', dump], { stdout: '/dev/null' })),
  });
  for (const profile of ['lean', 'full']) {
    const run = await wholeRun({
      dump,
      library: library.db,
      folder: join(folder, profile),
      measure,
      profile,
    });
    row({
      what: `wxyc-pipeline --profile ${profile}`,
      input: `${count}, ${megabytes(run.xml)} of XML, ${run.kept.toLocaleString('en')} stay`,
      wall: run.wall,
      cpu: run.cpu,
      memory: run.memory,
      rate: `${Math.round(releases / run.wall).toLocaleString('en')}/s`,
      target: '≤ 20 min, ≤ 512 MB',
      ok: run.wall <= mostSeconds && run.memory <= mostMemory,
    });
    for (const [what, wall] of run.steps) row({ what: `· ${what}`, wall });
    for (const [name, memory] of Object.entries(run.memoryOf))
      row({ what: `· memory of ${name}`, memory });
    note(
      `${profile}: disk at most ${megabytes(run.disk)}, database ${megabytes(run.database)}, WAL ${megabytes(run.wal)}.`,
    );
  }
}
