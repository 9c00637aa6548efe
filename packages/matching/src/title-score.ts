/** The title score T, 0..1: how much two titles of one artist say that they are one album. */

import { letterPlaces, TitleForm, titleForm, titleForms, titleWords } from '@wxyc/text';
import type { ArtistSpelling } from './artist-spelling.js';
import { alikeAtMost, similarity } from './similarity.js';
import { collectionWords, seriesWords, variantWords } from './telling-words.js';

/** One title is a complete part of the other: likely the album, for a person to decide. */
const partScore = 0.85;
/** Equal but for the artist's name at the end (`Come On Feel The Lemonheads`). */
const nameBehindScore = 0.95;
/** `Untitled` may stand for the artist's name, and may be a title. */
const untitledScore = 0.85;
/** What similar titles score at most: only equal forms score 1. */
const mostForSimilar = 0.99;
/** Comparing letter by letter, without spaces, says a little less than comparing word by word. */
const lettersWeight = 0.97;
const shortestPart = 5;

const selfTitled = /^(?:s\/t|s-t|st|self[- ]?titled|untitled|eponymous)$/;
const longestSelfTitled = 'self-titled'.length;

/**
 * The ways to read an artist's title: its forms, what `s/t` stands for, and each without the artist's name at its start or end
 * (`Led Zeppelin III`, `Clear Spirit`).
 *
 * @param isWhole Whether the artist is all there is: `s/t` of a joint album does not stand for one of the names.
 */
export function titleReadings(
  forms: readonly TitleForm[],
  artist: ArtistSpelling,
  isWhole = true,
): readonly TitleForm[] {
  let readings: TitleForm[] | undefined;
  for (const form of forms) {
    if (isWhole && mayStandForName(form)) {
      const { text, words } = artist.asTitle;
      (readings ??= [...forms]).push(
        new TitleForm(words, text, form.text === 'untitled' ? untitledScore : 1),
      );
    }
    const behind =
      form.key.charCodeAt(0) === artist.loose.charCodeAt(0)
        ? wordsBehindName(form.words, artist.loose)
        : undefined;
    if (behind) (readings ??= [...forms]).push(new TitleForm(behind));
    const before = mayEndWith(form.key, artist.loose)
      ? wordsBeforeName(form.words, artist.loose)
      : undefined;
    if (before)
      (readings ??= [...forms]).push(new TitleForm(before, before.join(' '), nameBehindScore));
  }
  return readings ?? forms;
}

/** Whether a title may merely stand for the artist's name: `s/t`, `Untitled`. */
export function mayStandForName({ text }: TitleForm): boolean {
  return text.length <= longestSelfTitled && selfTitled.test(text);
}

/** Whether a loose title is just an artist's name. */
export function isNameOf(key: string, { asTitle, loose }: ArtistSpelling): boolean {
  return key === asTitle.key || namesake(key) === loose;
}

/** A loose form drops the e of an ae, oe or ue. */
function mayEndWith(key: string, loose: string): boolean {
  const last = key.charCodeAt(key.length - 1);
  return last === loose.charCodeAt(loose.length - 1) || last === 0x65;
}

const umlauts = /([aou])e+/g;
const namesake = (letters: string): string => letters.replace(umlauts, '$1');
/** A name may be longer within a title: articles, plural s. */
export const nameSlack = 6;

/** Turns `timbaland presents shock value` into `shock value`. */
function wordsBehindName(words: readonly string[], loose: string): string[] | undefined {
  let letters = '';
  for (let at = 0; at < words.length - 1 && letters.length <= loose.length + nameSlack; at += 1) {
    letters += words[at]!;
    const name = namesake(letters);
    if (name !== loose && name !== `${loose}s`) continue;
    const rest = words.slice(words[at + 1] === 'presents' ? at + 2 : at + 1);
    return rest.length > 0 ? titleWords(rest.join(' ')) : undefined;
  }
  return undefined;
}

const linkWords = new Set(['the', 'with', 'by', 'featuring']);

