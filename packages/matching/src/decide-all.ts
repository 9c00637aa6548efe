/** Decides a stream of releases; the search for similar artists, by far the most of the work, runs in threads. */

import { availableParallelism } from 'node:os';
import { stepContext, throwIfInterrupted, type StepContext } from '@wxyc/step';
import { Classifier, type ClassifierOptions } from './classifier.js';
import type { Candidate, Decided } from './decision.js';
import { RecentMap } from './recent-map.js';
import { SearchPool } from './search-pool.js';

export interface DecideAllOptions extends ClassifierOptions {
  /** Search threads. Default: one for each processor, eight at most. */
  jobs?: number | undefined;
  /** Number of releases to come, for the progress. */
  total?: number | undefined;
  /** A classifier that is there already; then `library`, `mappings` and `scoreCutoff` are those it was made with. */
  classifier?: Classifier | undefined;
}

type Found = { artist: number; score: number } | null;

interface Batch {
  releases: Candidate[];
  /** Names of its credits that needed a search, with their normal forms. */
  names: [string, string][];
  searches: Promise<unknown>[];
}

/** Below this many names, starting threads takes longer than searching. */
const namesWorthThreads = 3_000;
const namesPerJob = 500;
const batchesInFlight = 12;
/** Outcomes of searches that are remembered, tens of MB: each distinct name is searched once. */
const rememberedForms = 250_000;

/**
 * Decides batch after batch, in order. Memory does not grow with the stream.
 *
 * @throws InterruptedError once the context's signal fires.
 * @example
 * for await (const batch of decideAll(releasesOf(database), { library })) {
 *   for (const { id, decision } of batch) console.log(id, decision.decision, decision.rule);
 * }
 */
export async function* decideAll(
  source: AsyncIterable<Candidate[]> | Iterable<Candidate[]>,
  options: DecideAllOptions,
  partial: Partial<StepContext> = {},
): AsyncGenerator<Decided[]> {
  const context = stepContext(partial);
  const progress = context.progress.start('match', { unit: 'releases', total: options.total });
  const searches = new Searches(options.classifier ?? new Classifier(options), options.jobs);
  const queue: Batch[] = [];
  let done = 0;
  const finish = async (): Promise<Decided[]> => {
    const batch = queue.shift()!;
    await Promise.all(batch.searches);
    throwIfInterrupted(context.signal);
    const decided = searches.decide(batch);
    progress.update((done += decided.length), `${searches.count} names searched`);
    return decided;
  };
  try {
    for await (const releases of source) {
      throwIfInterrupted(context.signal);
      queue.push(searches.begin(releases));
      if (queue.length >= batchesInFlight) yield await finish();
    }
    while (queue.length > 0) yield await finish();
  } finally {
    progress.end();
    await searches.close();
  }
}

class Searches {
  /** Distinct names searched so far. */
  count = 0;
  private readonly found = new RecentMap<string, Found>(rememberedForms);
  private readonly underWay = new Set<string>();
  private readonly jobs: number;
  private pool: SearchPool | undefined;

  constructor(
    private readonly classifier: Classifier,
    jobs: number | undefined,
  ) {
    this.jobs = jobs ?? Math.min(8, availableParallelism());
  }

  /** Starts the searches that a batch needs. */
  begin(releases: Candidate[]): Batch {
    const batch: Batch = { releases, names: [], searches: [] };
    const forms: string[] = [];
    const seen = new Set<string>();
    for (const release of releases) {
      let owned: boolean | undefined;
      for (const name of release.artists) {
        if (name === '' || seen.has(name)) continue;
        const form = this.classifier.needsSearch(name);
        if (form !== undefined && (owned ??= this.classifier.isOwned(release.artists, release.title))) continue;
        seen.add(name);
        if (form === undefined) continue;
        batch.names.push([name, form]);
        if (this.underWay.has(form) || this.found.has(form)) continue;
        this.underWay.add(form);
        forms.push(form);
      }
    }
    this.count += forms.length;
    if (this.jobs > 1 && this.count >= namesWorthThreads) {
      this.pool ??= new SearchPool(this.classifier.index.artists, this.jobs);
    }
    for (let at = 0; at < forms.length; at += namesPerJob) {
      const search = this.search(forms.slice(at, at + namesPerJob));
      // Whoever awaits the batch gets the error; after an early end nobody does.
      search.catch(() => undefined);
      batch.searches.push(search);
    }
    return batch;
  }

  /** Decides a batch whose searches, and those of the batches before it, have ended. */
  decide(batch: Batch): Decided[] {
    for (const [name, form] of batch.names) {
      const found = this.found.get(form);
      if (found !== undefined) this.classifier.learn(name, found ?? undefined);
    }
    return batch.releases.map(({ id, title, artists }) => ({ id, decision: this.classifier.decide(artists, title) }));
  }

  async close(): Promise<void> {
    await this.pool?.close();
  }

  private async search(forms: string[]): Promise<void> {
    if (this.pool) {
      const { artists, scores } = await this.pool.search(forms);
      forms.forEach((form, at) => this.settle(form, artists[at]! < 0 ? null : { artist: artists[at]!, score: scores[at]! }));
    } else {
      for (const form of forms) this.settle(form, this.classifier.similar(form) ?? null);
    }
  }

  private settle(form: string, found: Found): void {
    this.found.set(form, found);
    this.underWay.delete(form);
  }
}
