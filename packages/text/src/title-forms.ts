/**
 * Forms of a title. The *normal form* makes spellings of a title equal that differ only in case, accents and what a label writes
 * after it; the *loose forms* also ignore editions, punctuation and the way in which numbers are written.
 */

import { sortCodePoints } from './code-points.js';
import { fold } from './folding.js';
import { stylised, unlessEmpty } from './artist-forms.js';
import { withoutEditions } from './title-editions.js';
import { andWords, articles, numberWords, romanToDigits } from './words.js';

/** A title in which nothing but case can change. */
const plainTitle = /^[A-Za-z0-9]+(?: [A-Za-z0-9]+)*$/;
const digit = /\p{Nd}/u;
const bracketedTitleSuffix =
  /^(?:\p{Nd}+|\p{Nd}+\s*(?:cd|lp)\s*set|reissue|deluxe\s+edition|expanded\s+edition|anniversary\s+edition|special\s+edition|limited\s+edition|bonus\s+tracks|ep|lp|\p{Nd}+lp)$/iu;

/**
 * Normal form: case, accents, and what a library or a label writes after a title (`12"`, `(EP)`, `(2 CD set)`, `(Deluxe
 * Edition)`, ..) no longer distinguish titles. The normal form of a normal form is itself.
 *
 * @example
 * normalizeTitle('Homogénic 12" (Reissue)'); // 'homogenic'
 */
export function normalizeTitle(title: string): string {
  if (plainTitle.test(title)) return title.toLowerCase();
  let rest = fold(title);
  for (;;) {
    // Folded again: what came before a suffix is now at the end.
    const shorter = fold(dropTitleSuffixes(rest));
    if (shorter === rest) return rest;
    rest = shorter;
  }
}

function dropTitleSuffixes(title: string): string {
  let rest = title;
  for (;;) {
    const shorter = dropTitleSuffix(rest);
    if (shorter === rest) return rest;
    rest = shorter;
  }
}

/** The title without its last suffix, or the same title. Expects a stripped title. */
function dropTitleSuffix(title: string): string {
  if (title.endsWith('"')) {
    let start = title.length - 1;
    while (start > 0 && digit.test(title.charAt(start - 1))) start -= 1;
    return unlessEmpty(title.slice(0, start), title);
  }
  if (title.endsWith(')')) {
    const open = title.lastIndexOf('(');
    // The longest suffix in the list is far shorter; a long text in brackets is not one.
    if (open < 0 || title.length - open > 60) return title;
    if (bracketedTitleSuffix.test(title.slice(open + 1, -1)))
      return unlessEmpty(title.slice(0, open), title);
  }
  return title;
}

const noNumbers: string[] = [];

/** One way to read a title, ready to be compared. */
export class TitleForm {
  /** The words joined: the loose form. For a title without letters and digits, this is {@link text}. */
  readonly key: string;
  /** Those words that are numbers, sorted. */
  readonly numbers: readonly string[];
  /** Which characters the {@link key} has, by their lowest five bits, one bit for each value. If two texts differ here, one of them has to be changed. */
  readonly letters: number;
  /** The {@link letters} that the key has more than once. */
  readonly repeated: number;
  /** Whether the {@link key} has characters of two UTF-16 units, which scores count as one. */
  readonly isAstral: boolean;
  private sorted: string | undefined;
  private counts: Uint8Array | undefined;

  /**
   * @param words The title's words: numbers as digits, `vol` as `volume`, without and-words and a leading article.
   * @param text The normal form without editions.
   * @param atMost What two titles score at most when this is the form in which they are equal, 0..1.
   */
  constructor(
    readonly words: readonly string[],
    readonly text = words.join(' '),
    readonly atMost = 1,
  ) {
    this.key = words.join('') || text;
    const numbers = digits.test(this.key) ? words.filter(isNumber) : noNumbers;
    this.numbers = numbers.length > 1 ? sortCodePoints(numbers) : numbers;
    let letters = 0;
    let repeated = 0;
    let isAstral = false;
    for (let at = 0; at < this.key.length; at += 1) {
      const unit = this.key.charCodeAt(at);
      repeated |= letters & (1 << unit);
      letters |= 1 << unit;
      isAstral ||= unit >= 0xd800 && unit < 0xe000;
    }
    this.letters = letters;
    this.repeated = repeated;
    this.isAstral = isAstral;
  }

  /** How often each letter occurs in the {@link key}: two texts cannot share more characters than these counts do. */
  get letterCounts(): Uint8Array {
    return (this.counts ??= countLetters(this.key));
  }

  /** The words in sorted order, joined with spaces. */
  get sortedWords(): string {
    return (this.sorted ??=
      this.words.length > 1 ? sortCodePoints([...this.words]).join(' ') : (this.words[0] ?? ''));
  }
}

/** How many places a letter count has. Every unit has a place; most letters from a to z have one to themselves. */
export const letterPlaces = 32;

function countLetters(text: string): Uint8Array {
  const counts = new Uint8Array(letterPlaces);
  for (let at = 0; at < text.length; at += 1) {
    const place = text.charCodeAt(at) & (letterPlaces - 1);
    // Letters that occur more often are taken as shared.
    if (counts[place]! < 255) counts[place]! += 1;
  }
  return counts;
}

const leadIn =
  /^(?:original )?(?:music|songs|score|soundtrack|selections)(?: from| for| inspired by| to)(?: and inspired by| the soundtrack of)?(?: the)?(?: original)?(?: motion picture| movie| film| broadway production of| unrealized film script)?,? (?:the )?(.{5,})$/u;
