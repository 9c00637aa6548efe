// Worker threads that convert batches, and the memory that circulates between them and the main thread.
import { Worker } from 'node:worker_threads';
import type { Batch } from './batches.js';
import type { BatchResult } from './batch-result.js';
import type { ConverterOptions } from './batch-converter.js';
import type { Converters } from './converters.js';

export interface Job {
  id: number;
  batch: Batch;
  /** Memory for the output. */
  spare: ArrayBuffer | undefined;
}

export interface Reply {
  id: number;
  result: BatchResult;
  /** The batch's memory, handed back. */
  memory: ArrayBuffer;
}

/** A thread's first message: its modules are loaded. */
export type Loaded = 'loaded';

interface Waiting {
  resolve: (result: BatchResult) => void;
  reject: (error: Error) => void;
}

/** How many pieces of memory of each sort are kept to be used again; more than are ever in use at once would be a waste. */
const keptPieces = 16;
const longestKept = 4 * 1024 * 1024;

export class WorkerPool implements Converters {
  readonly size: number;
  readonly #workers: { worker: Worker; busy: number; loaded: Promise<void> }[];
  readonly #waiting = new Map<number, Waiting>();
  #memory: ArrayBuffer[] = [];
  #spares: ArrayBuffer[] = [];
  #nextId = 0;
  #failure: Error | undefined;

  /** Starts the threads, which takes as long as reading a library. */
  constructor(size: number) {
    this.size = size;
    this.#workers = Array.from({ length: size }, () => {
      // A small heap is enough: what is parsed is in buffers, and strings die young.
      const worker = new Worker(new URL('./worker.js', import.meta.url), {
        resourceLimits: { maxYoungGenerationSizeMb: 24 },
      });
      const loaded = new Promise<void>((resolve) => {
        worker.once('message', () => resolve());
        worker.once('exit', () => resolve());
      });
      const entry = { worker, busy: 0, loaded };
      worker.on('message', (reply: Reply | Loaded) => {
        if (reply === 'loaded') return;
        const { id, result, memory } = reply;
        entry.busy--;
        this.#keep(memory);
        this.#waiting.get(id)?.resolve(result);
        this.#waiting.delete(id);
      });
      worker.on('error', (error) => this.#fail(error as Error));
      worker.on('exit', () => this.#fail(new Error('A worker thread ended unexpectedly')));
      return entry;
    });
  }

  start(options: ConverterOptions): void {
    for (const { worker } of this.#workers) worker.postMessage(options);
  }

  /** Memory for a batch, of at least that size. */
  take(size: number): Uint8Array<ArrayBuffer> {
    const index = this.#memory.findIndex(({ byteLength }) => byteLength >= size);
    return new Uint8Array(index >= 0 ? this.#memory.splice(index, 1)[0]! : new ArrayBuffer(size));
  }

  /** Converts the batch on the least busy worker. */
  convert(batch: Batch): Promise<BatchResult> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      const id = this.#nextId++;
      this.#waiting.set(id, { resolve, reject });
      const entry = this.#workers.reduce((least, candidate) =>
        candidate.busy < least.busy ? candidate : least,
      );
      entry.busy++;
      const job: Job = { id, batch, spare: this.#spares.pop() };
      entry.worker.postMessage(job, [
        batch.bytes.buffer,
        batch.frames.buffer,
        ...(job.spare ? [job.spare] : []),
      ]);
    });
  }

  recycle(output: Uint8Array<ArrayBuffer>): void {
    if (this.#spares.length < keptPieces && output.buffer.byteLength <= longestKept)
      this.#spares.push(output.buffer);
  }

  async close(): Promise<void> {
    this.#failure ??= new Error('The workers have been stopped');
    // A thread that is ended while it loads its modules leaves their files open.
    await Promise.all(
      this.#workers.map(({ worker, loaded }) => loaded.then(() => worker.terminate())),
    );
  }

  #keep(memory: ArrayBuffer): void {
    // A piece that only one huge record needed is not kept.
    if (this.#memory.length < keptPieces && memory.byteLength <= longestKept)
      this.#memory.push(memory);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }
}
