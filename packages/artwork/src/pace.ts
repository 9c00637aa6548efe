// How fast requests to the API may be: as it says in its answers, and never faster than the operator wants.
import { wait } from '@wxyc/http';

/** By how much more than the limit requires requests are spaced, since the server has its own clock. */
const margin = 1.01;
/** If fewer requests than this are left, somebody else is using the same token: leave some for them. */
const scarce = 3;

export interface PaceOptions {
  /** Most requests in a window. */
  rate: number;
  /** Milliseconds that limits count for. */
  window: number;
}

/**
 * Gives out the moments of requests. The API counts those of the last minute, for all that use a token:
 * X-Discogs-Ratelimit is how many there may be, X-Discogs-Ratelimit-Remaining how many are left.
 */
export class Pace {
  readonly #options: PaceOptions;
  #limit: number;
  #next = 0;
  #line: Promise<void> = Promise.resolve();
  /** Moments of the requests in the window, the oldest first. */
  #sent: number[] = [];

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#limit = options.rate;
  }

  /** Requests allowed in a window, as far as is known now. */
  get rate(): number {
    return this.#limit;
  }

  /** Waits for the next moment. Throws InterruptedError on abort. */
  turn(signal: AbortSignal): Promise<void> {
    // Only one waits at a time, so that what an answer says meanwhile applies to all later ones.
    const mine = this.#line.then(() => this.#wait(signal));
    this.#line = mine.catch(() => undefined);
    return mine;
  }

  async #wait(signal: AbortSignal): Promise<void> {
    const { window } = this.#options;
    for (
      let pause = this.#next - performance.now();
      pause > 0;
      pause = this.#next - performance.now()
    )
      await wait(pause, signal);
    const now = performance.now();
    this.#next = now + (window / this.#limit) * margin;
    this.#sent = [...this.#sent.filter((sent) => sent > now - window), now];
  }

  /** Takes note of what an answer says about the limit. */
  heard(headers: Headers): void {
    const [limit, remaining] = ['x-discogs-ratelimit', 'x-discogs-ratelimit-remaining'].map(
      (name) => Number(headers.get(name) ?? NaN),
    );
    if (limit! >= 1) {
      this.#limit = Math.min(this.#options.rate, limit!);
      this.pauseUntil((this.#sent.at(-1) ?? 0) + (this.#options.window / this.#limit) * margin);
    }
    if (remaining === 0) {
      // A place is free at the latest when the oldest of our own requests no longer counts.
      const oldest = this.#sent[0] ?? performance.now();
      this.pauseUntil(oldest + this.#options.window * margin);
    } else if (remaining! <= scarce && this.#sent.length < this.#limit - scarce)
      this.#next += this.#options.window / this.#limit;
  }

  /** No request before that moment. */
  pauseUntil(moment: number): void {
    this.#next = Math.max(this.#next, moment);
  }
}
