// A worker thread: it is told how to convert, then takes batches and gives results; memory goes back and forth.
import { parentPort } from 'node:worker_threads';
import { collectGarbage, tidyUp } from '@wxyc/step';
import { BatchConverter, type ConverterOptions } from './batch-converter.js';
import { sharedBatch } from './batches.js';
import type { Job, Loaded, Reply } from './worker-pool.js';

const port = parentPort!;

port.once('message', (options: ConverterOptions) => {
  const converter = new BatchConverter(options);
  // Reading a library leaves as much garbage as it keeps, and the heap would grow from there.
  collectGarbage();
  port.on('message', (job: Job) => convert(converter, job));
});

function convert(converter: BatchConverter, { id, batch, spare }: Job): void {
  const result = converter.convert(batch, spare);
  const { length } = batch;
  const memory = batch.bytes.buffer;
  const transfer: ArrayBuffer[] = [memory, result.output.buffer];
  if (spare && spare !== result.output.buffer) transfer.push(spare);
  const reply: Reply = { id, result, memory };
  port.postMessage(reply, transfer);
  // The garbage of a long record is collected at once.
  if (length > sharedBatch) collectGarbage();
  else tidyUp();
}

const loaded: Loaded = 'loaded';
port.postMessage(loaded);
