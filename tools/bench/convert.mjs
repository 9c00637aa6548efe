// convert against decompressing the same dump, fix-newlines and filter against papaparse.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openCsv } from '@wxyc/csv';

export const about =
  'conversion against gzip -dc of the same dump; fix-newlines and filter against papaparse reading and writing the same files';

const bin = (name) =>
  fileURLToPath(new URL(`../../packages/${name}/bin/wxyc-${name}.js`, import.meta.url));
const papaparse = fileURLToPath(new URL('frame/papaparse-copy.mjs', import.meta.url));
/** Each figure is the best of this many runs, interleaved, so that a busy moment affects all alike. */
const rounds = 3;
const mostMemory = 300 * 1024 * 1024;

export default async function ({ releases, inputs, folder, measure, row, note }) {
  const grown = await inputs.grownDump();
  const dump = grown ?? (await inputs.dump({ generation: 'old' }));
  note(grown ? 'Dump: 500 real releases, multiplied.' : 'Dump: from the generator.');
  const input = `${releases.toLocaleString('en')} releases`;
  const path = (name) => join(folder, name);

  await measure(['node', bin('convert'), dump, '--output', path('full')]);
  const artists = path('artists.txt');
  writeFileSync(artists, `${(await aThird(path('full'))).join('\n')}\n`);

  const filtered = ['--library-artists', artists, '--clean-newlines'];
  const figures = await inTurns(measure, {
    gzip: ['gzip', '-dc', dump],
    filtered: ['node', bin('convert'), dump, '--output', path('filtered'), ...filtered],
    full: ['node', bin('convert'), dump, '--output', path('full')],
  });
  row({ what: 'gzip -dc', input, ...figures.gzip });
  against(
    row,
    figures.gzip,
    'gzip -dc',
    { what: 'convert, a third kept, newlines cleaned', input, ...figures.filtered },
    0.9,
  );
  against(
    row,
    figures.gzip,
    'gzip -dc',
    { what: 'convert, all 12 files', input, ...figures.full },
    1.4,
  );
  for (const name of ['filtered', 'full']) {
    const { memory } = figures[name];
    row({
      what: `peak memory, ${name}`,
      input,
      memory,
      target: '≤ 300 MB',
      ok: memory <= mostMemory,
    });
  }

  // In a multiplied dump titles and names repeat, so decisions would come from memory; the generator's do not repeat.
  const sample = await inputs.dump({ generation: 'old' });
  // A library of production's size; as in production, only a small part of the dump is by its artists.
  const library = await inputs.library({ albums: 65_000, artists: 24_000, of: 1_000_000 });
  const byNames = [
    'node',
    bin('convert'),
    sample,
    '--clean-newlines',
    '--library-artists',
    library.artists,
  ];
  const matched = await inTurns(measure, {
    without: [...byNames, '--output', path('filtered')],
    with: [...byNames, '--library-db', library.db, '--output', path('matched'), '--matched-only'],
  });
  row({
    what: 'convert by the names of a library of 65,000 albums',
    input: `${input}, generated`,
    ...matched.without,
  });
  against(
    row,
    matched.without,
    'by names',
    { what: 'the same, --matched-only', input: `${input}, generated`, ...matched.with },
    1.25,
  );
  row({
    what: 'peak memory, --matched-only',
    input: `${input}, generated`,
    memory: matched.with.memory,
    target: '≤ 300 MB',
    ok: matched.with.memory <= mostMemory,
  });

  await measure(['node', bin('convert'), sample, '--clean-newlines', '--output', path('sample')]);
  const filterWith = [
    'node',
    bin('filter'),
    library.artists,
    path('sample'),
    path('matched'),
    '--library-db',
    library.db,
  ];
  const filtering = await inTurns(measure, {
    without: filterWith,
    with: [...filterWith, '--matched-only'],
  });
  row({ what: 'filter with the same library', input: 'its 12 files', ...filtering.without });
  against(
    row,
    filtering.without,
    'without',
    { what: 'the same, --matched-only', input: 'its 12 files', ...filtering.with },
    1.3,
  );

  // Three of the files stand for all: on others papaparse needs minutes. One has newlines in half of its rows.
  mkdirSync(path('csv'));
  for (const name of ['release', 'release_artist', 'release_video'])
    renameSync(join(path('full'), `${name}.csv`), join(path('csv'), `${name}.csv`));
  const files = 'release, release_artist, release_video';
  const yardstick = await measure(['node', papaparse, path('csv'), path('papaparse')]);
  row({ what: 'papaparse, read and write', input: files, ...yardstick });
  const csv = await inTurns(measure, {
    'fix-newlines': ['node', bin('fix-newlines'), path('csv'), path('clean')],
    'filter, a third kept': ['node', bin('filter'), artists, path('csv'), path('kept')],
  });
  for (const [what, run] of Object.entries(csv)) {
    const faster = yardstick.wall / run.wall;
    row({
      what,
      input: files,
      ...run,
      ratio: faster,
      against: 'papaparse, times faster',
      target: '≥ 4',
      ok: faster >= 4,
    });
  }
  for (const name of ['full', 'filtered', 'matched', 'sample', 'csv', 'papaparse', 'clean', 'kept'])
    rmSync(path(name), { recursive: true, force: true });
}

/** The best of several rounds for each command, by wall time; for memory, the worst. */
async function inTurns(measure, commands) {
  const best = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of Object.entries(commands)) {
      const run = await measure(command, { stdout: '/dev/null' });
      const memory = Math.max(run.memory, best[name]?.memory ?? 0);
      if (!best[name] || run.wall < best[name].wall) best[name] = { wall: run.wall, cpu: run.cpu };
      best[name].memory = memory;
    }
  }
  return best;
}

function against(row, yardstick, name, run, most) {
  const ratio = run.wall / yardstick.wall;
  row({ ...run, ratio, against: name, target: `≤ ${most}`, ok: ratio <= most });
}

/** Artists whose releases are about a third of all. */
async function aThird(directory) {
  const csv = await openCsv(join(directory, 'release_artist.csv'));
  const [id, name, extra] = ['release_id', 'artist_name', 'extra'].map((column) =>
    csv.column(column),
  );
  const names = new Set();
  let last = -1;
  let seen = 0;
  let kept = 0;
  for await (const batch of csv.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      if (batch.integer(row, id) === last || batch.integer(row, extra) !== 0) continue;
      last = batch.integer(row, id);
      const artist = batch.text(row, name);
      seen++;
      if (kept * 3.5 < seen) names.add(artist);
      if (names.has(artist)) kept++;
    }
  }
  return [...names].filter((artist) => artist.trim() !== '');
}
