/** Folding: texts that differ only in case, accents and invisible characters become equal. Every form of a name or title begins with it. */

import { isWhiteSpace, pythonStrip } from './white-space.js';

// Only in these three scripts are marks a matter of spelling; in others they are part of the letter: か is not が.
const marksOfLetters = /((?=\p{L})[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu;
const letters: Record<string, string> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ß: 'ss',
  þ: 'th',
  ð: 'd',
  æ: 'ae',
  œ: 'oe',
  ı: 'i',
  ς: 'σ',
};
const undecomposed = /[øłđßþðæœıς]/g;
/** Characters that only affect how a text is displayed; a ZWJ inside a word shapes it (Indic scripts, emoji) and stays. */
const formatCharacters = /(?!(?<=[^\s\p{Cf}])\u200d(?=[^\s\p{Cf}]))\p{Cf}/gu;
const startsWithMark = /^\p{M}/u;
const jamo = /[\u1100-\u11ff]/;
const dependsOnNeighbours = /[\p{M}\p{Cf}\u1100-\u11ff\ud800-\udfff]/u;

/**
 * Trimmed, in lower case, without accents and format characters.
 *
 * @example
 * fold(' Motörhead\u200e'); // 'motorhead'
 */
export function fold(text: string): string {
  const lower = pythonStrip(text).toLowerCase();
  let result = '';
  let done = 0;
  for (let at = 0; at < lower.length; at += 1) {
    const unit = lower.charCodeAt(at);
    if (unit < 0x80) continue;
    const folded = (foldedUnits[unit] ??= foldUnit(unit));
    if (folded === inert) continue;
    if (folded === byContext) return foldWhole(lower);
    result += lower.slice(done, at) + folded;
    done = at + 1;
  }
  return done === 0 ? lower : result + lower.slice(done);
}

/** The contract's folding of a lower-case text, all of it at once. */
export function foldWhole(lower: string): string {
  let folded = foldOnce(lower);
  // Dropping characters may bring others together that then compose, or are dropped in turn.
  for (let again = foldOnce(folded); again !== folded; again = foldOnce(folded)) folded = again;
  return folded;
}

function foldOnce(lower: string): string {
  return pythonStrip(
    lower
      .replace(formatCharacters, '')
      .normalize('NFKD')
      // Compatibility forms can introduce capitals: 𝐀 becomes A.
      .toLowerCase()
      .replace(marksOfLetters, '$1')
      .normalize('NFC')
      .replace(undecomposed, (letter) => letters[letter]!),
  );
}

/** What a UTF-16 unit becomes in a text where nothing depends on neighbours: that covers most texts, in a fraction of the time. */
const foldedUnits: (string | undefined)[] = new Array<string | undefined>(0x10000).fill(undefined);
/** The unit stays as it is. */
const inert = '\u0001';
/** What the unit becomes depends on its neighbours. */
const byContext = '\u0000';

/** What a UTF-16 unit in lower case is folded to; undefined if that depends on its neighbours. */
export function foldedAlone(unit: number): string | undefined {
  const folded = (foldedUnits[unit] ??= foldUnit(unit));
  return folded === byContext ? undefined : folded === inert ? String.fromCharCode(unit) : folded;
}

function foldUnit(unit: number): string {
  const character = String.fromCharCode(unit);
  const decomposed = character.normalize('NFKD');
  // Marks compose with what is before them, and so do the parts of Hangul syllables. White space, and what decomposes into it, is stripped only at the ends.
  const isSyllable = unit >= 0xac00 && unit <= 0xd7a3;
  const mayStandAtEnd = isWhiteSpace(unit) || decomposed.includes(' ');
  if (
    mayStandAtEnd ||
    dependsOnNeighbours.test(character) ||
    startsWithMark.test(decomposed) ||
    (!isSyllable && jamo.test(decomposed))
  )
    return byContext;
  const folded = foldWhole(character);
  return folded === character ? inert : folded;
}
