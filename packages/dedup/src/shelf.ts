/** Which pressings of one master compete for one place on the shelf: rows in two formats, or with two numbers, make two places. */
import type { LibraryRow } from '@wxyc/matching';
import { formatFamilies, sameFamily } from './format-family.js';
import type { LabelFamilies } from './label-families.js';
import { catnoForms, familiesOf, fitOf, meet, type Pressing } from './pressing-fit.js';

export interface PlacedPressing {
  fit: number;
  /** Pressings with the same number compete with each other. */
  place: number;
}

/** Rows of one album that name the same pressing, as far as they say. */
interface Place {
  rows: LibraryRow[];
  /** Whether a pressing is one that the place's rows name. */
  holds: (pressing: Pressing) => boolean;
}

/**
 * Gives each pressing of one master its place and its fit there. A place without a fitting pressing stays empty; pressings that no
 * row names compete for the first of the other places.
 *
 * @param rows The library's rows of one album that distinguish pressings.
 */
export function placePressings(
  rows: readonly LibraryRow[],
  pressings: readonly Pressing[],
  families?: LabelFamilies,
): PlacedPressing[] {
  const placed = pressings.map((pressing) => ({ fit: fitOf(rows, pressing, families), place: 0 }));
  let next = 0;
  for (const [format, inFormat] of divide(
    placesByFormat(rows),
    pressings,
    [...pressings.keys()],
    families,
  )) {
    for (const [place, members] of divide(
      placesByNumber(format?.rows ?? rows),
      pressings,
      inFormat,
      families,
    )) {
      const among = place ?? format;
      for (const at of members)
        placed[at] = {
          fit: among ? fitOf(among.rows, pressings[at]!, families) : placed[at]!.fit,
          place: next,
        };
      next += 1;
    }
  }
  return placed;
}

/** Divides pressings by the place that they fit best, among places that some pressing fits; with fewer than two such places they stay together. */
function divide(
  places: readonly Place[],
  pressings: readonly Pressing[],
  members: readonly number[],
  families: LabelFamilies | undefined,
): [Place | undefined, number[]][] {
  const homes = members.map((at) => {
    const holding = places.filter((place) => place.holds(pressings[at]!));
    const fits = holding.map(({ rows }) => fitOf(rows, pressings[at]!, families));
    return holding[fits.indexOf(Math.max(...fits))];
  });
  const taken = places.filter((place) => homes.includes(place));
  if (taken.length < 2) return [[undefined, [...members]]];
  return taken.map((place) => [place, members.filter((_, i) => (homes[i] ?? taken[0]) === place)]);
}

/** A row without a format belongs to each. */
function placesByFormat(rows: readonly LibraryRow[]): Place[] {
  const told = rows.map((row) => ({ row, families: formatFamilies(row.format ?? '') }));
  const places: { families: Set<string>; rows: LibraryRow[] }[] = [];
  // `vinyl` joins the size that another row names, rather than the other way round.
  const byPrecision = told
    .filter(({ families }) => families.size > 0)
    .sort(
      (a, b) =>
        Number(a.families.has('vinyl')) - Number(b.families.has('vinyl')) ||
        a.families.size - b.families.size,
    );
  for (const { row, families } of byPrecision) {
    const known = places.find((place) => sameFamily(place.families, families));
    if (known) known.rows.push(row);
    else places.push({ families, rows: [row] });
  }
  const open = told.filter(({ families }) => families.size === 0).map(({ row }) => row);
  return places.map(({ families, rows: own }) => ({
    rows: [...own, ...open],
    holds: ({ formats }) => sameFamily(families, familiesOf(formats)),
  }));
}

function placesByNumber(rows: readonly LibraryRow[]): Place[] {
  const told = rows.map((row) => ({ row, numbers: catnoForms(row.catno ?? '') }));
  const places: { numbers: string[]; rows: LibraryRow[] }[] = [];
  for (const { row, numbers } of told) {
    if (numbers.length === 0) continue;
    const known = places.find((place) => meet(place.numbers, numbers));
    if (known) {
      known.rows.push(row);
      known.numbers.push(...numbers);
    } else places.push({ numbers, rows: [row] });
  }
  const open = told.filter(({ numbers }) => numbers.length === 0).map(({ row }) => row);
  return places.map(({ numbers, rows: own }) => ({
    rows: [...own, ...open],
    holds: ({ catnos }) =>
      meet(
        numbers,
        catnos.flatMap((number) => catnoForms(number)),
      ),
  }));
}
