// Releases with their credits, from release.csv and release_artist.csv, read in parallel.
import { join } from 'node:path';
import { IdSet, findCsv, openCsv, type CsvBatch, type CsvReader } from '@wxyc/csv';
import {
  ArtistSpelling,
  type Credit,
  type NameScreen,
  type Release,
  type Selection,
  verdicts,
} from '@wxyc/matching';
import { loaded } from './loaded.js';

export interface Source {
  directory: string;
  signal: AbortSignal;
  /** Releases that pass by a name come with their credits too, for whoever looks for albums among them. */
  observed: boolean;
}

/** What the files say about a release. */
export interface Evidence {
  release: Release;
  /** A name or name variation of a credit, main or extra, is on the artist list. */
  byName: boolean;
}

/** The files are not in the order of the ids, with the rows of a release together. */
export class OutOfOrder extends Error {}

const openReleases = ({ directory, signal }: Source): Promise<CsvReader> =>
  openCsv(findCsv(directory, 'release') ?? join(directory, 'release.csv'), {
    signal,
    repair: 'none',
  });
const openCredits = ({ directory, signal }: Source): Promise<CsvReader> =>
  openCsv(findCsv(directory, 'release_artist') ?? join(directory, 'release_artist.csv'), {
    signal,
    repair: 'none',
  });

/**
 * Streams the releases, each id once. Files in the order of the ids, as convert writes them, are read in constant memory.
 *
 * @param only The releases to stream: then rows may be in any order, and the credits of these are held.
 * @throws OutOfOrder without `only`, for files in any other order.
 */
export async function* releasesOf(
  source: Source,
  names: NameScreen | undefined,
  only?: IdSet,
): AsyncGenerator<Evidence[]> {
  const seen = new IdSet();
  const credits = new CreditReader(await openCredits(source), source.observed, names, only);
  try {
    const releases = await openReleases(source);
    const id = releases.column('id');
    const title = releases.column('title');
    const master = releases.find('master_id');
    let lastId = -1;
    for await (const batch of releases.batches()) {
      const found: Evidence[] = [];
      for (let row = 0; row < batch.rows; row++) {
        const releaseId = batch.integer(row, id);
        if (releaseId < 0 || seen.has(releaseId) || only?.has(releaseId) === false) continue;
        seen.add(releaseId);
        // Reading on to it would mean holding the credits of everything in between.
        if (releaseId < lastId && !only) throw new OutOfOrder();
        lastId = releaseId;
        while (!credits.isComplete(releaseId)) await credits.readMore();
        const { main, byName } = credits.take(releaseId);
        const masterId = master < 0 ? 0 : Math.max(0, batch.integer(row, master));
        found.push({
          release: {
            id: releaseId,
            masterId,
            title: loaded(batch.text(row, title)),
            credits: main,
          },
          byName,
        });
      }
      yield found;
    }
    await credits.skipRest();
  } finally {
    await credits.close();
  }
}

/** The releases of files in any order that have a name or a title worth a look, and how many there are beside them. */
export async function worthALook(
  source: Source,
  { nameScreen, classifier }: Selection,
): Promise<{ ids: IdSet; others: number }> {
  const ids = new IdSet();
  const credited = new IdSet();
  const csv = await openCredits(source);
  const columns = creditColumns(csv);
  for await (const batch of csv.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, columns.id);
      if (id < 0 || ids.has(id)) continue;
      const isMain = batch.integer(row, columns.extra) === 0;
      // Joint credits are known only together.
      if ((isMain && credited.has(id)) || isListed(batch, row, columns, nameScreen)) ids.add(id);
      else if (
        isMain &&
        classifier &&
        creditNames(batch, row, columns).some((name) => classifier.meets(new ArtistSpelling(name)))
      )
        ids.add(id);
      if (isMain) credited.add(id);
    }
  }
  const releases = await openReleases(source);
  const id = releases.column('id');
  const title = releases.column('title');
  const all = new IdSet();
  // Credits may belong to no release.
  let others = 0;
  for await (const batch of releases.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const releaseId = batch.integer(row, id);
      if (releaseId < 0) continue;
      const isNew = all.add(releaseId);
      if (classifier) {
        const bytes = Buffer.from(loaded(batch.text(row, title)));
        // Without credits, any title of an album is worth a look.
        classifier.screen.begin();
        const verdict = classifier.screen.verdict({ bytes, start: 0, end: bytes.length });
        if (classifier.ownsByIds || verdict !== verdicts.out) ids.add(releaseId);
      }
      if (isNew && !ids.has(releaseId)) others += 1;
    }
  }
  return { ids, others };
}

