// One pass over the records of a dump of a known kind, a batch at a time.
import { dumps, type DumpKind } from '@wxyc/dataset';
import { BadInputError, stepContext, throwIfInterrupted, type StepContext } from '@wxyc/step';
import { batches, type Batch } from './batches.js';
import type { DumpInput } from './dump-feed.js';
import { frameFields, frameSize } from './frame-table.js';
import { openDump } from './inputs.js';

const dumpOf = (kind: DumpKind): string => `${kind === 'artist' ? 'an' : 'a'} ${kind}s dump`;

/**
 * The records in batches; each is valid until the next one is asked for. However the iteration ends, the dump is closed.
 *
 * @throws BadInputError if it is another kind of dump, damaged, or holds no record.
 */
export async function* dumpBatches(
  input: DumpInput,
  wanted: DumpKind,
  label: string,
  limit: number,
  context?: Partial<StepContext>,
): AsyncGenerator<Batch, void, void> {
  const { signal, progress } = stepContext(context);
  const { source, kind, path, size, arriving } = await openDump(input, signal);
  const task = progress.start(label, { unit: 'bytes', total: arriving?.size ?? size });
  try {
    if (kind !== wanted)
      throw new BadInputError(`${path} is ${dumpOf(kind)}; give ${dumpOf(wanted)}`);
    // One batch at a time, so one piece of memory serves them all.
    let memory = new Uint8Array(0);
    const take = (length: number): Uint8Array<ArrayBuffer> =>
      memory.length >= length ? memory : (memory = new Uint8Array(length));
    let read = 0;
    const iterator = batches(source, dumps[wanted], { take }, { limit, walks: false, signal });
    try {
      for (;;) {
        const next = await iterator.next();
        if (next.done) {
          if (next.value.problem !== undefined)
            throw new BadInputError(`${next.value.problem}; ${await source.advice()}`, {
              code: 'INPUT_TRUNCATED',
            });
          break;
        }
        yield next.value;
        read += next.value.frameCount;
        task.update(source.bytesRead);
        throwIfInterrupted(signal);
      }
    } finally {
      await iterator.return({});
    }
    if (read === 0) throw new BadInputError(`${path} holds no ${wanted}`);
  } finally {
    task.end();
    await source.close();
  }
}

/**
 * Shows each record's bytes `records[start, end)` with the kind of its frame; the bytes are valid only during the call.
 *
 * @returns how many records there are.
 * @throws BadInputError as {@link dumpBatches} does.
 */
export async function scanDump(
  input: DumpInput,
  wanted: DumpKind,
  label: string,
  look: (records: Buffer, start: number, end: number, frame: number) => void,
  context?: Partial<StepContext>,
): Promise<number> {
  let read = 0;
  for await (const batch of dumpBatches(input, wanted, label, Infinity, context)) {
    const { bytes, length, frames, frameCount } = batch;
    const records = Buffer.from(bytes.buffer, bytes.byteOffset, length);
    for (let at = 0; at < frameCount * frameSize; at += frameSize)
      look(records, frames[at]!, frames[at + frameFields.end]!, frames[at + frameFields.kind]!);
    read += frameCount;
  }
  return read;
}
