/** A worker thread that answers requests one after the other. */

import { Worker, type WorkerOptions } from 'node:worker_threads';

interface Waiting<Answer> {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/** The file at `script` must answer every request with one message. */
export class Thread<Request, Answer> {
  private readonly worker: Worker;
  /** A thread answers in the order in which it was asked. */
  private readonly waiting: Waiting<Answer>[] = [];
  private failure: unknown;

  constructor(script: URL, options: Pick<WorkerOptions, 'workerData' | 'resourceLimits'>) {
    this.worker = new Worker(script, options);
    this.worker.on('message', (answer: Answer) => this.waiting.shift()?.resolve(answer));
    this.worker.on('error', (error) => this.fail(error));
    this.worker.on('exit', (code) => this.fail(new Error(`A thread that matches ended with code ${code}`)));
  }

  /** Requests that are not answered yet. */
  get load(): number {
    return this.waiting.length;
  }

  /** @throws what ended the thread, if it has ended or ends before it answers. */
  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure as Error);
      this.waiting.push({ resolve, reject });
      this.worker.postMessage(request);
    });
  }

  /** Sends what is not answered. */
  tell(message: unknown): void {
    this.worker.postMessage(message);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(error);
  }
}
