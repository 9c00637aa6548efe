/**
 * Normal forms: two spellings of one artist, or of one title, become equal strings. The order of the steps is part of
 * the contract, for filter, dedup and verify must agree with each other and with last month's run.
 */

import { isWhiteSpace, pythonStrip, splitWhiteSpace, stripEnd } from './white-space.js';

// Marks mean spelling in these three scripts only; in others they are part of the letter: か is not が.
const marksOfLetters = /((?=\p{L})[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{M}+/gu;
const letters: Record<string, string> = { ø: 'o', ł: 'l', đ: 'd', ß: 'ss', þ: 'th', ð: 'd', æ: 'ae', œ: 'oe', ı: 'i' };
const undecomposed = /[øłđßþðæœı]/g;
const startsWithMark = /^\p{M}/u;
const jamo = /[\u1100-\u11ff]/;
const mayCompose = /[\p{M}\u1100-\u11ff\ud800-\udfff]/u;
const trailingNumber = /\(\p{Nd}+\)$/u;
// Discogs files `The Beatles` under B.
const articleBehind = /, (the|los|las|les|la|le|el|die|der|das)$/;
const ampersand = /&/g;
const apostrophe = /['’‘]/;
const apostrophes = /['’‘]/g;
const bracketedTitleSuffix =
  /^(?:\p{Nd}+|\p{Nd}+\s*(?:cd|lp)\s*set|reissue|deluxe\s+edition|expanded\s+edition|anniversary\s+edition|special\s+edition|limited\s+edition|bonus\s+tracks|ep|lp|\p{Nd}+lp)$/iu;
const digit = /\p{Nd}/u;

/**
 * Normal form of an artist's name: case, accents, Discogs numbers, library brackets, `Beatles, The`, `&`, apostrophes
 * and white space no longer tell names apart. An empty result matches nothing.
 *
 * @example
 * normalizeArtist('Beatles, The (2)'); // 'the beatles'
 */
export function normalizeArtist(name: string): string {
  return finishArtist(dropNumber(fold(name)));
}

/**
 * The key under which a mapping is looked up: the normal form with the Discogs number kept, because `Nirvana (2)` is
 * another band than `Nirvana`.
 *
 * @example
 * mappingKey('Beatles, The (2)'); // 'the beatles (2)'
 */
export function mappingKey(name: string): string {
  const folded = stripEnd(fold(name));
  const named = dropNumber(folded);
  const number = named === folded ? '' : ` ${trailingNumber.exec(folded)![0]}`;
  return finishArtist(named) + number;
}

/**
 * Normal form of a title: case, accents, and what a library or a label writes behind a title (`12"`, `(EP)`,
 * `(2 CD set)`, `(Deluxe Edition)`, ..) no longer tell titles apart.
 *
 * @example
 * normalizeTitle('Homogénic 12" (Reissue)'); // 'homogenic'
 */
export function normalizeTitle(title: string): string {
  let rest = pythonStrip(fold(title));
  for (;;) {
    const shorter = dropTitleSuffix(rest);
    if (shorter === rest) return rest;
    rest = shorter;
  }
}

/** Trimmed, in lower case, without accents. */
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
  return lower
    .normalize('NFKD')
    .replace(marksOfLetters, '$1')
    .normalize('NFC')
    .replace(undecomposed, (letter) => letters[letter]!);
}

/** What a UTF-16 unit becomes where nothing in the text depends on its neighbours: most texts, at a fraction of the time. */
const foldedUnits: (string | undefined)[] = new Array<string | undefined>(0x10000).fill(undefined);
/** It stays as it is. */
const inert = '\u0001';
/** What it becomes depends on what is beside it. */
const byContext = '\u0000';

function foldUnit(unit: number): string {
  const character = String.fromCharCode(unit);
  const decomposed = character.normalize('NFKD');
  // Marks compose with what is before them, and so do the parts of Hangul syllables.
  const isSyllable = unit >= 0xac00 && unit <= 0xd7a3;
  if (mayCompose.test(character) || startsWithMark.test(decomposed) || (!isSyllable && jamo.test(decomposed))) return byContext;
  const folded = foldWhole(character);
  return folded === character ? inert : folded;
}

/** Everything behind the Discogs number, in the contract's order. */
function finishArtist(named: string): string {
  let name = stripEnd(dropBracket(named));
  // The filter asks for hundreds of millions of names, nearly all of which need none of this: look before replacing.
  if (name.includes(', ')) {
    const article = articleBehind.exec(name);
    if (article) name = `${article[1]} ${name.slice(0, article.index)}`;
  }
  if (name.includes('&')) name = name.replace(ampersand, ' and ');
  if (!apostrophe.test(name)) return collapse(name);
  return collapse(name.replace(apostrophes, '')) || collapse(name);
}

function collapse(text: string): string {
  let previous = 0x20;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isWhiteSpace(unit) && (unit !== 0x20 || previous === 0x20)) return splitWhiteSpace(text).join(' ');
    previous = unit;
  }
  return previous === 0x20 ? splitWhiteSpace(text).join(' ') : text;
}

/** `nirvana (2)` to `nirvana`; a name that is nothing but a number stays. */
function dropNumber(name: string): string {
  const text = stripEnd(name);
  if (!text.endsWith(')')) return text;
  const number = trailingNumber.exec(text);
  return number ? unlessEmpty(text.slice(0, number.index), text) : text;
}

/** `mogwai [scotland]` to `mogwai`: the last bracket with what is inside it, brackets in brackets included. */
function dropBracket(name: string): string {
  if (!name.endsWith(']')) return name;
  let depth = 0;
  for (let at = name.length - 1; at >= 0; at -= 1) {
    const unit = name.charCodeAt(at);
    if (unit === 0x5d) depth += 1;
    else if (unit === 0x5b && --depth === 0) return unlessEmpty(name.slice(0, at), name);
  }
  return name;
}

/** One suffix less, or the same title. The title comes and goes stripped. */
function dropTitleSuffix(title: string): string {
  if (title.endsWith('"')) {
    let start = title.length - 1;
    while (start > 0 && digit.test(title.charAt(start - 1))) start -= 1;
    return unlessEmpty(title.slice(0, start), title);
  }
  if (title.endsWith(')')) {
    const open = title.lastIndexOf('(');
    // The longest suffix in the list is far shorter; a long text in brackets needs no look.
    if (open < 0 || title.length - open > 60) return title;
    if (bracketedTitleSuffix.test(title.slice(open + 1, -1))) return unlessEmpty(title.slice(0, open), title);
  }
  return title;
}

/** A strip that would leave nothing is not applied: `[re:jazz]`, `(2)` and `12"` would all become equal. */
function unlessEmpty(shorter: string, longer: string): string {
  let at = 0;
  while (at < shorter.length && isWhiteSpace(shorter.charCodeAt(at))) at += 1;
  return at === shorter.length ? longer : stripEnd(shorter);
}
