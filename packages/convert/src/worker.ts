// A worker thread: batches in, results out, memory handed back and forth.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';
import { BatchConverter, type ConverterOptions } from './batch-converter.js';
import { sharedBatch } from './batches.js';
import type { Job, Reply } from './worker-pool.js';

const port = parentPort!;
// What one long record leaves behind would stay until the heap is at its limit, which is gigabytes.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const converter = new BatchConverter(workerData as ConverterOptions);
// Reading a library leaves as much behind as it needs, and the heap grows from where it stands.
collectGarbage();

port.on('message', ({ id, batch, spare }: Job) => {
  const result = converter.convert(batch, spare);
  const { length } = batch;
  const memory = batch.bytes.buffer;
  const transfer: ArrayBuffer[] = [memory, result.output.buffer];
  if (spare && spare !== result.output.buffer) transfer.push(spare);
  const reply: Reply = { id, result, memory };
  port.postMessage(reply, transfer);
  if (length > sharedBatch) collectGarbage();
});
