// Guards against regressions: the processor time of a few commands relative to gzip -dc, compared with the ratios in
// frame/guard.json. Wall time means nothing on a busy machine, and one worse figure may be an accident: it is measured again.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeInputs } from './frame/inputs.mjs';

export const about =
  'processor time beside gzip -dc of 100,000 releases, against committed ratios: fails above 25 % worse, twice in a row';

const committed = JSON.parse(readFileSync(new URL('frame/guard.json', import.meta.url), 'utf8'));
const mostWorse = 1.25;
const rounds = 2;

export default async function ({ folder, measure, row }) {
  const inputs = makeInputs(dirname(folder), '100k');
  const dump = await inputs.dump({ generation: 'new' });
  const library = await inputs.library();
  const csv = join(folder, 'csv');
  const output = ['--output', join(folder, 'out')];
  const commands = {
    'convert, all files': ['packages/convert/bin/wxyc-convert.js', dump, '--output', csv],
    'convert, by names': [
      'packages/convert/bin/wxyc-convert.js',
      dump,
      '--library-artists',
      library.artists,
      ...output,
    ],
    'convert, matched': [
      'packages/convert/bin/wxyc-convert.js',
      dump,
      '--library-db',
      library.db,
      '--matched-only',
      ...output,
    ],
    'convert, matched with coverage': [
      'packages/convert/bin/wxyc-convert.js',
      dump,
      '--library-db',
      library.db,
      '--matched-only',
      '--coverage',
      join(folder, 'coverage.csv'),
      ...output,
    ],
    'filter, by names': [
      'packages/filter/bin/wxyc-filter.js',
      library.artists,
      csv,
      join(folder, 'filtered'),
    ],
  };
  const least = async (command) => {
    let cpu = Infinity;
    for (let round = 0; round < rounds; round += 1)
      cpu = Math.min(cpu, (await measure(command, { stdout: '/dev/null' })).cpu);
    return cpu;
  };
  for (const [what, command] of Object.entries(commands)) {
    const known = committed[what];
    let ratio = Infinity;
    // The second measurement includes the yardstick again.
    for (let look = 0; look < 2 && ratio > mostWorse * known; look += 1) {
      const yardstick = await least(['gzip', '-dc', dump]);
      ratio = Math.min(ratio, (await least(['node', ...command])) / yardstick);
    }
    row({
      what,
      ratio,
      against: 'gzip -dc',
      target: `≤ ${(mostWorse * known).toFixed(2)} (${known} + 25 %)`,
      ok: ratio <= mostWorse * known,
    });
  }
}
