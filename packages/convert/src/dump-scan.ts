// One pass over the records of a dump beside the releases, for what the library can meet.
import { dumps, type DumpKind } from '@wxyc/dataset';
import {
  BadInputError,
  noteInput,
  stepContext,
  stillWritten,
  throwIfInterrupted,
  type StepContext,
} from '@wxyc/step';
import type { ArrivingFile } from './arriving-file.js';
import { batches } from './batches.js';
import { DumpSource } from './dump-source.js';
import { frameFields, frameSize } from './frame-table.js';
import { inspectDump } from './inputs.js';

const dumpOf = (kind: DumpKind): string => `${kind === 'artist' ? 'an' : 'a'} ${kind}s dump`;

/**
 * Shows each record's bytes `records[start, end)` with the kind of its frame; the bytes are valid during the call alone.
 *
 * @returns how many records there are.
 * @throws BadInputError if it is another dump, damaged, or holds no record.
 */
export async function scanDump(
  input: string | ArrivingFile,
  wanted: DumpKind,
  label: string,
  look: (records: Buffer, start: number, end: number, frame: number) => void,
  context?: Partial<StepContext>,
): Promise<number> {
  const { signal, progress } = stepContext(context);
  const { kind, size, path, arriving } = await inspectDump(input);
  if (kind !== wanted)
    throw new BadInputError(`${path} is ${dumpOf(kind)}; give ${dumpOf(wanted)}`);
  const source = await DumpSource.open(input);
  const wasWritten = noteInput(path);
  const task = progress.start(label, { unit: 'bytes', total: arriving?.size ?? size });
  // One batch at a time, so one piece of memory serves them all.
  let memory = new Uint8Array(0);
  const take = (length: number): Uint8Array<ArrayBuffer> =>
    memory.length >= length ? memory : (memory = new Uint8Array(length));
  let read = 0;
  const iterator = batches(source, dumps[wanted], { take }, { walks: false, signal });
  try {
    for (;;) {
      const next = await iterator.next();
      if (next.done) {
        if (next.value.problem !== undefined)
          throw new BadInputError(
            `${next.value.problem}; ${!arriving && (await wasWritten()) ? stillWritten : 'fetch the file again'}`,
          );
        break;
      }
      const { bytes, length, frames, frameCount } = next.value;
      const records = Buffer.from(bytes.buffer, bytes.byteOffset, length);
      for (let at = 0; at < frameCount * frameSize; at += frameSize)
        look(records, frames[at]!, frames[at + frameFields.end]!, frames[at + frameFields.kind]!);
      read += frameCount;
      task.update(source.bytesRead);
      throwIfInterrupted(signal);
    }
  } finally {
    await iterator.return({});
    task.end();
  }
  if (read === 0) throw new BadInputError(`${path} holds no ${wanted}`);
  return read;
}
