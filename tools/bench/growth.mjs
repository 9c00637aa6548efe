// How the whole run's cost grows with the dump: the pipeline on each scale up to this one, a fit for each step, and what that means
// for a full month.
import { dirname, join } from 'node:path';
import { at, line } from './frame/fit.mjs';
import { makeInputs, scales } from './frame/inputs.mjs';
import { megabytes, wholeRun } from './frame/whole-run.mjs';

export const about =
  'time, memory, disk and WAL of whole runs on dumps of each size up to this scale; a full month by extrapolation';

/** A month of releases: https://data.discogs.com, September 2026. */
const month = { releases: 19_400_000, xml: 63e9 };
export default async function ({ releases, folder, measure, row, note }) {
  const sizes = Object.entries(scales).filter(([, count]) => count <= releases);
  const runs = [];
  for (const [scale, count] of sizes) {
    const inputs = makeInputs(dirname(folder), scale);
    const dump = await inputs.dump({ generation: 'new' });
    const library = await inputs.library();
    runs.push({
      releases: count,
      ...(await wholeRun({ dump, library: library.db, folder: join(folder, scale), measure })),
    });
  }
  for (const run of runs) {
    const input = `${run.releases.toLocaleString('en')} releases, ${megabytes(run.xml)} of XML`;
    row({
      what: 'wxyc-pipeline',
      input,
      wall: run.wall,
      cpu: run.cpu,
      memory: run.memory,
      rate: `${Math.round(run.releases / run.wall).toLocaleString('en')}/s`,
    });
    row({
      what: '· disk at most; database; WAL',
      input: `${megabytes(run.disk)}; ${megabytes(run.database)}; ${megabytes(run.wal)}`,
    });
  }
  if (runs.length < 2) return note('A fit takes two sizes at least: --scale 100k or 1m.');

  const largest = runs.at(-1);
  const fitted = new Map();
  for (const step of largest.steps.keys()) {
    const fit = line(runs.map((run) => [run.releases, run.steps.get(step) ?? 0]));
    fitted.set(step, fit);
    row({
      what: step,
      input: runs.map((run) => `${(run.steps.get(step) ?? 0).toFixed(2)} s`).join(', '),
      rate: `${fit.start.toFixed(2)} s + ${(fit.slope * 1e6).toFixed(2)} s per million`,
      wall: at(fit, month.releases),
    });
  }
  const total = (steps) =>
    steps.reduce((sum, step) => sum + at(fitted.get(step), month.releases), 0);
  const steps = [...fitted.keys()];
  const upTo = total(steps);
  // Conversion grows with the dump; the steps after it grow with what the library owns, and that stays 65,000 albums.
  const production =
    at(fitted.get('convert'), month.releases) +
    steps
      .filter((step) => step !== 'convert')
      .reduce((sum, step) => sum + 3 * largest.steps.get(step), 0);
  const input = `${month.releases.toLocaleString('en')} releases, projected`;
  row({
    what: 'a month, the library grown along',
    input,
    wall: upTo,
    target: '≤ 20 min',
    ok: upTo <= 1200,
  });
  row({
    what: 'a month, three times the matches of the largest run',
    input,
    wall: production,
    target: '≤ 20 min',
    ok: production <= 1200,
  });
  const times = month.releases / largest.releases;
  note(
    `Disk, database and WAL of a month, the library grown along: ${megabytes(largest.disk * times)}, ${megabytes(largest.database * times)}, ${megabytes(largest.wal * times)}.`,
  );
  note(
    `XML by releases: ${megabytes(largest.xml * times)} of generated XML for ${megabytes(month.xml)} of real.`,
  );
  note(
    'wall of a step is the projection for a month. Fits: t = a + b × releases, least squares of relative errors.',
  );
}
