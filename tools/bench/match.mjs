// What a decision costs at production's library size, whatever --scale says: it depends on the library, not on the dump.
import { Classifier } from '@wxyc/matching';
import { artistName } from '../sample/dist/names.js';

export const about =
  'decisions of 100,000 releases against 65,000 albums by 24,000 artists, a third of them by these artists';

const size = { releases: 100_000, artists: 24_000, albums: 65_000 };

export default async function bench({ row, note }) {
  const artists = Array.from({ length: size.artists }, (_, at) => artistName(1, at * 3));
  const title = (at) => `${artistName(2, at)} ${artistName(3, at % 977)}`;
  const library = Array.from({ length: size.albums }, (_, at) => ({
    artist: artists[at % artists.length],
    title: title(at),
  }));
  const releases = Array.from({ length: size.releases }, (_, at) => ({
    id: at + 1,
    title: title(at * 2),
    credits: [{ name: artistName(1, at) }],
  }));
  const began = process.cpuUsage();
  const classifier = new Classifier({ library });
  const index = process.cpuUsage(began);
  const nanoseconds = new Float64Array(releases.length);
  let kept = 0;
  const started = performance.now();
  const cpu = process.cpuUsage();
  for (const [at, release] of releases.entries()) {
    const before = process.hrtime.bigint();
    if (classifier.decide(release).decision !== 'PRUNE') kept += 1;
    nanoseconds[at] = Number(process.hrtime.bigint() - before);
  }
  const wall = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  nanoseconds.sort();
  const mean = nanoseconds.reduce((sum, one) => sum + one, 0) / nanoseconds.length;
  const ns = (value) => Math.round(value).toLocaleString('en');
  row({
    what: 'decide',
    input: `${size.releases.toLocaleString('en')} releases`,
    wall,
    cpu: (used.user + used.system) / 1e6,
    memory: process.memoryUsage().rss,
    rate: `${ns(size.releases / wall)}/s`,
  });
  note(
    `A decision: median ${ns(nanoseconds[nanoseconds.length >> 1])} ns, mean ${ns(mean)} ns. Index of the library: ${((index.user + index.system) / 1e6).toFixed(2)} s of CPU. ${kept.toLocaleString('en')} releases kept or for review.`,
  );
}
