// A month fetched over a slow connection and read as it arrives, against the download alone.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startDumpSite } from '@wxyc/fault-server';
import { startEmbedded } from '@wxyc/postgres';
import { writeArtistsDump } from '@wxyc/sample';

export const about =
  'a month over a throttled connection: the run up to the end of conversion against wxyc-fetch of the same dumps';

/** Seconds that the releases take: the connection is the bottleneck, even if the machine is busy. */
const downloadSeconds = (releases) => (releases > 10_000 ? 150 : 45);

export default async function ({ releases, inputs, folder, measure, row, note }) {
  const dump = readFileSync(await inputs.dump({ generation: 'new' }));
  const library = await inputs.library();
  const artists = join(folder, 'artists.xml.gz');
  await writeArtistsDump(artists, { releases });
  const unused = gzipSync('<masters></masters>');
  const files = { releases: dump, artists: readFileSync(artists), labels: unused, masters: unused };
  const rate = Math.round(dump.length / downloadSeconds(releases));
  const site = await startDumpSite({
    files: Object.fromEntries(
      Object.entries(files).map(([kind, bytes]) => [`discogs_20260901_${kind}.xml.gz`, bytes]),
    ),
    rate,
  });
  const cache = join(folder, 'cache');
  const report = join(folder, 'report.json');
  const input = `${releases.toLocaleString('en')} releases, ${megabytes(files.releases.length + files.artists.length)} at ${(rate / 1e6).toFixed(2)} MB/s`;
  try {
    // Only the first run includes creating the server's directory.
    await (await startEmbedded(cache)).stop();
    const load = loadavg()[0];
    const download = await measure([
      'node',
      'packages/fetch/bin/wxyc-fetch.js',
      '--kind',
      'artists',
      'releases',
      '--output',
      join(folder, 'alone'),
      '--base-url',
      site.url,
    ]);
    const run = await measure([
      'node',
      'packages/pipeline/bin/wxyc-pipeline.js',
      '--month',
      'latest',
      '--download-dir',
      join(folder, 'dumps'),
      '--base-url',
      site.url,
      '--library-db',
      library.db,
      '--database-url',
      `embedded:${cache}`,
      '--state-file',
      join(folder, 'state.json'),
      '--report',
      report,
    ]);
    const { steps } = JSON.parse(readFileSync(report, 'utf8'));
    const converted = steps.findIndex(({ step }) => step === 'convert');
    const after = steps.slice(converted + 1).reduce((sum, { seconds }) => sum + seconds, 0);
    const before = run.wall - after;
    const ratio = before / download.wall;
    row({ what: 'wxyc-fetch of releases and artists', input, ...download });
    row({ what: 'wxyc-pipeline --month, whole', input, ...run });
    row({ what: '· what follows conversion', input, wall: after });
    row({
      what: '· up to the end of conversion',
      input,
      wall: before,
      ratio,
      against: 'wxyc-fetch',
      target: '≤ 1.15',
      ok: ratio <= 1.15,
    });
    note(
      `Steps: ${steps.map(({ step, seconds }) => `${step} ${seconds.toFixed(1)} s`).join(', ')}.`,
    );
    note(
      `Load before: ${load.toFixed(1)}, after: ${loadavg()[0].toFixed(1)}. The artists are fetched and read first, then the releases. Starting the program and the server counts as before.`,
    );
  } finally {
    await site.close();
  }
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
