const replacement = Buffer.from('\uFFFD');

/** How often U+FFFD is in UTF-8: what it is more often after a repair was invalid before. */
export function replacementsIn(bytes: Buffer): number {
  let found = 0;
  for (let p = bytes.indexOf(replacement); p >= 0; p = bytes.indexOf(replacement, p + 3)) found++;
  return found;
}
