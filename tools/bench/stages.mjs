// Where conversion's time goes: every stage by itself, in processor time, beside the least it could take. From that, what more
// processors would bring: reading, cutting and writing each have one thread, and only the rows are made by several.
import { join } from 'node:path';
import { dumpFor } from '@wxyc/dataset';
import { readMatchBasis } from '@wxyc/library';
import { batches } from '../../packages/convert/dist/batches.js';
import { BatchConverter } from '../../packages/convert/dist/batch-converter.js';
import { mostJobs } from '../../packages/convert/dist/convert.js';
import { DumpSource } from '../../packages/convert/dist/dump-source.js';
import { Outputs, writeRows } from '../../packages/convert/dist/outputs.js';
import { readSelection } from '../../packages/convert/dist/wanted.js';

export const about =
  'the stages of conversion one by one, and what 2, 4, 8 and 16 processors would make of them';

/** Stages that follow inflating work on the beginning of the dump, held in memory. */
const heldBytes = 256 * 2 ** 20;
const processors = [2, 4, 8, 16];

export default async function ({ inputs, folder, measure, row, note }) {
  const dump = await inputs.dump({ generation: 'old' });
  const library = await inputs.library({ albums: 65_000, artists: 24_000, of: 1_000_000 });
  const dataset = dumpFor('release', 'lean');

  const gzip = await measure(['gzip', '-dc', dump], { stdout: '/dev/null' });
  const source = await DumpSource.open(dump);
  const held = [];
  let size = 0;
  let heldSize = 0;
  const inflate = await processorTime(async () => {
    for await (const chunk of source.chunks()) {
      size += chunk.length;
      if (heldSize >= heldBytes) continue;
      held.push(chunk);
      heldSize += chunk.length;
    }
  });
  const gigabytes = size / 1e9;
  const heldGigabytes = heldSize / 1e9;

  const cut = [];
  for await (const batch of batches(inMemory(held), dataset, { take: newMemory })) cut.push(batch);
  // Now the compiler has done its work; as in a run, memory is used again.
  const again = newMemory(4 * 2 ** 20);
  const walk = await processorTime(async () => {
    const memory = { take: (length) => (length > again.length ? newMemory(length) : again) };
    for await (const batch of batches(inMemory(held), dataset, memory)) void batch;
  });
  const loop = await processorTime(() => {
    let found = 0;
    for (const chunk of held) for (let p = 0; p < chunk.length; p++) if (chunk[p] === 0x3c) found++;
    return found;
  });

  const stages = { inflate: inflate / gigabytes, cut: walk / heldGigabytes };
  const perGigabyte = (cpu) => `${cpu.toFixed(2)} s per GB of XML`;
  row({
    what: 'inflate',
    rate: perGigabyte(stages.inflate),
    cpu: inflate,
    ratio: inflate / gzip.cpu,
    against: 'gzip -dc',
  });
  row({
    what: 'cut into batches of whole records',
    rate: perGigabyte(stages.cut),
    cpu: walk,
    ratio: walk / loop,
    against: 'looking at each byte in a loop',
  });

  const basis = await readMatchBasis({ libraryDb: library.db });
  const named = readSelection({ libraryArtists: library.artists }, undefined);
  const matched = readSelection({ libraryDb: library.db, matchedOnly: true }, basis);
  const modes = {
    'by names': { selection: named, cleanNewlines: true },
    '--matched-only': { selection: matched, cleanNewlines: true },
    '--matched-only --coverage': { selection: matched, cleanNewlines: true, coverage: true },
    'all 12 files': { cleanNewlines: false },
  };
  const forecasts = [];
  for (const [mode, options] of Object.entries(modes)) {
    const converter = new BatchConverter({
      kind: 'release',
      profile: 'lean',
      decisions: false,
      coverage: false,
      reader: 'fast',
      ...options,
    });
    let results;
    let rows;
    for (let round = 0; round < 2; round++)
      rows = await processorTime(() => {
        results = cut.map((batch) => converter.convert(batch));
      });
    const outputs = new Outputs(join(folder, 'csv'));
    const files = await outputs.create(dataset);
    const write = await processorTime(async () => {
      for (const result of results) await writeRows(files, result);
    });
    const written = files.reduce((sum, { bytes }) => sum + bytes, 0);
    await outputs.discard();
    const perGb = { ...stages, rows: rows / heldGigabytes, write: write / heldGigabytes };
    row({
      what: `rows, ${mode}`,
      cpu: rows,
      rate: perGigabyte(perGb.rows),
      ratio: rows / loop,
      against: 'looking at each byte in a loop',
    });
    row({
      what: `write them, ${mode}`,
      input: `${(written / heldGigabytes / 1e6).toFixed(0)} MB per GB`,
      cpu: write,
      rate: perGigabyte(perGb.write),
    });
    for (const piped of [false, true])
      forecasts.push([
        `${mode}${piped ? ', unpacked in parallel' : ''}`,
        ...processors.map((count) =>
          forecast(perGb, piped ? count : defaultJobs(count, options), count, piped),
        ),
      ]);
  }
  const cell = ({ seconds, limit }) =>
    `${(seconds / (gzip.cpu / gigabytes)).toFixed(2)} (${limit})`;
  note(
    [
      'Forecast, as a multiple of gzip -dc, and what the limit is:',
      `| | ${processors.map((count) => `${count} processors`).join(' | ')} |`,
      `|---|${processors.map(() => '---|').join('')}`,
      ...forecasts.map(([what, ...cells]) => `| ${what} | ${cells.map(cell).join(' | ')} |`),
    ].join('\n'),
  );
}

/**
 * Seconds for a gigabyte of XML: as long as the busiest thread takes, or all the work divided by the processors. With `piped`, a
 * program that uses every processor unpacks the dump and the bytes come through a pipe.
 */
function forecast({ inflate, cut, rows, write }, jobs, processors, piped) {
  const limits = {
    'all processors busy': (inflate + cut + rows + write) / processors,
    inflating: piped ? 0 : inflate,
    'cutting and writing': cut + write,
    rows: rows / jobs,
  };
  const [limit, seconds] = Object.entries(limits).reduce((most, entry) =>
    entry[1] > most[1] ? entry : most,
  );
  return { seconds, limit };
}

/** As convert chooses it where `--jobs` is not given. */
const defaultJobs = (processors, { selection }) =>
  Math.min(selection ? processors - 1 : processors, mostJobs);

/** A dump that is already unpacked. */
const inMemory = (chunks) => ({
  path: 'memory',
  length: 0,
  // The beginning of a dump, cut off anywhere: what is left over at the end is ignored.
  damage: { offset: 0, reason: 'the rest is not held' },
  async *chunks() {
    yield* chunks;
  },
});

const newMemory = (length) => new Uint8Array(length);

/** Seconds of all threads of this process. */
async function processorTime(work) {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