const leadInitials = 'oms';
/** Equal after `Music from the Motion Picture ..`: likely the same album, for a person to decide. */
const leadInScore = 0.85;

/**
 * The ways to read a title: as a whole; after a lead-in such as `Music From the Motion Picture`; each part of `X = Y`.
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
  const behindLead = leadInitials.includes(normal.charAt(0)) ? leadIn.exec(normal) : null;
  if (behindLead) add(behindLead[1]!, leadInScore);
  if (normal.includes(' = ')) for (const part of normal.split(/\s+=\s+/u)) add(part, 1);
  return forms;
}

/** The form of a text that does not end in an edition. */
export function titleForm(text: string, atMost = 1): TitleForm {
  return new TitleForm(titleWords(text), text, atMost);
}

/** Every word that is a number has one of these. */
const digits = /[^a-z]/;
const number = /^\p{Nd}+$/u;
const isNumber = (word: string): boolean => number.test(word);
const droppedG = /(?<=\p{L}{2})in['’‘`´ʼ](?!\p{L})/gu;
const apostrophes = /['’‘`´ʼ]/g;
const initials = /(?<=(?:^|[\s(.])\p{L})\.(?=\p{L}(?:[.\s)]|$))/gu;
const thousands = /(?<=\p{Nd}),(?=\p{Nd}{3})/gu;
const wordBreaks = /[^\p{L}\p{M}\p{N}]+/u;
const ordinal = /^(\p{Nd}+)(?:st|nd|rd|th)$/u;
const leadingZeros = /^0+(?=\p{Nd})/u;
const abbreviations: ReadonlyMap<string, string> = new Map([
  ['vol', 'volume'],
  ['vols', 'volume'],
  ['volumes', 'volume'],
  ['pt', 'part'],
  ['pts', 'part'],
  ['parts', 'part'],
]);
const changing: ReadonlySet<string> = new Set([
  ...abbreviations.keys(),
  ...numberWords.keys(),
  'no',
]);
/** i, v, x and m begin Roman numerals. */
const romanInitials = 'ivxm';
/** For each letter from a to z, whether a word that begins with it may change. */
const mayBegin = Array.from({ length: 26 }, (_, at) =>
  [...romanInitials, ...changing].some((word) => word.charCodeAt(0) === 0x61 + at),
);
const countedThings: ReadonlySet<string> = new Set([
  'volume',
  'part',
  'number',
  'chapter',
  'book',
  'act',
]);
const hasApostrophe = /['’‘`´ʼ]/;

/** The words of a text as {@link TitleForm} has them. */
export function titleWords(text: string): string[] {
  const words = plainWords(text) ?? otherWords(text);
  if (words.length > 1 && articles.has(words[0]!)) words.shift();
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (mayChange(word)) words[at] = spelledAlike(word, at, words);
  }
  return words;
}

/** The words of a text of ASCII letters, digits and word separators; undefined for any other text. */
export function plainWords(text: string): string[] | undefined {
  const words: string[] = [];
  let start = -1;
  for (let at = 0; at <= text.length; at += 1) {
    const kind = at === text.length ? breaks : (unitKinds[text.charCodeAt(at)] ?? special);
    if (kind === letter) {
      if (start < 0) start = at;
      continue;
    }
    if (kind === special) return undefined;
    if (start < 0) continue;
    const word = text.slice(start, at);
    if (word.length > longestAnd || !andWords.has(word)) words.push(word);
    start = -1;
  }
  return words;
}

const longestAnd = Math.max(...[...andWords].map((word) => word.length));
const letter = 1;
const breaks = 2;
const special = 3;
/** What each ASCII unit does to words; apostrophes, full stops between initials, commas in numbers, $ and ! need a closer look. */
const unitKinds: readonly number[] = Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  return /[a-z0-9]/.test(character) ? letter : /['`.,$!A-Z]/.test(character) ? special : breaks;
});

/** The words of any text. */
export function otherWords(text: string): string[] {
  let joined = stylised(text);
  if (hasApostrophe.test(joined)) joined = joined.replace(droppedG, 'ing').replace(apostrophes, '');
  if (joined.includes('.')) joined = joined.replace(initials, '');
  if (joined.includes(',')) joined = joined.replace(thousands, '');
  return joined.split(wordBreaks).filter((word) => word !== '' && !andWords.has(word));
}

/** Whether a word may have another spelling: abbreviations, numbers in words, in Roman or other digits. */
function mayChange(word: string): boolean {
  const first = word.charCodeAt(0);
  if (first < 0x3a || first > 0x7a) return true;
  return (
    mayBegin[first - 0x61] === true &&
    (romanInitials.includes(word.charAt(0)) || changing.has(word))
  );
}

function spelledAlike(word: string, at: number, words: readonly string[]): string {
  const abbreviation = abbreviations.get(word);
  if (abbreviation !== undefined) return abbreviation;
  if (
    word === 'no' &&
    at + 1 < words.length &&
    (isNumber(words[at + 1]!) || /^[ivx]+$/.test(words[at + 1]!))
  )
    return 'number';
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

/** A single letter is a number at the end or after `volume`; a first word (`I Can't Stop`, `MM ..`) only if it consists of i, v and x. */
function isRomanPlace(word: string, at: number, words: readonly string[]): boolean {
  if (word.length === 1) {
    if (!/[ivx]/.test(word)) return false;
    if (words.length === 1) return true;
    const before = words[at - 1];
    return (
      before !== undefined &&
      (at === words.length - 1 || countedThings.has(abbreviations.get(before) ?? before))
    );
  }
  return at > 0 || words.length === 1 || /^[ivx]+$/.test(word);
}
