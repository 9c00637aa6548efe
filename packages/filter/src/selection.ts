// Which releases stay, by what the files say about them.
import { IdSet, encodeRow, type PartialFile } from '@wxyc/csv';
import {
  decisionColumns,
  decisionValues,
  isScored,
  type Decision,
  type DecisionCounts,
  type Selection,
} from '@wxyc/matching';
import { OutOfOrder, releasesOf, worthALook, type Evidence, type Source } from './evidence.js';

export interface Selected {
  kept: IdSet;
  counts: DecisionCounts;
}

/**
 * Selects the releases that stay.
 *
 * @param decisionsFile Creates the file for the decisions afresh: files that are not in the order of the ids are read again.
 */
export async function selectReleases(
  source: Source,
  selection: Selection,
  decisionsFile: () => Promise<PartialFile | undefined>,
): Promise<Selected> {
  const { nameScreen } = selection;
  const { observed } = source;
  try {
    return await selectFrom(releasesOf(source, nameScreen), selection, decisionsFile, observed);
  } catch (error) {
    if (!(error instanceof OutOfOrder)) throw error;
  }
  const { ids, others } = await worthALook(source, selection);
  const selected = await selectFrom(
    releasesOf(source, nameScreen, ids),
    selection,
    decisionsFile,
    observed,
  );
  // Releases that were not worth a look.
  selected.counts.prune += others;
  return selected;
}

async function selectFrom(
  releases: AsyncIterable<Evidence[]>,
  selection: Selection,
  decisionsFile: () => Promise<PartialFile | undefined>,
  observed: boolean,
): Promise<Selected> {
  let file: PartialFile | undefined;
  let begun = false;
  // Once the inputs are open: a missing column is found before anything is written.
  const begin = async (): Promise<void> => {
    if (begun) return;
    begun = true;
    file = await decisionsFile();
    await file?.write(Buffer.from(encodeRow(decisionColumns)));
  };
  const kept = new IdSet();
  const counts: DecisionCounts = { keep: 0, review: 0, prune: 0 };
  for await (const batch of releases) {
    await begin();
    let rows = '';
    for (const { release, byName } of batch) {
      const { passes, decision } = selection.select(release, byName);
      if (passes) kept.add(release.id);
      // A release that stays because of its artist may still be one of the library's albums.
      if (observed && !decision) selection.classifier!.decide(release);
      if (!decision) continue;
      count(counts, decision);
      if (isScored(decision)) rows += encodeRow(decisionValues(release.id, decision));
    }
    if (rows !== '') await file?.write(Buffer.from(rows));
  }
  return { kept, counts };
}

function count(counts: DecisionCounts, { decision }: Decision): void {
  counts[decision === 'KEEP' ? 'keep' : decision === 'REVIEW' ? 'review' : 'prune']++;
}
