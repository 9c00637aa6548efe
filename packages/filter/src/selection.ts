// Which releases stay: by their credits, by compilation title, and with matchedOnly by the library's decision.
import { join } from 'node:path';
import { findCsv, openCsv, type PartialFile } from '@wxyc/csv';
import type { ArtistFilter, DecisionThread } from '@wxyc/matching';
import { isCompilationArtist } from '@wxyc/text';
import { creditColumns, Credits, OutOfOrder } from './credits.js';
import { Decider, type DecisionCounts } from './decider.js';
import { IdSet } from './kept-ids.js';
import { loaded } from './loaded.js';

interface Source {
  directory: string;
  signal: AbortSignal;
}

export interface Selection {
  kept: IdSet;
  /** Releases that the artist filter lets pass. */
  passed: number;
  decisions?: DecisionCounts;
}

const releaseFile = ({ directory }: Source): string => findCsv(directory, 'release') ?? join(directory, 'release.csv');
const artistFile = ({ directory }: Source): string => findCsv(directory, 'release_artist') ?? join(directory, 'release_artist.csv');

/** The releases that the artist filter lets pass: a pass over the credits, and one over the titles if there are compilations. */
export async function passingReleases(source: Source, filter: ArtistFilter): Promise<Selection> {
  const kept = new IdSet();
  const compilations = new IdSet();
  const csv = await openCsv(artistFile(source), { signal: source.signal, repair: 'none' });
  const columns = creditColumns(csv);
  for await (const batch of csv.batches()) {
    for (let row = 0; row < batch.rows; row++) {
      const id = batch.integer(row, columns.id);
      if (id < 0 || kept.has(id)) continue;
      const name = batch.text(row, columns.name);
      if (filter.matchesArtist(name)) kept.add(id);
      else if (columns.variation >= 0 && !batch.isEmpty(row, columns.variation) && filter.matchesArtist(batch.text(row, columns.variation))) kept.add(id);
      else if (batch.integer(row, columns.extra) === 0 && isCompilationArtist(name)) compilations.add(id);
    }
  }
  if (compilations.size === 0) return { kept, passed: kept.size };
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
  return { kept, passed: kept.size };
}

/**
 * Of the releases that pass, those that the library does not prune. Files in the order of the ids, as convert writes them,
 * are read once, side by side, in constant memory; of others the main credits of all releases that pass are held.
 *
 * @param decisionsFile Makes the file for the decisions anew.
 */
export async function matchedReleases(
  source: Source,
  filter: ArtistFilter,
  thread: DecisionThread,
  decisionsFile: () => Promise<PartialFile | undefined>,
): Promise<Selection> {
  try {
    return await decideReleases(source, filter, thread, decisionsFile);
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error;
  }
  return decideReleases(source, filter, thread, decisionsFile, (await passingReleases(source, filter)).kept);
}

async function decideReleases(
  source: Source,
  filter: ArtistFilter,
  thread: DecisionThread,
  decisionsFile: () => Promise<PartialFile | undefined>,
  passing?: IdSet,
): Promise<Selection> {
  const kept = passing ?? new IdSet();
  const seen = new IdSet();
  let passed = kept.size;
  let lastId = -1;
  const credits = new Credits(await openCsv(artistFile(source), { signal: source.signal, repair: 'none' }), filter, passing);
  try {
    const releases = await openCsv(releaseFile(source), { signal: source.signal, repair: 'none' });
    const idColumn = releases.column('id');
    const titleColumn = releases.column('title');
    const decider = await Decider.create(thread, kept, await decisionsFile());
    for await (const batch of releases.batches()) {
      for (let row = 0; row < batch.rows; row++) {
        const id = batch.integer(row, idColumn);
        if (id < 0 || seen.has(id)) continue;
        seen.add(id);
        // Reading on to it would hold the credits of all that is passed over.
        if (id < lastId && !passing) throw new OutOfOrder();
        lastId = id;
        while (!credits.isComplete(id)) await credits.readMore();
        const found = credits.take(id);
        if (!found) continue;
        const title = batch.text(row, titleColumn);
        if (!found.passes && !(found.compilation && filter.keepsCompilation('Various', title))) continue;
        if (!passing) {
          kept.add(id);
          passed++;
        }
        decider.add(id, { artists: found.main, title: loaded(title) });
      }
      await decider.drain();
    }
    // Credits of releases that are not there are let through by the filter, as without decisions.
    for (const [id, { passes }] of await credits.rest()) {
      if (passing || !passes) continue;
      kept.add(id);
      passed++;
    }
    await decider.finish();
    return { kept, passed, decisions: decider.counts };
  } finally {
    await credits.close();
  }
}
