// Converts the artists whose ids STEP divides from an artists dump, as a run of the full profile does: `node wanted-artists.mjs DUMP OUTPUT STEP`.
import { convert } from '@wxyc/convert';
import { IdSet } from '@wxyc/csv';

const [dump, output, step] = process.argv.slice(2);
const wanted = new IdSet();
for (let id = Number(step); id < 20_000_000; id += Number(step)) wanted.add(id);
const { read, written } = await convert({
  inputs: [dump],
  output,
  profile: 'full',
  wanted: { artist: wanted },
  cleanNewlines: true,
});
console.log(`${written} of ${read} artists`);
