/** Several search threads behind one function. Each job goes to the thread with the fewest jobs waiting. */

import { Worker } from 'node:worker_threads';
import type { SearchAnswer } from './search-worker.js';

interface Job {
  resolve: (answer: SearchAnswer) => void;
  reject: (error: unknown) => void;
}

interface Thread {
  worker: Worker;
  /** A thread answers in the order in which it was asked. */
  waiting: Job[];
}

export class SearchPool {
  private readonly threads: Thread[];
  private failure: unknown;

  /** @param artists Normal forms in sorted order, as in the classifier's index. */
  constructor(artists: readonly string[], size: number) {
    this.threads = Array.from({ length: size }, () => this.start(artists));
  }

  /** Searches all names; the answer is in their order. */
  search(names: string[]): Promise<SearchAnswer> {
    const thread = this.threads.reduce((idle, other) => (other.waiting.length < idle.waiting.length ? other : idle));
    const answer = new Promise<SearchAnswer>((resolve, reject) => {
      if (this.failure !== undefined) reject(this.failure as Error);
      else thread.waiting.push({ resolve, reject });
    });
    if (this.failure === undefined) thread.worker.postMessage(names);
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map(({ worker }) => worker.terminate()));
  }

  private start(artists: readonly string[]): Thread {
    const thread: Thread = {
      worker: new Worker(new URL('./search-worker.js', import.meta.url), {
        workerData: artists,
        // A search leaves next to nothing behind: a larger nursery would only be memory.
        resourceLimits: { maxYoungGenerationSizeMb: 8 },
      }),
      waiting: [],
    };
    thread.worker.on('message', (answer: SearchAnswer) => thread.waiting.shift()?.resolve(answer));
    const fail = (error: unknown): void => {
      this.failure ??= error;
      for (const job of thread.waiting.splice(0)) job.reject(error);
    };
    thread.worker.on('error', fail);
    thread.worker.on('exit', (code) => fail(new Error(`A search thread ended with code ${code}`)));
    return thread;
  }
}
