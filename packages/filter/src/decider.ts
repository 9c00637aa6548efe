// Decisions on a stream of releases, made in a thread while the next releases are read.
import { encodeRow, type PartialFile } from '@wxyc/csv';
import { decisionCodes } from '@wxyc/dataset';
import { decisionColumns, decisionValues, type DecisionThread, type Undecided } from '@wxyc/matching';
import type { IdSet } from './kept-ids.js';

/** Decisions of the releases that passed the artist filter. */
export interface DecisionCounts {
  keep: number;
  review: number;
  prune: number;
}

/** Releases sent to the thread at once, and how often before the oldest answer is waited for. */
const batchSize = 1_000;
const mostUnderWay = 8;

/** Takes what the library prunes out of `kept`. */
export class Decider {
  readonly counts: DecisionCounts = { keep: 0, review: 0, prune: 0 };
  readonly #thread: DecisionThread;
  readonly #kept: IdSet;
  readonly #file: PartialFile | undefined;
  #ids: number[] = [];
  #releases: Undecided[] = [];
  readonly #underWay: { ids: number[]; answer: Promise<{ codes: number[]; rows: string }> }[] = [];

  /** @param file Gets a row for each release, in their order. */
  static async create(thread: DecisionThread, kept: IdSet, file: PartialFile | undefined): Promise<Decider> {
    await file?.write(Buffer.from(encodeRow(decisionColumns)));
    return new Decider(thread, kept, file);
  }

  private constructor(thread: DecisionThread, kept: IdSet, file: PartialFile | undefined) {
    this.#thread = thread;
    this.#kept = kept;
    this.#file = file;
  }

  /** Await {@link drain} now and then. */
  add(id: number, release: Undecided): void {
    this.#ids.push(id);
    this.#releases.push(release);
    if (this.#ids.length === batchSize) this.#send();
  }

  /** Waits until not too much is under way. */
  async drain(): Promise<void> {
    while (this.#underWay.length > mostUnderWay) await this.#takeOldest();
  }

  /** Waits until all are decided. */
  async finish(): Promise<void> {
    this.#send();
    while (this.#underWay.length > 0) await this.#takeOldest();
  }

  #send(): void {
    const ids = this.#ids.splice(0);
    const answer = this.#decide(ids, this.#releases.splice(0));
    // Whoever takes it gets its failure; after an early end nobody does.
    answer.catch(() => undefined);
    this.#underWay.push({ ids, answer });
  }

  async #decide(ids: number[], releases: Undecided[]): Promise<{ codes: number[]; rows: string }> {
    if (!this.#file) return { codes: await this.#thread.codes(releases), rows: '' };
    const decisions = await this.#thread.decisions(releases);
    return {
      codes: decisions.map(({ decision }) => decisionCodes[decision]),
      rows: decisions.map((decision, at) => encodeRow(decisionValues(ids[at]!, decision))).join(''),
    };
  }

  async #takeOldest(): Promise<void> {
    const { ids, answer } = this.#underWay.shift()!;
    const { codes, rows } = await answer;
    codes.forEach((code, at) => {
      if (code === decisionCodes.KEEP) this.counts.keep++;
      else if (code === decisionCodes.REVIEW) this.counts.review++;
      else {
        this.counts.prune++;
        this.#kept.delete(ids[at]!);
      }
    });
    if (rows !== '') await this.#file!.write(Buffer.from(rows));
  }
}