/** Turns `clear spirit` into `clear`, but leaves `best of spirit`. */
function wordsBeforeName(words: readonly string[], loose: string): string[] | undefined {
  let letters = '';
  for (let at = words.length - 1; at > 0 && letters.length <= loose.length + nameSlack; at -= 1) {
    letters = words[at]! + letters;
    if (namesake(letters) !== loose) continue;
    let end = at;
    while (end > 1 && linkWords.has(words[end - 1]!)) end -= 1;
    const rest = words.slice(0, end);
    const isTitle =
      rest.at(-1) !== 'of' &&
      rest.join('').length >= shortestPart &&
      !rest.every((word) => variantWords.has(word) || collectionWords.has(word));
    return isTitle ? rest : undefined;
  }
  return undefined;
}

/** The score of two titles that are equal in some reading, else 0. */
function equalScore(a: readonly TitleForm[], b: readonly TitleForm[]): number {
  let best = 0;
  for (const x of a) {
    for (const y of b)
      if (x.letters === y.letters && x.key === y.key)
        best = Math.max(best, Math.min(x.atMost, y.atMost));
  }
  return best;
}

/**
 * The best score of two titles over their readings. A score that is not above `above` may come out as any number not above it.
 *
 * @param artist A title that is just the artist's name does not count as part of another.
 */
export function titleScore(
  a: readonly TitleForm[],
  b: readonly TitleForm[],
  artist: ArtistSpelling | undefined,
  above = 0,
): number {
  let best = equalScore(a, b);
  for (const x of a) {
    for (const y of b) {
      if (best >= mostForSimilar) return best;
      if (x.key !== y.key) best = Math.max(best, similarScore(x, y, artist, Math.max(best, above)));
    }
  }
  return best;
}

function similarScore(
  a: TitleForm,
  b: TitleForm,
  artist: ArtistSpelling | undefined,
  above: number,
): number {
  const part = above < partScore && mayBePart(a, b) && isWholePart(a, b, artist) ? partScore : 0;
  // Volume 1 is not Volume 7.
  if (differInNumbers(a, b) || mostAlike(a, b) < above) return part;
  // Titles made only of symbols are alike only if they are equal.
  const words =
    a.words.length > 0 && b.words.length > 0 ? similarity(a.sortedWords, b.sortedWords, above) : 0;
  const letters = a.key.length > shortestPart ? lettersWeight * similarity(a.key, b.key, above) : 0;
  return Math.min(mostForSimilar, Math.max(part, words, letters));
}

/** What two titles score at most, by how often both have each letter. */
function mostAlike(a: TitleForm, b: TitleForm): number {
  // In a long title, a letter may occur more often than is counted.
  if (a.key.length > 255 || b.key.length > 255 || a.isAstral || b.isAstral) return 1;
  const x = a.letterCounts;
  const y = b.letterCounts;
  let common = 0;
  for (let place = 0; place < letterPlaces; place += 1)
    common += x[place]! < y[place]! ? x[place]! : y[place]!;
  return alikeAtMost(common, a.key.length, a.words.length, b.key.length, b.words.length);
}

/** Whether two titles have different numbers. */
export function differInNumbers(a: TitleForm, b: TitleForm): boolean {
  return !sameList(a.numbers, b.numbers);
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, at) => item === b[at]);
}

const separators = /\s*[:([\]){}=/;]\s*|\s+[-–—~+]{1,3}\s+/u;
const hasSeparator = /[:([\]){}=/;]|\s[-–—~+]{1,3}\s/u;
const doubleTitle = /\s*[=/]\s*/u;

/** Whether a title has something that separates it into parts. */
export function canHoldParts({ text }: TitleForm): boolean {
  return hasSeparator.test(text);
}

/** Apart from what is read as a number, a part's letters are all in the whole. */
function mayBePart(a: TitleForm, b: TitleForm): boolean {
  const isShorter = a.key.length <= b.key.length;
  const short = isShorter ? a : b;
  const beside = short.letters & ~(isShorter ? b : a).letters;
  return (short.numbers.length > 0 ? beside & sureLetters : beside) === 0;
}

/** Letters outside numbers and abbreviations: those may be read differently in a part than in the whole. */
export const sureLetters = [...'abfghjkz'].reduce(
  (bits, letter) => bits | (1 << letter.charCodeAt(0)),
  0,
);

