// Converts one dump: batches out to the threads, their results in, in the dump's order.
import type { PartialFile } from '@wxyc/csv';
import { dumpFor, type DumpKind, type Profile } from '@wxyc/dataset';
import type { NearestReleases } from '@wxyc/matching';
import { BadInputError, throwIfInterrupted, tidyUp } from '@wxyc/step';
import { batches, sharedBatch, type Batch, type DumpEnd } from './batches.js';
import { addCounts, noCounts, type BatchResult, type RecordCounts } from './batch-result.js';
import type { Converters } from './converters.js';
import type { OpenDump } from './inputs.js';
import { letHeapGrow } from './heap-growth.js';
import { rejectsName, writeRows, type Outputs } from './outputs.js';
import { noRepairs, type Repairs } from './repair.js';

/** What became of one dump. */
export interface DumpResult extends RecordCounts {
  /** The kind of dump. */
  kind: DumpKind;
  /** Its path, `stdin` or `the stream`. */
  input: string;
  /** Uncompressed bytes read. */
  bytes: number;
  /** Number of rows by file name (without .csv), headers not counted. */
  files: Record<string, number>;
  /** Id of the last record that was not rejected. */
  lastId: string | null;
  /** What was repaired in its records. */
  repairs: Repairs;
}

/** Where the results of all dumps go. */
export interface Sinks {
  outputs: Outputs;
  decisions: PartialFile | undefined;
  nearest: NearestReleases | undefined;
  /** Keys of the mappings that some release met. */
  met: Set<string>;
}

export interface DumpOptions {
  profile: Profile;
  /** Records to read at most. */
  limit: number;
  /** Whether releases are walked; else all records are framed. */
  walks: boolean;
  /** More rejected records are an error. */
  maxRejects: number;
  /** The directory, for messages. */
  output: string;
  signal: AbortSignal;
  /** Called with the bytes read so far. */
  onRead(bytes: number): void;
}

/** Batches in flight for each worker, so that no worker waits for the main thread, or for a batch that takes long. */
const batchesAhead = 4;
/** Progress is reported after this many batches. */
const progressEvery = 4;

/** @throws BadInputError for a damaged dump, one without records, and one with too many that cannot be read. */
export async function convertDump(
  { path, kind, source }: OpenDump,
  pool: Converters,
  { outputs, decisions, nearest, met }: Sinks,
  options: DumpOptions,
): Promise<DumpResult> {
  const { limit, walks, maxRejects, output, signal, onRead } = options;
  const dump = dumpFor(kind, options.profile);
  const files = await outputs.create(dump);
  const result: DumpResult = {
    kind,
    input: path,
    bytes: 0,
    files: {},
    lastId: null,
    repairs: noRepairs(),
    ...noCounts(),
  };
  const rows = dump.files.map(() => 0);
  const take = async (batch: BatchResult): Promise<void> => {
    await writeRows(files, batch);
    pool.recycle(batch.output);
    addCounts<RecordCounts>(result, batch.counts);
    addCounts(result.repairs, batch.repairs);
    batch.rows.forEach((count, index) => (rows[index]! += count));
    result.lastId = batch.lastId ?? result.lastId;
    for (const key of batch.met) met.add(key);
    if (batch.albums) nearest?.add(batch.albums);
    if (batch.decisions !== '') await decisions?.write(Buffer.from(batch.decisions));
    if (batch.rejects.length > 0) await outputs.reject(kind, batch.rejects);
    if (result.rejected > maxRejects)
      throw new BadInputError(
        `${path}: more than ${maxRejects} records cannot be read; the first of them are in ${rejectsName}.partial in ${output}; --max-rejects allows more`,
      );
  };
  let count = 0;
  const restoreHeap = letHeapGrow();
  const { problem } = await convertInOrder(
    batches(source, dump, pool, { limit, walks, signal }),
    pool,
    take,
    () => {
      if (count++ % progressEvery === 0) onRead(source.bytesRead);
      throwIfInterrupted(signal);
      tidyUp();
    },
  ).finally(restoreHeap);
  throwIfInterrupted(signal);
  if (problem !== undefined)
    throw new BadInputError(
      `${problem}; the last good ${dump.record} is ${result.lastId ?? 'none'}; ${await source.advice()}`,
      { code: 'INPUT_TRUNCATED' },
    );
  if (result.read === 0) throw new BadInputError(`${path} holds no ${dump.record}`);
  if (result.rejected === result.read)
    throw new BadInputError(
      `${path}: none of its ${result.read} records can be read, and ${rejectsName}.partial in ${output} says why: is it a complete dump, as Discogs publishes it?`,
    );
  result.bytes = source.length;
  result.files = Object.fromEntries(dump.files.map(({ name }, index) => [name, rows[index]!]));
  return result;
}

/** Keeps the threads busy with batches, and hands their results to `take` in the order of the batches. */
async function convertInOrder(
  cut: AsyncGenerator<Batch, DumpEnd>,
  pool: Converters,
  take: (result: BatchResult) => Promise<void>,
  onBatch: () => void,
): Promise<DumpEnd> {
  const inFlight: Promise<BatchResult>[] = [];
  const downTo = async (most: number): Promise<void> => {
    while (inFlight.length > most) await take(await inFlight.shift()!);
  };
  try {
    for (;;) {
      const next = await cut.next();
      if (next.done) {
        await downTo(0);
        return next.value;
      }
      // A long record takes many times its size while it is read, so it is read alone.
      const isLong = next.value.length > sharedBatch;
      if (isLong) await downTo(0);
      const converted = pool.convert(next.value);
      // Its failure is handled when its turn comes; until then it must not count as unhandled.
      converted.catch(() => undefined);
      inFlight.push(converted);
      await downTo(isLong ? 0 : pool.size * batchesAhead);
      onBatch();
    }
  } finally {
    // Closes the dump if the loop ended early.
    await cut.return({});
  }
}
