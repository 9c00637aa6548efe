/** How well a pressing is the one on the library's shelf: by label, format, catalogue number and year, where the library has them. */
import type { LibraryRow } from '@wxyc/matching';
import { formatFamilies, sameFamily } from './format-family.js';

/** What the dump says of a pressing. */
export interface Edition {
  labels: readonly string[];
  catnos: readonly string[];
  formats: readonly string[];
  year: number | null;
}

/** In the order of their weight; together they are a number that compares as they do one by one. */
export const fitBits = { label: 8, format: 4, catno: 2, year: 1 } as const;

/** Whether a row says anything that tells pressings apart. */
export const tellsPressing = ({ label, format, catno, year }: LibraryRow): boolean => Boolean(label ?? format ?? catno ?? year);

/** The best fit with any of the rows, which are one album. */
export function fitOf(rows: readonly LibraryRow[], edition: Edition): number {
  return Math.max(0, ...rows.map((row) => fitOfRow(row, edition)));
}

function fitOfRow({ label, format, catno, year }: LibraryRow, { labels, catnos, formats, year: released }: Edition): number {
  let fit = 0;
  if (label && meet(labelForms(label), labels.flatMap((name) => labelForms(name)))) fit += fitBits.label;
  if (format && sameFamily(formatFamilies(format), new Set(formats.flatMap((name) => [...formatFamilies(name)])))) fit += fitBits.format;
  if (catno && meet(catnoForms(catno), catnos.flatMap((number) => catnoForms(number)))) fit += fitBits.catno;
  if (year && year === released) fit += fitBits.year;
  return fit;
}

const meet = (some: readonly string[], others: readonly string[]): boolean => some.some((one) => others.includes(one));

const letters = (text: string): string => text.normalize('NFKD').replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();

/** The whole, and its parts where several labels are joined. */
function labelForms(label: string): string[] {
  return [label, ...label.split(/\s*[,;/]\s*/)].map(looseLabel).filter((form) => form !== '');
}

/** Without Discogs' number and the words at the end that every second label has. */
function looseLabel(label: string): string {
  let text = label.trim().replace(/\s*\(\d+\)$/, '');
  for (;;) {
    const shorter = text.replace(/[\s,.&]+(?:and\s+)?(?:records?|recordings?|recs?|rec|ltd|limited|inc|gmbh|co|company|llc)\.?$/i, '');
    if (shorter === text || letters(shorter) === '') return letters(text);
    text = shorter;
  }
}

/** `none` is Discogs' word for a pressing without a number. */
function catnoForms(catno: string): string[] {
  return [catno, ...catno.split(/\s*[,;/]\s*/)].map(letters).filter((form) => form !== '' && form !== 'none');
}
