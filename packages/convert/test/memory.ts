// Converts a dump in memory, in this thread, in chunks and batches of any size: the step without files and workers.
import { dumpFor, type DumpKind } from '@wxyc/dataset';
import { BatchConverter, type ConverterOptions } from '../dist/batch-converter.js';
import { addCounts, noCounts, type RecordCounts, type Reject } from '../dist/batch-result.js';
import { batches, type ByteSource, type DumpEnd } from '../dist/batches.js';
import { noRepairs } from '../dist/repair.js';

export interface MemoryOptions extends Partial<ConverterOptions> {
  /** Bytes per chunk. */
  chunk?: number;
  /** Bytes per batch. */
  size?: number;
  limit?: number;
}

export interface MemoryResult {
  /** File name to its rows, without the header. */
  files: Record<string, string>;
  counts: RecordCounts;
  repairs: ReturnType<typeof noRepairs>;
  rejects: Reject[];
  decisions: string;
  lastId: string | null;
  problem: string | undefined;
}

export async function convertBytes(
  dump: Buffer | string,
  options: MemoryOptions = {},
): Promise<MemoryResult> {
  const {
    chunk = 1 << 20,
    size = 1 << 20,
    limit = Infinity,
    kind = 'release' as DumpKind,
    ...rest
  } = options;
  const bytes = Buffer.from(dump);
  const source: ByteSource & { length: number } = {
    path: 'dump.xml',
    length: 0,
    async *chunks() {
      for (let p = 0; p < bytes.length; p += chunk) {
        const part = bytes.subarray(p, p + chunk);
        source.length += part.length;
        yield part;
      }
    },
  };
  const converter = new BatchConverter({
    profile: 'lean',
    cleanNewlines: false,
    decisions: false,
    coverage: false,
    reader: 'fast',
    ...rest,
    kind,
  });
  const described = dumpFor(kind, rest.profile ?? 'lean');
  const parts: Buffer[][] = described.files.map(() => []);
  const result: MemoryResult = {
    files: {},
    counts: noCounts(),
    repairs: noRepairs(),
    rejects: [],
    decisions: '',
    lastId: null,
    problem: undefined,
  };
  const iterator = batches(
    source,
    described,
    { take: (wanted) => new Uint8Array(wanted) },
    { limit, size, walks: rest.reader !== 'strict' },
  );
  for (;;) {
    const next = await iterator.next();
    if (next.done) {
      result.problem = (next.value as DumpEnd).problem;
      break;
    }
    const batch = converter.convert(next.value);
    let offset = 0;
    batch.lengths.forEach((length, index) => {
      parts[index]!.push(Buffer.from(batch.output.subarray(offset, offset + length)));
      offset += length;
    });
    addCounts(result.counts, batch.counts);
    addCounts(result.repairs, batch.repairs);
    result.rejects.push(...batch.rejects);
    result.decisions += batch.decisions;
    result.lastId = batch.lastId ?? result.lastId;
  }
  described.files.forEach(
    ({ name }, index) => (result.files[name] = Buffer.concat(parts[index]!).toString()),
  );
  return result;
}

/** Every record read is counted exactly once. */
export function accountedFor({
  read,
  written,
  filtered,
  pruned,
  nameless,
  rejected,
}: RecordCounts): boolean {
  return read === written + filtered + pruned + nameless + rejected;
}
