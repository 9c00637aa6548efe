// Track ids count the track elements of the whole dump, and several threads count at a time: in turn, batch by batch.

/** Behind which batch the count stands, and the count. */
const at = { batch: 0, tracks: 1 } as const;

/** The count that all workers share; pass it to each {@link TrackCount}. */
export const trackCountMemory = (): SharedArrayBuffer => new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT);

export class TrackCount {
  readonly #shared: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#shared = new Int32Array(memory);
  }

  /**
   * Adds a batch's track elements and returns how many came before it in the dump. Waits until all batches before it
   * have done so. Each batch must be added once; a worker must take its batches in order, or two would wait for each
   * other.
   */
  add(batch: number, tracks: number): number {
    for (;;) {
      const next = Atomics.load(this.#shared, at.batch);
      if (next === batch) break;
      Atomics.wait(this.#shared, at.batch, next);
    }
    const before = Atomics.add(this.#shared, at.tracks, tracks);
    Atomics.store(this.#shared, at.batch, batch + 1);
    Atomics.notify(this.#shared, at.batch);
    return before;
  }
}
