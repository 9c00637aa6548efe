/** Labels that count as the same: a label, its parent and its sublabels. */
import { openCsv } from '@wxyc/csv';
import { labelForms, looseLabel } from '@wxyc/text';

/** The loose forms of the parent and the sublabels of each label that the library names, by the label's loose form. */
export type LabelFamilies = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Reads a CSV file with the columns `name` and `parent_name`, such as convert's `label.csv`. Only families of the library's own labels stay in memory.
 *
 * @param labels As the library spells them.
 * @throws BadInputError for a file that lacks a column or is damaged.
 */
export async function readLabelFamilies(
  file: string,
  labels: Iterable<string>,
  signal: AbortSignal,
): Promise<LabelFamilies> {
  const families = new Map<string, Set<string>>();
  for (const label of labels)
    for (const form of labelForms(label)) families.set(form, families.get(form) ?? new Set());
  const reader = await openCsv(file, { signal });
  try {
    const [nameColumn, parentColumn] = [reader.column('name'), reader.column('parent_name')];
    for await (const batch of reader.batches()) {
      for (let row = 0; row < batch.rows; row++) {
        const parent = looseLabel(batch.text(row, parentColumn));
        if (parent === '') continue;
        const name = looseLabel(batch.text(row, nameColumn));
        if (name === '' || name === parent) continue;
        families.get(name)?.add(parent);
        families.get(parent)?.add(name);
      }
    }
  } finally {
    await reader.close();
  }
  return families;
}
