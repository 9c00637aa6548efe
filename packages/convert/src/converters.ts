// What converts batches: worker threads, or for a small dump the thread that reads it.
import { BatchConverter, type ConverterOptions } from './batch-converter.js';
import type { BatchResult } from './batch-result.js';
import type { Batch, BatchMemory } from './batches.js';

export interface Converters extends BatchMemory {
  /** How many batches are converted at a time. */
  readonly size: number;
  /** Says how to convert. Call it once, before the first batch. */
  start(options: ConverterOptions): void;
  /** Converts the batch; the caller can no longer use its memory. */
  convert(batch: Batch): Promise<BatchResult>;
  /** Takes a result's output memory back when it has been written. */
  recycle(output: Uint8Array<ArrayBuffer>): void;
  close(): Promise<void>;
}

/** Starting a thread takes longer than converting a small dump. */
export class SameThread implements Converters {
  readonly size = 1;
  #converter: BatchConverter | undefined;

  start(options: ConverterOptions): void {
    this.#converter = new BatchConverter(options);
  }

  take(size: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(size);
  }

  // As a thread's, a failure is a rejection.
  async convert(batch: Batch): Promise<BatchResult> {
    return this.#converter!.convert(batch);
  }

  recycle(): void {
    // The few pieces of a small dump need not be used again.
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
