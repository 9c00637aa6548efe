// The records of a dump as objects, for programs that do not want CSV files.
import {
  BadInputError,
  checkOptions,
  option,
  type OptionKinds,
  type Progress,
  throwIfInterrupted,
  UsageError,
} from '@wxyc/step';
import type { DumpKind } from '@wxyc/dataset';
import type { Reject } from './batch-result.js';
import { nameOf, type DumpInput } from './dump-feed.js';
import { dumpBatches } from './dump-scan.js';
import { frameFields, frameSize } from './frame-table.js';
import { readQuickly } from './quick-tree.js';
import { artistOf, labelOf, masterOf, releaseOf } from './record-shapes.js';
import type { DumpArtist, DumpLabel, DumpMaster, DumpRelease } from './record-types.js';
import { RecordError, type Element } from './record-tree.js';
import { noRepairs, repairedText } from './repair.js';
import { rejectionOf, rejectOf } from './rejects.js';

/** How {@link readReleases} and its sibling functions read a dump. */
export interface ReadRecordsOptions {
  /** Ends the iteration soon, with an InterruptedError. */
  signal?: AbortSignal | undefined;
  /** Is told how much of the dump was read. */
  progress?: Progress | undefined;
  /** Read at most this many records. */
  limit?: number | undefined;
  /**
   * Called for each record that cannot be read, which is then skipped. Without it, the first one ends the iteration with a
   * BadInputError.
   */
  onReject?: ((reject: Reject) => void) | undefined;
  /** More rejected records than this are an error. Default 100; it needs `onReject`. */
  maxRejects?: number | undefined;
}

const optionKinds: OptionKinds<ReadRecordsOptions> = {
  signal: option.object,
  progress: option.object,
  limit: option.count,
  onReject: option.call,
  maxRejects: option.countOrNone,
};
const defaultMaxRejects = 100;

/**
 * The releases of a dump, one after the other in its order, in constant memory.
 *
 * The texts and numbers are those that {@link convert} writes. Leaving the loop closes the dump. A damaged dump gives all releases
 * before the damage, then throws a BadInputError with the code `INPUT_TRUNCATED`.
 *
 * @param input the dump: a file, gzipped or not, a stream of its bytes, or a file that is still arriving.
 * @throws UsageError, BadInputError or InterruptedError
 * @example
 * for await (const release of readReleases('discogs_20260901_releases.xml.gz')) {
 *   if (release.country === 'Iceland') console.log(release.id, release.title);
 * }
 */
export function readReleases(
  input: DumpInput,
  options: ReadRecordsOptions = {},
): AsyncGenerator<DumpRelease, void, void> {
  return records('readReleases', 'release', input, options, releaseOf);
}

/** The artists of an artists dump; otherwise like {@link readReleases}. */
export function readArtists(
  input: DumpInput,
  options: ReadRecordsOptions = {},
): AsyncGenerator<DumpArtist, void, void> {
  return records('readArtists', 'artist', input, options, artistOf);
}

/** The labels of a labels dump, including those without a name, which convert leaves out; otherwise like {@link readReleases}. */
export function readLabels(
  input: DumpInput,
  options: ReadRecordsOptions = {},
): AsyncGenerator<DumpLabel, void, void> {
  return records('readLabels', 'label', input, options, labelOf);
}

/** The masters of a masters dump; otherwise like {@link readReleases}. */
export function readMasters(
  input: DumpInput,
  options: ReadRecordsOptions = {},
): AsyncGenerator<DumpMaster, void, void> {
  return records('readMasters', 'master', input, options, masterOf);
}

/** Checks the options at once, not when the first record is read. */
function records<T>(
  name: string,
  kind: DumpKind,
  input: DumpInput,
  options: ReadRecordsOptions,
  shape: (record: Element) => T,
): AsyncGenerator<T, void, void> {
  checkOptions(name, options, optionKinds);
  const isPath = typeof input === 'string' && input !== '';
  if (!isPath && (typeof input !== 'object' || input === null))
    throw new UsageError(`${name} needs a dump: the path of a file, or a stream of its bytes`);
  if (options.maxRejects !== undefined && !options.onReject)
    throw new UsageError(
      `${name}: the option maxRejects needs onReject, which receives the records passed over`,
    );
  return recordsOf(kind, input, options, shape);
}

async function* recordsOf<T>(
  kind: DumpKind,
  input: DumpInput,
  { signal, progress, limit = Infinity, onReject, maxRejects }: ReadRecordsOptions,
  shape: (record: Element) => T,
): AsyncGenerator<T, void, void> {
  const most = onReject ? (maxRejects ?? defaultMaxRejects) : 0;
  let rejected = 0;
  const context = { ...(signal ? { signal } : {}), ...(progress ? { progress } : {}) };
  for await (const batch of dumpBatches(input, kind, `read ${kind}s`, limit, context)) {
    const { frames, frameCount } = batch;
    const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.length);
    for (let at = 0; at < frameCount * frameSize; at += frameSize) {
      let reason = rejectionOf(frames[at + frameFields.kind]!);
      let record: T | undefined;
      if (reason === undefined) {
        try {
          const raw = bytes.subarray(frames[at]!, frames[at + frameFields.end]!);
          record = shape(readQuickly(repairedText(raw, noRepairs())));
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
          reason = error.message;
        }
      }
      if (reason !== undefined) {
        const reject = rejectOf(batch, at, kind, reason);
        onReject?.(reject);
        if (++rejected > most) throw tooMany(nameOf(input), kind, reject, most);
        continue;
      }
      yield record!;
      if (signal) throwIfInterrupted(signal);
    }
  }
}

function tooMany(name: string, kind: DumpKind, reject: Reject, most: number): BadInputError {
  const { id, offset, reason } = reject;
  const last = `${kind} ${id ?? 'without an id'} at byte ${offset} of the uncompressed data: ${reason}`;
  return new BadInputError(
    most === 0
      ? `${name}: ${last}; the option onReject passes over such records`
      : `${name}: more than ${most} records cannot be read, the last of them ${last}`,
  );
}
