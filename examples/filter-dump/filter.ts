/**
 * Converts only the dump's twelve-inch records that came out in the US in a range of years:
 *
 *   node dist/filter.js discogs_20260901_releases.xml.gz csv 1999 2000
 *
 * It reads the dump twice. The first pass sees each release as an object, so any condition will do; the second lets convert write the
 * chosen releases' rows at full speed. Ctrl-C ends it, with nothing left behind.
 */
import { convert, readReleases, type DumpRelease, type Reject, StepError } from '@wxyc/convert';

const [dump, output, from, to] = process.argv.slice(2);
if (!dump || !output || !from || !to) {
  console.error('usage: node dist/filter.js DUMP OUTPUT-FOLDER FIRST-YEAR LAST-YEAR');
  process.exit(2);
}

/** `released` is text, as people wrote it: `2000`, `2000-05-00`, or empty. */
function isWanted({ country, formats, released }: DumpRelease): boolean {
  const year = Number(/^\d{4}/.exec(released)?.[0]);
  return (
    country === 'US' &&
    year >= Number(from) &&
    year <= Number(to) &&
    formats.some(({ name, descriptions }) => name === 'Vinyl' && descriptions.includes('12"'))
  );
}

const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const { signal } = interrupt;
/** An unreadable record is passed over, and reported. */
const onReject = ({ id, reason }: Reject): void =>
  console.error(`release ${id ?? 'without an id'} cannot be read: ${reason}`);

try {
  const wanted: number[] = [];
  const genres = new Map<string, number>();
  for await (const release of readReleases(dump, { signal, onReject })) {
    if (!isWanted(release)) continue;
    wanted.push(release.id);
    for (const genre of release.genres) genres.set(genre, (genres.get(genre) ?? 0) + 1);
  }
  const result = await convert({ inputs: [dump], output, wanted: { release: wanted } }, { signal });
  console.log(`${result.written} of ${result.read} releases`);
  for (const [genre, count] of genres) console.log(`${genre}: ${count}`);
  console.log(`${result.files['release_track']} tracks in ${output}`);
} catch (error) {
  // A failure that a step expects is one sentence with an exit code; anything else is a bug.
  if (!(error instanceof StepError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = error.exitCode;
}
