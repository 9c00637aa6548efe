// The full profile beside the lean one, and the artists dump beside decompressing it.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { startEmbedded } from '@wxyc/postgres';

export const about =
  'the whole run in the full profile against the lean one, and an artists dump of which one in a hundred is wanted against gzip -dc';

export default async function ({ releases, inputs, folder, measure, row }) {
  const dump = await inputs.dump({ generation: 'new' });
  const library = await inputs.library();
  const input = `${releases.toLocaleString('en')} releases`;
  const runs = {};
  for (const profile of ['lean', 'full']) {
    const cache = join(folder, profile);
    await (await startEmbedded(cache)).stop();
    runs[profile] = await measure([
      'node',
      'packages/pipeline/bin/wxyc-pipeline.js',
      '--xml',
      dump,
      '--library-db',
      library.db,
      '--database-url',
      `embedded:${cache}`,
      '--state-file',
      join(folder, `${profile}.json`),
      '--profile',
      profile,
    ]);
  }
  row({ what: 'wxyc-pipeline --profile lean', input, ...runs.lean });
  const ratio = runs.full.wall / runs.lean.wall;
  row({
    what: 'wxyc-pipeline --profile full',
    input,
    ...runs.full,
    ratio,
    against: 'lean',
    ...(releases >= 100_000 ? { target: '≤ 1.5', ok: ratio <= 1.5 } : {}),
  });

  const artists = releases * 20;
  const file = join(folder, 'artists.xml.gz');
  await pipeline(Readable.from(dumpOf(artists)), createGzip(), createWriteStream(file));
  const unpack = await measure(['gzip', '-dc', file], { stdout: '/dev/null' });
  const read = await measure([
    'node',
    'tools/bench/frame/wanted-artists.mjs',
    file,
    join(folder, 'artists'),
    '100',
  ]);
  const what = `${artists.toLocaleString('en')} artists`;
  row({ what: 'gzip -dc', input: what, ...unpack });
  const against = read.wall / unpack.wall;
  row({
    what: 'reading those that are wanted',
    input: what,
    ...read,
    ratio: against,
    against: 'gzip',
    ...(releases >= 100_000
      ? { target: '≤ 1.2, ≤ 300 MB', ok: against <= 1.2 && read.memory <= 300 * 2 ** 20 }
      : {}),
  });
}

/** Artists about as long as real ones are: most with a name alone, some with a life. */
function* dumpOf(count) {
  let text = '<artists>\n';
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647);
  const word = () => random().toString(36);
  const words = (most) => Array.from({ length: random() % most }, word).join(' ');
  for (let id = 1; id <= count; id++) {
    text += `<artist><id>${id * 2}</id><name>${word()} ${word()}</name><realname>${words(4)}</realname><profile>${id % 5 ? '' : words(120)}</profile><data_quality>Needs Vote</data_quality>`;
    if (id % 3 === 0) text += `<urls><url>https://${word()}.example/${word()}</url></urls>`;
    if (id % 4 === 0)
      text += `<namevariations><name>${words(3)}x</name><name>${word()}</name></namevariations>`;
    if (id % 6 === 0) text += `<aliases><name id="${id + 2}">${word()} ${word()}</name></aliases>`;
    if (id % 7 === 0) text += `<groups><name id="${id + 4}">${word()}</name></groups>`;
    text += '</artist>\n';
    if (text.length < 1 << 18) continue;
    yield text;
    text = '';
  }
  yield `${text}</artists>\n`;
}
