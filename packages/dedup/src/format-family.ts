/** Families of formats, as Discogs and as libraries write them. */

const sizes: readonly (readonly [RegExp, string])[] = [
  [/(?<!\d)12\s*(?:"|''|\u2033|\u201d|-?\s?inch|-?\s?in\b)/, '12"'],
  [/(?<!\d)10\s*(?:"|''|\u2033|\u201d|-?\s?inch|-?\s?in\b)/, '10"'],
  [/(?<!\d)7\s*(?:"|''|\u2033|\u201d|-?\s?inch|-?\s?in\b)/, '7"'],
  [/(?<![a-z])lps?(?![a-z])/, 'LP'],
];
const others: readonly (readonly [RegExp, string])[] = [
  [/(?<![a-z])(?:sa|hd|mini)?cd(?:-?r|s)?(?![a-z])|compact disc(?! cassette)/, 'CD'],
  [/(?<![a-z])(?:cass|cassettes?|tapes?|mc|k7)(?![a-z])/, 'cassette'],
  [/(?<![a-z])(?:file|digital|mp3|flac|wav|aac|download)(?![a-z])/, 'file'],
];

/**
 * The families in a text: `LP`, `12"`, `10"`, `7"`, `vinyl` (of an unknown size), `CD`, `cassette`, `file`.
 *
 * @example
 * formatFamilies('2xVinyl; LP; Album'); // LP
 * formatFamilies('vinyl - 7"'); // 7"
 */
export function formatFamilies(format: string): Set<string> {
  // `2xLP`, `2 x LP`
  const text = format.toLowerCase().replace(/(\d)\s*x\s*(?=[a-z\d])/g, '$1 ');
  const found = new Set<string>();
  for (const [pattern, family] of sizes) if (pattern.test(text)) found.add(family);
  // MusicBrainz' name for both LPs and maxi singles, which beets keeps.
  if (/^\s*12"? vinyl\s*$/.test(text)) found.add('LP');
  if (found.size === 0 && /vinyl|(?<![a-z])(?:record|shellac|flexi)/.test(text)) found.add('vinyl');
  for (const [pattern, family] of others) if (pattern.test(text)) found.add(family);
  return found;
}

const onVinyl = new Set(['LP', '12"', '10"', '7"', 'vinyl']);

/** Whether the two have a family in common; vinyl of an unknown size fits any size. */
export function sameFamily(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  for (const family of one) {
    if (other.has(family)) return true;
    if (family === 'vinyl' && [...other].some((name) => onVinyl.has(name))) return true;
    if (onVinyl.has(family) && other.has('vinyl')) return true;
  }
  return false;
}
