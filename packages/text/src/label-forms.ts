/** The forms in which names of labels are compared. */

/**
 * The loose form of a label, and those of its parts where several are joined: without Discogs' number, without the words at the end
 * that half of all labels have, letters and digits only.
 *
 * @example
 * labelForms('Pax Records Ltd., Onderland (2)'); // ['paxrecordsltdonderland', 'pax', 'onderland']
 */
export function labelForms(label: string): string[] {
  return [...new Set([label, ...label.split(/\s*[,;/]\s*/)].map(looseLabel))].filter(
    (form) => form !== '',
  );
}

/** The form of a single label, whatever symbols are in its name. */
export function looseLabel(label: string): string {
  let text = label.trim().replace(/\s*\(\d+\)$/, '');
  for (;;) {
    const shorter = text.replace(
      /[\s,.&]+(?:and\s+)?(?:records?|recordings?|recs?|rec|ltd|limited|inc|gmbh|co|company|llc)\.?$/i,
      '',
    );
    if (shorter === text || lettersOf(shorter) === '') return lettersOf(text);
    text = shorter;
  }
}

/** Only letters and digits, as labels and catalogue numbers are compared. */
export const lettersOf = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
