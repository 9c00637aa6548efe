// Finds out which labels belong to those that the library names: from a labels dump, in one pass.
import { csvKind, encodeRow, writeWhole } from '@wxyc/csv';
import type { StepContext } from '@wxyc/step';
import { labelForms, looseLabel, pythonStrip } from '@wxyc/text';
import type { DumpInput } from './dump-feed.js';
import { scanDump } from './dump-scan.js';
import { frameKinds } from './frame-table.js';
import { child, items, readRecord, RecordError } from './record-tree.js';
import { noRepairs, repairedText } from './repair.js';

/** The file's name beside the CSV files of the releases. */
export const labelsName = 'library_labels.csv';
/** The columns, as in convert's `label.csv`; the file has some of its rows. */
const columns = ['name', 'parent_name'];
/** How a file of labels and their parents is recognised. */
export const labelsKind = csvKind('a file of labels and their parents', columns);

export interface LabelsResult {
  /** The CSV file that was written. */
  file: string;
  /** Labels in the dump. */
  read: number;
  /** Pairs of a label and its parent, one of which the library names. */
  pairs: number;
}

/**
 * Writes which labels of a labels dump are parents or sublabels of the library's, as a CSV file `name,parent_name`, which appears only when it is whole.
 * Memory grows with what the library can meet, not with the dump.
 *
 * @param labels As the library spells them.
 * @throws BadInputError if it is not a labels dump, or damaged.
 */
export async function collectLabels(
  input: DumpInput,
  labels: Iterable<string>,
  output: string,
  context?: Partial<StepContext>,
): Promise<LabelsResult> {
  const known = new Set<string>();
  for (const label of labels) for (const form of labelForms(label)) known.add(form);
  const pairs = new Set<string>();
  const add = (name: string, parent: string): void => {
    if (
      name === '' ||
      parent === '' ||
      !(known.has(looseLabel(name)) || known.has(looseLabel(parent)))
    )
      return;
    pairs.add(encodeRow([name, parent]));
  };
  const relations = new Relations();
  const read = await scanDump(
    input,
    'label',
    'read labels',
    (records, start, end, kind) => {
      if (
        !relations.within(records, start, end) ||
        (kind !== frameKinds.plain && kind !== frameKinds.marked)
      )
        return;
      try {
        const record = readRecord(repairedText(records.subarray(start, end), noRepairs()));
        const name = pythonStrip(child(record, 'name')?.text ?? '');
        add(name, pythonStrip(child(record, 'parentLabel')?.text ?? ''));
        for (const { text } of items(record, 'sublabels', 'label')) add(pythonStrip(text), name);
      } catch (error) {
        // Convert puts it in rejects.jsonl; there is nothing to learn from it here.
        if (!(error instanceof RecordError)) throw error;
      }
    },
    context,
  );
  // In the same order, whatever the dump's order.
  await writeWhole(output, labelsKind, encodeRow(columns) + [...pairs].sort().join(''));
  return { file: output, read, pairs: pairs.size };
}

/** Finds, on the bytes, the records that say something about other labels: most do not. */
class Relations {
  private readonly tags = ['<parentLabel', '<sublabels'].map((tag) => ({ tag, at: -1 }));
  private bytes: Buffer | undefined;

  within(bytes: Buffer, start: number, end: number): boolean {
    for (const place of this.tags) {
      // The place of the next tag stays valid until the records get there.
      if (this.bytes !== bytes || (place.at >= 0 && place.at < start)) {
        const found = bytes.indexOf(place.tag, start);
        place.at = found < 0 ? Infinity : found;
      }
    }
    this.bytes = bytes;
    return this.tags.some(({ at }) => at >= start && at < end);
  }
}
