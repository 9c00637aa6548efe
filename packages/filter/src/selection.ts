// Which releases stay: by their credits, by compilation title, and with matchedOnly by the library's decision.
import { join } from 'node:path';
import { encodeRow, openCsv, type CsvReader, type PartialFile } from '@wxyc/csv';
import { decisionCodes } from '@wxyc/dataset';
import { decisionValues, type ArtistFilter, type Classifier } from '@wxyc/matching';
import { isCompilationArtist, pythonStrip } from '@wxyc/text';
import { IdSet } from './kept-ids.js';

/** What the artist filter lets pass. */
export interface Passing {
  kept: IdSet;
  /** Whether the credits stand in the order of their releases' ids. */
  ordered: boolean;
}

/** Decisions of the releases that passed. */
export interface DecisionCounts {
  keep: number;
  review: number;
  prune: number;
}

interface Source {
  directory: string;
  signal: AbortSignal;
}

const releaseFile = ({ directory }: Source): string => join(directory, 'release.csv');
const artistFile = ({ directory }: Source): string => join(directory, 'release_artist.csv');

/** The releases that the artist filter lets pass: a pass over the credits, and one over the titles if there are compilations. */
export async function passingReleases(source: Source, filter: ArtistFilter): Promise<Passing> {
  let ordered = true;
  let lastId = -1;
  const kept = new IdSet();
  const compilations = new IdSet();
  const csv = await openCsv(artistFile(source), { signal: source.signal, repair: 'none' });
  const columns = creditColumns(csv);
  for await (const batch of csv.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, columns.id);
      if (id < lastId) ordered = false;
      lastId = id;
      if (id < 0 || kept.has(id)) continue;
      const name = batch.text(row, columns.name);
      if (filter.matchesArtist(name)) kept.add(id);
      else if (columns.variation >= 0 && !batch.isEmpty(row, columns.variation) && filter.matchesArtist(batch.text(row, columns.variation))) kept.add(id);
      else if (batch.integer(row, columns.extra) === 0 && isCompilationArtist(name)) compilations.add(id);
    }
  }
  if (compilations.size === 0) return { kept, ordered };
  const releases = await openCsv(releaseFile(source), { signal: source.signal, repair: 'none' });
  const idColumn = releases.column('id');
  const title = releases.column('title');
  for await (const batch of releases.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, idColumn);
      // All names of compilations are alike here: only the title counts.
      if (compilations.has(id) && !kept.has(id) && filter.keepsCompilation('Various', batch.text(row, title))) kept.add(id);
    }
  }
  return { kept, ordered };
}

/**
 * Takes the releases that the library prunes out of `kept` and counts the decisions; `decisionsFile` gets a row for each.
 * Reads titles and credits side by side: constant memory if both files are in the order of the ids, else the main
 * credits of all releases that pass are held.
 */
export async function pruneByTitle(source: Source, { kept, ordered }: Passing, classifier: Classifier, decisionsFile?: PartialFile): Promise<DecisionCounts> {
  const counts = { keep: 0, review: 0, prune: 0 };
  const decided = new IdSet();
  const credits = new MainCredits(await openCsv(artistFile(source), { signal: source.signal }), kept, ordered);
  const releases = await openCsv(releaseFile(source), { signal: source.signal });
  const idColumn = releases.column('id');
  const titleColumn = releases.column('title');
  const pruned: number[] = [];
  try {
    for await (const batch of releases.batches()) {
      let rows = '';
      for (let row = 0; row < batch.rows; row++) {
        const id = batch.integer(row, idColumn);
        if (!kept.has(id) || decided.has(id)) continue;
        decided.add(id);
        const title = loaded(batch.text(row, titleColumn));
        const artists = await credits.of(id);
        const code = decisionsFile ? undefined : classifier.decisionOf(artists, title);
        const decision = decisionsFile ? classifier.decide(artists, title) : undefined;
        if (decision) rows += encodeRow(decisionValues(id, decision));
        const result = decision ? decisionCodes[decision.decision] : code;
        if (result === decisionCodes.KEEP) counts.keep++;
        else if (result === decisionCodes.REVIEW) counts.review++;
        else {
          counts.prune++;
          pruned.push(id);
        }
      }
      for (const id of pruned.splice(0)) kept.delete(id);
      if (rows !== '') await decisionsFile!.write(Buffer.from(rows));
    }
  } finally {
    await credits.close();
  }
  return counts;
}

/** Main credits by release, read as they are asked for. */
class MainCredits {
  readonly #csv: CsvReader;
  readonly #wanted: IdSet;
  readonly #columns: ReturnType<typeof creditColumns>;
  readonly #batches: ReturnType<CsvReader['batches']>;
  readonly #ahead = new Map<number, string[]>();
  #lastId = -1;
  #ended = false;
  readonly #ordered: boolean;

  constructor(csv: CsvReader, wanted: IdSet, ordered: boolean) {
    this.#ordered = ordered;
    this.#csv = csv;
    this.#wanted = wanted;
    this.#columns = creditColumns(csv);
    this.#batches = csv.batches();
  }

  /** Names with extra = 0. Ask for each release once. */
  async of(id: number): Promise<string[]> {
    // While ids ascend, a release is complete as soon as a higher id was seen.
    while (!this.#ended && !(this.#ordered && this.#lastId > id)) await this.#readMore();
    const names = this.#ahead.get(id) ?? [];
    this.#ahead.delete(id);
    return names;
  }

  async close(): Promise<void> {
    await this.#batches.return();
    await this.#csv.close();
  }

  async #readMore(): Promise<void> {
    const next = await this.#batches.next();
    if (next.done) {
      this.#ended = true;
      return;
    }
    const batch = next.value;
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, this.#columns.id);
      this.#lastId = id;
      if (!this.#wanted.has(id) || batch.integer(row, this.#columns.extra) !== 0) continue;
      const names = this.#ahead.get(id);
      const name = loaded(batch.text(row, this.#columns.name));
      if (names) names.push(name);
      else this.#ahead.set(id, [name]);
    }
  }
}

function creditColumns(csv: CsvReader): { id: number; name: number; variation: number; extra: number } {
  return { id: csv.column('release_id'), name: csv.column('artist_name'), variation: csv.find('anv'), extra: csv.column('extra') };
}

/** The value as the database will hold it. */
function loaded(value: string): string {
  return pythonStrip(value.replace(/\r\n|\r|\n/g, ' '));
}
