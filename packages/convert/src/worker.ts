// A worker thread: batches in, results out, memory handed back and forth.
import { parentPort, workerData } from 'node:worker_threads';
import { BatchConverter, type ConverterOptions } from './batch-converter.js';
import type { Job, Reply } from './worker-pool.js';

const port = parentPort!;
const converter = new BatchConverter(workerData as ConverterOptions);

port.on('message', ({ id, batch, spare }: Job) => {
  const result = converter.convert(batch, spare);
  const memory = batch.bytes.buffer;
  const transfer: ArrayBuffer[] = [memory, result.output.buffer];
  if (spare && spare !== result.output.buffer) transfer.push(spare);
  const reply: Reply = { id, result, memory };
  port.postMessage(reply, transfer);
});
