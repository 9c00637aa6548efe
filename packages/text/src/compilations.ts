/** Compilations: releases filed under nobody in particular. They match only by title. */

import { pythonStrip } from './white-space.js';

// The name itself, or the name, perhaps white space, and then neither a letter, a digit, `_` nor white space:
// `Various - Rock` is one, `The Soundtrack of Our Lives` and `Various Production` are bands.
const compilation =
  /^(?:various(?: artists?)?|v\/a|v\.a\.|va|(?:original )?soundtracks?|ost|compilations?)(?:$|[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*[^\p{L}\p{N}_\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000])/u;
// Every compilation starts with one of these letters: most names need no regular expression.
const initials = 'vscoVSCO';

/**
 * Whether an artist's name means a compilation.
 *
 * @example
 * isCompilationArtist('Various - Rock'); // true
 * isCompilationArtist('Various Production'); // false
 */
export function isCompilationArtist(name: string): boolean {
  const stripped = pythonStrip(name);
  return (
    stripped !== '' &&
    initials.includes(stripped.charAt(0)) &&
    compilation.test(stripped.toLowerCase())
  );
}
