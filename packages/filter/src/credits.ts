// The credits of releases, read side by side with their titles.
import type { CsvReader } from '@wxyc/csv';
import type { ArtistFilter } from '@wxyc/matching';
import { isCompilationArtist } from '@wxyc/text';
import type { IdSet } from './kept-ids.js';
import { loaded } from './loaded.js';

export interface CreditColumns {
  id: number;
  name: number;
  variation: number;
  extra: number;
}

/** What the credits of a release say. */
export interface ReleaseCredits {
  /** A credit is by an artist of the library. */
  passes: boolean;
  /** A main credit is a compilation. */
  compilation: boolean;
  /** Names of the main credits, as the database will hold them. */
  main: string[];
}

/** The rows of a release do not stand together, in the order of the ids. */
export class OutOfOrder extends Error {}

export function creditColumns(csv: CsvReader): CreditColumns {
  return { id: csv.column('release_id'), name: csv.column('artist_name'), variation: csv.find('anv'), extra: csv.column('extra') };
}

export class Credits {
  readonly #csv: CsvReader;
  readonly #filter: ArtistFilter;
  readonly #passing: IdSet | undefined;
  readonly #columns: CreditColumns;
  readonly #batches: ReturnType<CsvReader['batches']>;
  readonly #ahead = new Map<number, ReleaseCredits>();
  #lastId = -1;
  #ended = false;

  /** @param passing The releases that pass: then rows may stand in any order. Without it the filter says, as they are read. */
  constructor(csv: CsvReader, filter: ArtistFilter, passing?: IdSet) {
    this.#csv = csv;
    this.#filter = filter;
    this.#passing = passing;
    this.#columns = creditColumns(csv);
    this.#batches = csv.batches();
  }

  /** Whether {@link take} is right for this release; else {@link readMore}. */
  isComplete(id: number): boolean {
    // While ids ascend, a release is complete as soon as a higher id was seen.
    return this.#ended || (!this.#passing && this.#lastId > id);
  }

  /** The credits of a release, once. */
  take(id: number): ReleaseCredits | undefined {
    const credits = this.#ahead.get(id);
    if (credits) this.#ahead.delete(id);
    return credits;
  }

  /** Reads to the end and returns what was not taken. */
  async rest(): Promise<ReadonlyMap<number, ReleaseCredits>> {
    while (!this.#ended) await this.readMore();
    return this.#ahead;
  }

  /** @throws OutOfOrder */
  async readMore(): Promise<void> {
    const next = await this.#batches.next();
    if (next.done) {
      this.#ended = true;
      return;
    }
    const batch = next.value;
    const columns = this.#columns;
    const filter = this.#filter;
    let credits: ReleaseCredits | undefined;
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, columns.id);
      if (id !== this.#lastId || !credits) {
        if (id < this.#lastId && !this.#passing) throw new OutOfOrder();
        this.#lastId = id;
        credits = this.#of(id);
      }
      if (!credits) continue;
      const main = batch.integer(row, columns.extra) === 0;
      if (credits.passes && !main) continue;
      const name = batch.text(row, columns.name);
      if (main) credits.main.push(loaded(name));
      if (credits.passes) continue;
      credits.passes = filter.matchesArtist(name) || (columns.variation >= 0 && !batch.isEmpty(row, columns.variation) && filter.matchesArtist(batch.text(row, columns.variation)));
      credits.compilation ||= main && isCompilationArtist(name);
    }
  }

  async close(): Promise<void> {
    await this.#batches.return();
    await this.#csv.close();
  }

  #of(id: number): ReleaseCredits | undefined {
    if (id < 0 || this.#passing?.has(id) === false) return undefined;
    let credits = this.#ahead.get(id);
    if (!credits) this.#ahead.set(id, (credits = { passes: this.#passing !== undefined, compilation: false, main: [] }));
    return credits;
  }
}
