/**
 * Forms of an artist's name. The *normal form* makes spellings of a name equal that differ only in case, accents, Discogs
 * numbers and the like; the *loose form* also ignores punctuation, articles and and-words; the *word bag* ignores the order of
 * the words. The order of the steps is part of the contract: filter, dedup and verify must agree with each other.
 */

import { compareCodePoints, sortCodePoints } from './code-points.js';
import { fold } from './folding.js';
import { isWhiteSpace, splitWhiteSpace, stripEnd } from './white-space.js';
import { andWords, articles, joinWords, numberWords } from './words.js';

const trailingNumber = /\(\p{Nd}+\)$/u;
const ampersand = /&/g;
const apostrophe = /['’‘`´ʼ‛′]/;
const apostrophes = /['’‘`´ʼ‛′]/g;
/** Rock'n'Roll: between apostrophes, an n means "and". */
const quotedN = /(?<=^|[\s\p{L}\p{Nd}])['’‘`´ʼ‛′]n['’‘`´ʼ‛′](?=[\s\p{L}\p{Nd}]|$)/gu;
/** From a name of only these letters, digits and spaces, nothing more can be dropped. */
const settled = /^[a-z0-9 ]*$/;
/** Names in which nothing but case can change: most are like that. */
const plainName = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;

/**
 * Normal form: case, accents, Discogs numbers, library brackets, `Beatles, The`, `&`, apostrophes and white space no longer
 * distinguish names. The normal form of a normal form is itself; an empty one matches nothing.
 *
 * @example
 * normalizeArtist('Beatles, The (2)'); // 'the beatles'
 */
export function normalizeArtist(name: string): string {
  if (plainName.test(name)) return name.toLowerCase();
  let form = normalizeOnce(name);
  // A step may bring to the end what an earlier one would have dropped.
  while (!settled.test(form)) {
    const again = normalizeOnce(form);
    if (again === form) break;
    form = again;
  }
  return form;
}

/**
 * The key under which a mapping is looked up: the normal form with the Discogs number kept, because `Nirvana (2)` is not the
 * band `Nirvana`.
 *
 * @example
 * mappingKey('Beatles, The (2)'); // 'the beatles (2)'
 */
export function mappingKey(name: string): string {
  const folded = stripEnd(fold(name));
  const number =
    dropNumber(folded) === folded ? '' : ` ${trailingNumber.exec(folded)![0].normalize('NFKC')}`;
  return normalizeArtist(folded) + number;
}

function normalizeOnce(name: string): string {
  let form = articleToFront(dropBehind(stripEnd(fold(name))));
  // The filter calls this for hundreds of millions of names, nearly all of which need none of it: look before replacing.
  if (form.includes('&')) form = form.replace(ampersand, ' and ');
  if (!apostrophe.test(form)) return collapse(form);
  const joined = form.replace(quotedN, ' and ');
  return collapse(joined.replace(apostrophes, '')) || collapse(joined);
}

const notPlain = /[^a-z0-9]/;
const notLetters = /[^\p{L}\p{M}\p{N}]+/gu;
const umlauts = /([aou])e+/g;
const bangInside = /(?<=\p{L})!(?=\p{L})/gu;

/**
 * Loose form of a **normal form**: letters and digits only, without a leading article or and-words; `$` is s, `!` between
 * letters is i, `ae`, `oe`, `ue` become just the first vowel (`Motoerhead`). A name without letters and digits stays as it is.
 *
 * @example
 * looseArtist(normalizeArtist('The R.E.M.')); // 'rem'
 */
export function looseArtist(normal: string): string {
  const isSimple = simple.test(normal);
  if (isSimple && !normal.includes(' ')) return withoutUmlautE(normal);
  const words = isSimple ? normal.split(' ') : stylised(normal).split(' ');
  let joined = '';
  let count = 0;
  let leading = '';
  for (const word of words) {
    if (word.length <= longestAnd && andWords.has(word)) continue;
    if (count === 0 && articles.has(word)) leading = word;
    else joined += word;
    count += 1;
  }
  if (count === 1) joined = leading + joined;
  const letters = !isSimple && notPlain.test(joined) ? joined.replace(notLetters, '') : joined;
  return withoutUmlautE(letters) || normal;
}

/** Reduces `ae`, `oe` and `ue` to the first vowel. */
function withoutUmlautE(text: string): string {
  // Nearly every text has none, and looking costs less than a replacement that finds nothing.
  for (let at = text.indexOf('e', 1); at > 0; at = text.indexOf('e', at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === 0x61 || before === 0x6f || before === 0x75) return text.replace(umlauts, '$1');
  }
  return text;
}

const simple = /^[a-z0-9]+(?: [a-z0-9]+)*$/;
const longestAnd = Math.max(...[...andWords].map((word) => word.length));

const initials = /(?<=(?:^|[^\p{L}\p{N}])\p{L})\.(?=\p{L}(?:[^\p{L}\p{N}]|$))/gu;
const wordBreaks = /[^\p{L}\p{M}\p{N}]+/u;

/** The words of a **normal form**: runs of letters and digits; `r.e.m.` is one word. */
export function artistWords(normal: string): string[] {
  if (simple.test(normal)) return normal.split(' ');
  const text = normal.includes('.') ? stylised(normal).replace(initials, '') : stylised(normal);
  return text.split(wordBreaks).filter((word) => word !== '');
}

/**
 * Word bag of a **normal form**: its words in sorted order without articles and join words, numbers as digits. Equal for a joined
 * credit in any order, with any join words, and for inverted names. A single letter that may be a join word is left out inside a
 * name, also as an initial (`Mark E. Smith`), and counts at its start and end: `Malcolm X` is not `Malcolm`.
 *
 * @example
 * artistBag(normalizeArtist('Cave, Nick & the Bad Seeds')); // 'bad cave nick seeds'
 */
export function artistBag(normal: string): string {
  const words = loneLetter.test(normal) ? withoutJoinLetters(normal) : artistWords(normal);
  let telling = 0;
  for (let at = 0; at < words.length; at += 1) {
    const word = bagWord(words[at]!);
    words[at] = word;
    if (untelling.has(word)) continue;
    words[at] = words[telling]!;
    words[telling] = word;
    telling += 1;
  }
  if (telling > 0) words.length = telling;
  if (words.length === 2)
    return compareCodePoints(words[0]!, words[1]!) <= 0
      ? `${words[0]!} ${words[1]!}`
      : `${words[1]!} ${words[0]!}`;
  return words.length > 1 ? sortCodePoints(words).join(' ') : (words[0] ?? '');
}

/** Join words that may be initials, or a name of their own. */
export const joinLetters: ReadonlySet<string> = new Set(['n', 'x', 'y', 'e']);
/** Words that say nothing about who a credit names. */
const untelling: ReadonlySet<string> = new Set(
  [...joinWords, ...articles].filter((word) => !joinLetters.has(word)),
);
const loneLetter = /(?<![\p{L}\p{M}\p{N}])[nxye](?![\p{L}\p{M}\p{N}])/u;
/** Words, and what separates the names of a list. */
const wordOrMark = /[\p{L}\p{M}\p{N}]+|[,;/+]|(?<= )[-–—](?= )/gu;
const isWord = /^[\p{L}\p{M}\p{N}]/u;
/** Whether another name begins behind it, or none. */
const endsName = (found: string | undefined): boolean =>
  found === undefined || !isWord.test(found) || (joinWords.has(found) && !joinLetters.has(found));

/** The words of a **normal form**, apart from single letters that join what is before and behind them. */
function withoutJoinLetters(normal: string): string[] {
  const found = stylised(normal).replace(initials, '').match(wordOrMark) ?? [];
  turnInverted(found);
  const words: string[] = [];
  let follows = false;
  for (const [at, word] of found.entries()) {
    const next = found[at + 1];
    // Of two letters, the first ends a name: Sheila E x Prince.
    const isLast = endsName(next) || (joinLetters.has(next!) && !endsName(found[at + 2]));
    if (isWord.test(word) && !(joinLetters.has(word) && follows && !isLast)) words.push(word);
    if (endsName(word)) follows = false;
    else follows ||= !untelling.has(bagWord(word));
  }
  return words;
}

/** Turns `Smith , Mark E` into `Mark E Smith`, so that the letter is inside the name. A list has longer names, or more of them. */
function turnInverted(found: string[]): void {
  let start = 0;
  for (let end = 0; end <= found.length; end += 1) {
    if (found[end] === ',' || !endsName(found[end])) continue;
    const isInverted =
      start + 2 < end &&
      found.indexOf(',', start) === start + 1 &&
      !found.slice(start + 2, end).includes(',');
    if (isInverted) {
      const [last] = found.splice(start, 2);
      found.splice(end - 2, 0, last!);
      end -= 1;
    }
    start = end + 1;
  }
}

/** A word as it is spelled in a word bag. */
export function bagWord(word: string): string {
  const plain = withoutUmlautE(word);
  return numberWords.get(plain) ?? plain;
}

const joints =
  /\s*(?:, |\/|;\s*| \+ | and | (?:feat\.?|featuring|ft\.?|with|w\/|vs\.?|versus|presents|meets|x) | [-–—] )\s*/u;

/** Everything that joins names has one of these. */
const mayBeJoined = /[,/;+–—-]| (?:and|f|w|v|presents|meets|x)/u;

/**
 * The names that a joined **normal form** is made of; a single name comes back as it is.
 *
 * @example
 * splitJoined(normalizeArtist('Robert Rich & B. Lustmord')); // ['robert rich', 'b. lustmord']
 */
export function splitJoined(normal: string): string[] {
  if (!mayBeJoined.test(normal)) return [normal];
  const names = normal.split(joints).filter((name) => name !== '' && !articles.has(name));
  return names.length > 1 ? names : [normal];
}

/** Turns `Ke$ha` into `kesha`, `P!nk` into `pink`. */
export function stylised(text: string): string {
  if (text.includes('$')) text = text.replaceAll('$', 's');
  return text.includes('!') ? text.replace(bangInside, 'i') : text;
}

function collapse(text: string): string {
  let previous = 0x20;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (isWhiteSpace(unit) && (unit !== 0x20 || previous === 0x20))
      return splitWhiteSpace(text).join(' ');
    previous = unit;
  }
  return previous === 0x20 ? splitWhiteSpace(text).join(' ') : text;
}

/** Turns `beatles, the` into `the beatles`. */
function articleToFront(name: string): string {
  const comma = name.lastIndexOf(', ');
  return comma >= 0 && articles.has(name.slice(comma + 2))
    ? `${name.slice(comma + 2)} ${name.slice(0, comma)}`
    : name;
}

/** The name without the numbers and brackets at its end, however many. */
function dropBehind(name: string): string {
  let rest = name;
  for (;;) {
    const shorter = stripEnd(dropBracket(dropNumber(rest)));
    if (shorter === rest) return rest;
    rest = shorter;
  }
}

/** Turns `nirvana (2)` into `nirvana`; a name that is only a number stays. */
function dropNumber(name: string): string {
  if (!name.endsWith(')')) return name;
  // From the bracket on: matching from further left would take quadratic time in a long name with many numbers.
  const open = name.lastIndexOf('(');
  return open >= 0 && trailingNumber.test(name.slice(open))
    ? unlessEmpty(name.slice(0, open), name)
    : name;
}

/** Turns `mogwai [scotland]` into `mogwai`: drops the last bracket with what is inside it, including nested brackets. */
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

/** A strip that would leave nothing is not applied: `[re:jazz]`, `(2)` and `12"` would all become equal. */
export function unlessEmpty(shorter: string, longer: string): string {
  let at = 0;
  while (at < shorter.length && isWhiteSpace(shorter.charCodeAt(at))) at += 1;
  return at === shorter.length ? longer : stripEnd(shorter);
}