/** Whether the shorter title is a complete part of the longer, and nothing beside it makes it another album. */
function isWholePart(a: TitleForm, b: TitleForm, artist: ArtistSpelling | undefined): boolean {
  const short = a.key.length <= b.key.length ? a : b;
  const long = short === a ? b : a;
  if (short.key.length < shortestPart) return false;
  if (
    !(
      long.key.includes(short.key) ||
      (short.numbers.length > 0 && holdsWords(long.key, short.words))
    ) ||
    !canHoldParts(long)
  )
    return false;
  return (partsOf(long).get(short.key) ?? false) && !(artist && isNameOf(short.key, artist));
}

/** Parts of titles that are needed again and again. */
const keptParts = new WeakMap<TitleForm, ReadonlyMap<string, boolean> | undefined>();

/** Remembers the parts of a title that lives as long as the library, once they are asked for. */
export function keepParts(form: TitleForm): void {
  keptParts.set(form, undefined);
}

/** The title whose parts were needed last: a release is compared with many albums in turn. */
let last: { form: TitleForm; parts: ReadonlyMap<string, boolean> } | undefined;

function partsOf(form: TitleForm): ReadonlyMap<string, boolean> {
  if (last?.form === form) return last.parts;
  let parts = keptParts.get(form);
  if (!parts) {
    parts = wholeParts(form.text);
    if (keptParts.has(form)) keptParts.set(form, parts);
    else last = { form, parts };
  }
  return parts;
}

/** Words that are not read as numbers and do not stand for other words. */
export const isOrdinary = (word: string): boolean =>
  !romanLetters.test(word) && !hasDigit.test(word) && !seriesWords.has(word);
const romanLetters = /^[ivxmcdl]+$/;
const hasDigit = /\p{Nd}/u;

/** Whether a loose title has all of these words in sequence, except those that may be read differently there. */
function holdsWords(key: string, words: readonly string[]): boolean {
  let run = '';
  for (const word of words) {
    if (isOrdinary(word)) {
      run += word;
      continue;
    }
    if (!key.includes(run)) return false;
    run = '';
  }
  return key.includes(run);
}

/** In titles with more parts (box sets list a hundred), only single parts are looked at. */
const mostJoinedParts = 12;

/** Loose forms of the parts of a title, and of neighbouring ones together, and whether what is beside each is harmless. */
function wholeParts(text: string): Map<string, boolean> {
  const found = new Map<string, boolean>();
  const add = (key: string, harmless: boolean): void => {
    if (!found.has(key)) found.set(key, harmless);
  };
  const titles = splitAt(text, doubleTitle);
  if (titles.length > 1) {
    // Two albums in one, or a title in two languages: the other's number says nothing about this one.
    const variants = titles.map((title) =>
      titleWords(title).some((word) => variantWords.has(word)),
    );
    const all = variants.filter(Boolean).length;
    for (const [at, title] of titles.entries()) add(keyOf([title]), all === Number(variants[at]));
  }
  const parts = splitAt(text, separators);
  const harmful = parts.map((part) => !isHarmless(part));
  const all = harmful.filter(Boolean).length;
  for (let first = 0; first < parts.length; first += 1) {
    let within = 0;
    const last = parts.length > mostJoinedParts ? first + 1 : parts.length;
    for (let end = first + 1; end <= last; end += 1) {
      within += Number(harmful[end - 1]);
      if (end - first < parts.length) add(keyOf(parts.slice(first, end)), within === all);
    }
  }
  return found;
}

function splitAt(text: string, at: RegExp): string[] {
  return text.split(at).filter((part) => part !== '');
}

function keyOf(parts: readonly string[]): string {
  return parts.length === 1
    ? (titleForms(parts[0]!)[0]?.key ?? '')
    : titleForm(parts.join(' ')).key;
}

/** Whether a text beside a title leaves it the same album: no live version, no volume, no bare number other than a year. */
export function isHarmless(text: string): boolean {
  const words = titleWords(text);
  if (words.some((word) => variantWords.has(word))) return false;
  const { numbers } = new TitleForm(words);
  if (numbers.length === 0) return true;
  if (numbers.length === words.length)
    return numbers.every((number) => /^(?:19|20)\d\d$/.test(number));
  return words.length >= 3 && !words.some((word) => seriesWords.has(word));
}