interface CreditColumns {
  id: number;
  artistId: number;
  name: number;
  variation: number;
  extra: number;
}

function creditColumns(csv: CsvReader): CreditColumns {
  return {
    id: csv.column('release_id'),
    artistId: csv.find('artist_id'),
    name: csv.column('artist_name'),
    variation: csv.find('anv'),
    extra: csv.column('extra'),
  };
}

function creditNames(batch: CsvBatch, row: number, { name, variation }: CreditColumns): string[] {
  const names = [loaded(batch.text(row, name))];
  if (variation >= 0 && !batch.isEmpty(row, variation))
    names.push(loaded(batch.text(row, variation)));
  return names;
}

/** Whether the name or the name variation of a row is on the list. */
function isListed(
  batch: CsvBatch,
  row: number,
  { name, variation }: CreditColumns,
  names: NameScreen | undefined,
): boolean {
  if (!names) return false;
  const bytes = batch.field(row, name);
  if (bytes.length > 0 && names.look(bytes, 0, bytes.length) & 1) return true;
  if (variation < 0 || batch.isEmpty(row, variation)) return false;
  const printed = batch.field(row, variation);
  return (names.look(printed, 0, printed.length) & 1) === 1;
}

interface Credits {
  main: Credit[];
  byName: boolean;
}

class CreditReader {
  readonly #csv: CsvReader;
  readonly #observed: boolean;
  readonly #names: NameScreen | undefined;
  readonly #only: IdSet | undefined;
  readonly #batches: ReturnType<CsvReader['batches']>;
  readonly #columns: CreditColumns;
  readonly #ahead = new Map<number, Credits>();
  #lastId = -1;
  #ended = false;

  constructor(
    csv: CsvReader,
    observed: boolean,
    names: NameScreen | undefined,
    only: IdSet | undefined,
  ) {
    this.#csv = csv;
    this.#observed = observed;
    this.#names = names;
    this.#only = only;
    this.#columns = creditColumns(csv);
    this.#batches = csv.batches();
  }

  /** Whether {@link take} is right for this release; else {@link readMore}. */
  isComplete(id: number): boolean {
    // While ids ascend, a release is complete as soon as a higher id was seen.
    return this.#ended || (!this.#only && this.#lastId > id);
  }

  /** The credits of a release, once. */
  take(id: number): Credits {
    const credits = this.#ahead.get(id);
    if (!credits) return { main: [], byName: false };
    this.#ahead.delete(id);
    return credits;
  }

  /** Reads credits that belong to no release: their rows are checked nevertheless. */
  async skipRest(): Promise<void> {
    while (!this.#ended) {
      await this.readMore();
      this.#ahead.clear();
    }
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
    let credits: Credits | undefined;
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, columns.id);
      if (id !== this.#lastId || !credits) {
        if (id < this.#lastId && !this.#only) throw new OutOfOrder();
        this.#lastId = id;
        credits = this.#of(id);
      }
      if (!credits) continue;
      credits.byName ||= isListed(batch, row, columns, this.#names);
      // Releases that pass by a name need no decision.
      if ((credits.byName && !this.#observed) || batch.integer(row, columns.extra) !== 0) continue;
      const [name = '', variation = ''] = creditNames(batch, row, columns);
      const artistId = columns.artistId < 0 ? 0 : Math.max(0, batch.integer(row, columns.artistId));
      credits.main.push({ name, variation, artistId });
    }
  }

  async close(): Promise<void> {
    await this.#batches.return();
    await this.#csv.close();
  }

  #of(id: number): Credits | undefined {
    if (id < 0 || this.#only?.has(id) === false) return undefined;
    let credits = this.#ahead.get(id);
    if (!credits) this.#ahead.set(id, (credits = { main: [], byName: false }));
    return credits;
  }
}
