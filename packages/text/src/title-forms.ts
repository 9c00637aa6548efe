/**
 * Forms of a title. The *normal form* makes spellings of one title equal that differ in case, accents and what a label writes
 * behind it; the *loose forms* forget editions, punctuation and the way in which numbers are written.
 */

import { sortCodePoints } from './code-points.js';
import { fold } from './folding.js';
import { stylised, unlessEmpty } from './artist-forms.js';
import { withoutEditions } from './title-editions.js';
import { andWords, articles, numberWords, romanToDigits } from './words.js';

const digit = /\p{Nd}/u;
const bracketedTitleSuffix =
  /^(?:\p{Nd}+|\p{Nd}+\s*(?:cd|lp)\s*set|reissue|deluxe\s+edition|expanded\s+edition|anniversary\s+edition|special\s+edition|limited\s+edition|bonus\s+tracks|ep|lp|\p{Nd}+lp)$/iu;

/**
 * Normal form: case, accents, and what a library or a label writes behind a title (`12"`, `(EP)`, `(2 CD set)`, `(Deluxe
 * Edition)`, ..) no longer tell titles apart. The normal form of a normal form is itself.
 *
 * @example
 * normalizeTitle('Homogénic 12" (Reissue)'); // 'homogenic'
 */
export function normalizeTitle(title: string): string {
  let rest = fold(title);
  for (;;) {
    // Folded again: what stood before a suffix now stands at the end.
    const shorter = fold(dropTitleSuffix(rest));
    if (shorter === rest) return rest;
    rest = shorter;
  }
}

/** One suffix less, or the same title. The title comes stripped. */
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

/** One way to read a title, ready to be compared. */
export interface TitleForm {
  /** The normal form without editions. */
  text: string;
  /** Its words: numbers as digits, `vol` as `volume`, without and-words and a leading article. */
  words: readonly string[];
  /** The words joined: the loose form. A title without letters and digits has {@link text} here. */
  key: string;
  /** Those words that are numbers, sorted. */
  numbers: readonly string[];
  /** What two titles score at most when this is the form in which they are equal, 0..1. */
  atMost: number;
}

const leadIn =
  /^(?:original )?(?:music|songs|score|soundtrack|selections)(?: from| for| inspired by| to)(?: and inspired by| the soundtrack of)?(?: the)?(?: original)?(?: motion picture| movie| film| broadway production of| unrealized film script)?,? (?:the )?(.{5,})$/u;
/** Equal behind `Music from the Motion Picture ..`: likely the same album, for a person to say. */
const leadInScore = 0.85;

/**
 * The ways to read a title: as a whole; behind a lead-in such as `Music From the Motion Picture`; each part of `X = Y`.
 * The first is the whole.
 *
 * @example
 * titleForms('Vol. II').map(({ key }) => key); // ['volume2']
 */
export function titleForms(title: string): TitleForm[] {
  const normal = normalizeTitle(title);
  const forms: TitleForm[] = [];
  const add = (text: string, atMost: number): void => {
    const form = titleForm(withoutEditions(text), atMost);
    if (form.key !== '' && !forms.some(({ key }) => key === form.key)) forms.push(form);
  };
  add(normal, 1);
  const behindLead = leadIn.exec(normal);
  if (behindLead) add(behindLead[1]!, leadInScore);
  if (normal.includes(' = ')) for (const part of normal.split(/\s+=\s+/u)) add(part, 1);
  return forms;
}

/** The form of a text that has no editions behind it. */
export function titleForm(text: string, atMost = 1): TitleForm {
  return formOfWords(titleWords(text), text, atMost);
}

/** The form of words that {@link titleForm} made. */
export function formOfWords(words: readonly string[], text = words.join(' '), atMost = 1): TitleForm {
  const numbers = words.filter(isNumber);
  return { text, words, key: words.join('') || text, numbers: numbers.length > 1 ? sortCodePoints(numbers) : numbers, atMost };
}

const number = /^\p{Nd}+$/u;
const isNumber = (word: string): boolean => number.test(word);
const droppedG = /(?<=\p{L}{2})in['’‘`´ʼ](?!\p{L})/gu;
const apostrophes = /['’‘`´ʼ]/g;
const initials = /(?<=(?:^|[\s(.])\p{L})\.(?=\p{L}(?:[.\s)]|$))/gu;
const thousands = /(?<=\p{Nd}),(?=\p{Nd}{3})/gu;
const wordBreaks = /[^\p{L}\p{M}\p{N}]+/u;
const ordinal = /^(\p{Nd}+)(?:st|nd|rd|th)$/u;
const leadingZeros = /^0+(?=\p{Nd})/u;
const abbreviations: ReadonlyMap<string, string> = new Map([['vol', 'volume'], ['vols', 'volume'], ['volumes', 'volume'], ['pt', 'part'], ['pts', 'part'], ['parts', 'part']]);
const countedThings: ReadonlySet<string> = new Set(['volume', 'part', 'number', 'chapter', 'book', 'act']);
const plainText = /^[a-z ]*$/;

/** The words of a text as {@link TitleForm} has them. */
export function titleWords(text: string): string[] {
  let joined = text;
  if (!plainText.test(text)) {
    joined = stylised(text).replace(droppedG, 'ing').replace(apostrophes, '').replace(initials, '').replace(thousands, '');
  }
  const words = joined.split(wordBreaks).filter((word) => word !== '' && !andWords.has(word));
  if (words.length > 1 && articles.has(words[0]!)) words.shift();
  return words.map((word, at) => spelledAlike(word, at, words));
}

function spelledAlike(word: string, at: number, words: readonly string[]): string {
  const abbreviation = abbreviations.get(word);
  if (abbreviation !== undefined) return abbreviation;
  if (word === 'no' && at + 1 < words.length && (isNumber(words[at + 1]!) || /^[ivx]+$/.test(words[at + 1]!))) return 'number';
  const value = numberWords.get(word);
  if (value !== undefined) return value;
  if (isRomanPlace(word, at, words)) {
    const digits = romanToDigits(word);
    if (digits !== undefined) return digits;
  }
  const counted = ordinal.exec(word);
  if (counted) return counted[1]!;
  return isNumber(word) ? word.normalize('NFKC').replace(leadingZeros, '') : word;
}

/** A single letter is a number at the end or behind `volume`; a first word (`I Can't Stop`, `MM ..`) only if it is i, v and x alone. */
function isRomanPlace(word: string, at: number, words: readonly string[]): boolean {
  if (word.length === 1) {
    if (!/[ivx]/.test(word)) return false;
    if (words.length === 1) return true;
    const before = words[at - 1];
    return before !== undefined && (at === words.length - 1 || countedThings.has(abbreviations.get(before) ?? before));
  }
  return at > 0 || words.length === 1 || /^[ivx]+$/.test(word);
}
