// The loop: ask, gather, write, until all or enough is done, or time is up.
import { setTimeout as sleep } from 'node:timers/promises';
import { StepError, type StepContext } from '@wxyc/step';
import type { DiscogsApi } from './discogs-api.js';
import type { Lacking } from './lacking.js';
import type { Writer } from './writer.js';

export interface FillingParts {
  lacking: Lacking;
  api: DiscogsApi;
  writer: Writer;
  /** Most releases to ask for. */
  limit: number;
  /** The moment after which no further release is asked for. */
  until: number;
}

export interface FillingCounts {
  read: number;
  written: number;
  dropped: Record<string, number>;
}

/** Requests under way: an answer may take longer than the pace between two requests. */
const atOnce = 4;
/** How many ids are taken from the table at a time. */
const portion = 200;
/** Answers are written when there are this many, or this many milliseconds after the last time. */
const batch = { size: 20, milliseconds: 10_000 };
/** After this many failed releases in a row, the API is out of order, not a release. */
const mostFailures = 5;
/** How often rows that somebody has locked are tried again at the end. */
const lastTries = 5;

export class Filling {
  readonly #parts: FillingParts;
  readonly #context: StepContext;
  readonly #counts = { asked: 0, stored: 0, none: 0, gone: 0, failed: 0 };
  /** Ids that this call has asked for, which it does not ask for again, whatever the result. */
  readonly #asked = new Set<number>();
  #queue: number[] = [];
  #ended = false;
  #failuresInARow = 0;
  #lastWrite = performance.now();
  /** The last work on the connection, which does one thing at a time. */
  #database: Promise<unknown> = Promise.resolve();

  constructor(parts: FillingParts, context: StepContext) {
    this.#parts = parts;
    this.#context = context;
  }

  async run(): Promise<FillingCounts> {
    const { limit, writer } = this.#parts;
    const task = this.#context.progress.start('artwork', { unit: 'releases', total: limit });
    let failure: Error | undefined;
    const worker = async (): Promise<void> => {
      try {
        for (
          let id = await this.#take();
          id !== undefined && failure === undefined;
          id = await this.#take()
        ) {
          await this.#handle(id);
          task.update(this.#counts.asked, `${this.#counts.stored} found`);
        }
      } catch (error) {
        failure ??= error as Error;
        this.#ended = true;
      }
    };
    try {
      // The first answer says how fast the others may come.
      const first = await this.#take();
      if (first !== undefined) await this.#handle(first);
      await Promise.all(Array.from({ length: atOnce }, worker));
    } catch (error) {
      failure ??= error as Error;
    } finally {
      task.end();
    }
    // Even after a failure or an interrupt: what was found is worth keeping.
    await this.#writeRest().catch((error: Error) => (failure ??= error));
    if (failure !== undefined) throw failure;
    if (writer.pending.size > 0)
      this.#context.logger.warn(
        `${writer.pending.size} releases are locked by another transaction; the next run looks them up again`,
      );
    const { asked, stored, none, gone, failed } = this.#counts;
    const dropped = {
      'no image': none,
      'gone from Discogs': gone,
      'look-up failed': failed,
      'filled in or locked by others': asked - stored - none - gone - failed,
    };
    return {
      read: asked,
      written: stored,
      dropped: Object.fromEntries(Object.entries(dropped).filter(([, count]) => count > 0)),
    };
  }

  /** The next id to ask for. Only one caller at a time reads the table. */
  #take(): Promise<number | undefined> {
    return this.#inTurn(async () => {
      const { limit, until, lacking } = this.#parts;
      if (this.#ended || this.#asked.size >= limit || performance.now() >= until) return undefined;
      if (this.#queue.length === 0) this.#queue = await lacking.next(portion, this.#asked);
      const id = this.#queue.shift();
      if (id === undefined) this.#ended = true;
      else this.#asked.add(id);
      return id;
    });
  }

  async #handle(id: number): Promise<void> {
    const answer = await this.#parts.api.ask(id);
    this.#counts.asked += 1;
    if (answer === 'failed') {
      this.#counts.failed += 1;
      if (++this.#failuresInARow >= mostFailures)
        throw new StepError(
          `The Discogs API failed for ${mostFailures} releases in a row, after several attempts each: it seems to be down. What was found so far is stored; run again later`,
        );
    } else {
      this.#failuresInARow = 0;
      if (answer === 'none') this.#counts.none += 1;
      else if (answer === 'gone') this.#counts.gone += 1;
      this.#parts.writer.add(id, typeof answer === 'object' ? answer.url : null);
    }
    if (
      this.#parts.writer.pending.size >= batch.size ||
      performance.now() - this.#lastWrite > batch.milliseconds
    )
      await this.#write();
  }

  #write(): Promise<void> {
    return this.#inTurn(async () => {
      this.#lastWrite = performance.now();
      this.#counts.stored += await this.#parts.writer.flush();
    });
  }

  async #writeRest(): Promise<void> {
    for (let tries = 0; this.#parts.writer.pending.size > 0 && tries < lastTries; tries++) {
      if (tries > 0) await sleep(200 * tries);
      await this.#write();
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#database.then(work);
    this.#database = turn.catch(() => undefined);
    return turn;
  }
}
