/** Several search threads behind one function. Each job goes to the thread with the fewest jobs waiting. */

import type { SearchAnswer } from './search-worker.js';
import { Thread } from './thread.js';

export class SearchPool {
  private readonly threads: Thread<string[], SearchAnswer>[];

  /** @param artists Normal forms in sorted order, as in the classifier's index. */
  constructor(artists: readonly string[], size: number) {
    // A search leaves next to nothing behind: a larger nursery would only be memory.
    const options = { workerData: artists, resourceLimits: { maxYoungGenerationSizeMb: 8 } };
    this.threads = Array.from({ length: size }, () => new Thread(new URL('./search-worker.js', import.meta.url), options));
  }

  /** Searches all names; the answer is in their order. */
  search(names: string[]): Promise<SearchAnswer> {
    return this.threads.reduce((idle, other) => (other.load < idle.load ? other : idle)).ask(names);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}
