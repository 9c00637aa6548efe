/** How well a pressing is the one on the library's shelf: by label, format, catalogue number and year, where the library has them. */
import type { LibraryRow } from '@wxyc/matching';
import { labelForms, lettersOf } from '@wxyc/text';
import { formatFamilies, sameFamily } from './format-family.js';
import type { LabelFamilies } from './label-families.js';

/** What the dump says about a pressing. */
export interface Pressing {
  labels: readonly string[];
  catnos: readonly string[];
  formats: readonly string[];
  year: number | null;
}

/**
 * In the order of their weight; comparing their sum gives the same as comparing them one by one. A parent or a sublabel counts as the
 * label; the label itself is preferred to those only if format and number are equal.
 */
export const fitBits = { label: 16, format: 8, catno: 4, label_itself: 2, year: 1 } as const;

/** Whether a row says anything that distinguishes pressings. */
export const tellsPressing = ({ label, format, catno, year }: LibraryRow): boolean =>
  Boolean(label || format || catno || year);

/** The best fit with any of the rows, which are one album. */
export function fitOf(
  rows: readonly LibraryRow[],
  pressing: Pressing,
  families?: LabelFamilies,
): number {
  return Math.max(0, ...rows.map((row) => fitOfRow(row, pressing, families)));
}

function fitOfRow(
  { label, format, catno, year }: LibraryRow,
  { labels, catnos, formats, year: released }: Pressing,
  families: LabelFamilies | undefined,
): number {
  let fit = 0;
  if (label) {
    const [owned, printed] = [labelForms(label), labels.flatMap((name) => labelForms(name))];
    if (meet(owned, printed)) fit += fitBits.label + fitBits.label_itself;
    else if (
      families &&
      owned.some((form) => printed.some((other) => families.get(form)?.has(other)))
    )
      fit += fitBits.label;
  }
  if (format && sameFamily(formatFamilies(format), familiesOf(formats))) fit += fitBits.format;
  if (
    catno &&
    meet(
      catnoForms(catno),
      catnos.flatMap((number) => catnoForms(number)),
    )
  )
    fit += fitBits.catno;
  if (year && year === released) fit += fitBits.year;
  return fit;
}

export const meet = (some: readonly string[], others: readonly string[]): boolean =>
  some.some((one) => others.includes(one));

export const familiesOf = (formats: readonly string[]): Set<string> =>
  new Set(formats.flatMap((name) => [...formatFamilies(name)]));

/** `none` is Discogs' word for a pressing without a number. */
export function catnoForms(catno: string): string[] {
  return [catno, ...catno.split(/\s*[,;/]\s*/)]
    .map(lettersOf)
    .filter((form) => form !== '' && form !== 'none');
}
