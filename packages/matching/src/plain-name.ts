/** Names of letters and digits, read from their bytes without making a string: their signs, and those of the names in a joined one. */

import {
  andWords,
  articles,
  bagWord,
  joinLetters,
  joinWords,
  letterPlaces,
  numberWords,
} from '@wxyc/text';
import { hashStart, hashText, hashUnit } from './hash-set.js';
import { wordSign, type NameSigns } from './name-signs.js';
import { PlainText } from './plain-text.js';
import { emptyNameWords } from './telling-words.js';

const space = 0x20;
const bang = 0x21;
const ampersand = 0x26;
const plus = 0x2b;
const comma = 0x2c;
const dash = 0x2d;
const stop = 0x2e;
const openBracket = 0x28;
const closeBracket = 0x29;
const slash = 0x2f;
const apostrophe = 0x27;
const openSquare = 0x5b;
const closeSquare = 0x5d;
const smallE = 0x65;
const smallN = 0x6e;

/** For a unit of a {@link PlainText}: itself, or 0 if it is neither letter nor digit. Beyond ASCII there are only letters. */
const wordUnits = Uint16Array.from({ length: 0x10000 }, (_, unit) =>
  unit >= 0x80 || /[a-z0-9]/.test(String.fromCharCode(unit)) ? unit : 0,
);

const longestName = 200;

/** Kinds of words, by hash. */
const article = 1;
/** Separates the names of a joined credit; followed by a full stop, it is {@link untelling}. */
const joint = 2;
/** Separates them even when followed by a full stop. */
const abbreviatedJoint = 3;
/** Left out of word bags. */
const untelling = 4;
/** May mean that the credit is a compilation's: the full reader takes the name. */
const unsure = 5;

/** What is known about a word beyond its letters. */
interface WordKind {
  kind: number | undefined;
  /** It cannot tell one name from another. */
  isEmpty: boolean;
  /** Hash of the digits that the word is read as. */
  digits: number | undefined;
}
const wordKinds = new Map<number, WordKind>();
const say = (words: Iterable<string>, what: Partial<WordKind>): void => {
  for (const word of words)
    wordKinds.set(hashText(word), {
      ...(wordKinds.get(hashText(word)) ?? { kind: undefined, isEmpty: false, digits: undefined }),
      ...what,
    });
};
say(joinWords, { kind: untelling });
say(['and', 'featuring', 'with', 'versus', 'presents', 'meets', 'x'], { kind: joint });
say(['feat', 'ft', 'vs'], { kind: abbreviatedJoint });
say(articles, { kind: article });
say(
  ['various', 'va', 'original', 'soundtrack', 'soundtracks', 'ost', 'compilation', 'compilations'],
  { kind: unsure },
);
say(emptyNameWords, { isEmpty: true });
// Looked up in the spelling of word bags.
for (const [word, digits] of numberWords)
  if (bagWord(word) === digits) say([word], { digits: hashText(digits) });
const andHashes = new Set([...andWords].map(hashText));
const letterHashes = new Set([...joinLetters].map(hashText));
const letterX = hashText('x');
const longestAnd = Math.max(...[...andWords].map(({ length }) => length));

/** What has been read so far of a name, or of one of the names that it joins. */
export class NameInMaking implements NameSigns {
  looseHash = hashStart;
  bagSum = 0;
  letters = 0;
  readonly letterCounts = new Uint8Array(letterPlaces);
  length = 0;
  readonly words: number[] = [];
  /** The leading article, which the loose form leaves out; empty if there is none. */
  article = '';
  /** Words between spaces, and words that distinguish names. */
  count = 0;
  telling = 0;
  /** First and last unit of the loose form. */
  first = 0;
  last = 0;

  begin(): void {
    this.looseHash = hashStart;
    this.bagSum = 0;
    this.letters = 0;
    this.letterCounts.fill(0);
    this.length = 0;
    this.article = '';
    this.first = 0;
    this.last = 0;
    this.words.length = 0;
    this.count = 0;
    this.telling = 0;
  }

  /** Continues the loose form: even across words, an e after a, o or u does not count. */
  addLetters(units: Uint16Array, start: number, end: number): void {
    let { looseHash, letters, length, last } = this;
    let first = 0;
    for (let p = start; p < end; p += 1) {
      const unit = wordUnits[units[p]!]!;
      if (unit === 0 || (unit === smallE && (last === 0x61 || last === 0x6f || last === 0x75)))
        continue;
      looseHash = hashUnit(looseHash, unit);
      letters |= 1 << unit;
      if (first === 0) first = unit;
      this.letterCounts[unit & (letterPlaces - 1)]! += 1;
      length += 1;
      last = unit;
    }
    this.looseHash = looseHash;
    if (this.length === 0) this.first = first;
    this.letters = letters;
    this.length = length;
    this.last = last;
    this.count += 1;
  }

  addTelling(bagHash: number): void {
    this.bagSum = (this.bagSum + 2 * bagHash) | 0;
    this.telling += 1;
  }

  /** A word that occurs twice counts once. */
  addWord(sign: number): void {
    if (!this.words.includes(sign)) this.words.push(sign);
  }

  copy(other: NameInMaking): void {
    this.looseHash = other.looseHash;
    this.bagSum = other.bagSum;
    this.letters = other.letters;
    this.letterCounts.set(other.letterCounts);
    this.length = other.length;
    this.words.length = 0;
    for (const word of other.words) this.words.push(word);
  }
}

export class PlainName {
  /** The name as a whole. */
  readonly whole = new NameInMaking();
  /** It ends in more than one Discogs number, which is all that a joined credit leaves out. */
  hasBrackets = false;
  private readonly pool: NameInMaking[] = [];
  private count = 0;
  private readonly text = new PlainText();

  /** How many names a joined one is made of; 0 for a single name. */
  get parts(): number {
    return this.count > 1 ? this.count : 0;
  }

  /** One of the names. */
  part(at: number): NameSigns {
    return this.pool[at]!;
  }

  /** Reads the name in `bytes[from, to)`, UTF-8; false if it is not plain, and then nothing is known about it. */
  read(source: Uint8Array, from: number, to: number): boolean {
    if (!this.text.read(source, from, to)) return false;
    const { units } = this.text;
    let start = 0;
    let end = this.text.length;
    while (start < end && units[start] === space) start += 1;
    while (start < end && units[end - 1] === space) end -= 1;
    const all = end;
    end = withoutBrackets(units, start, end);
    this.hasBrackets =
      end < all && (units[all - 1] !== closeBracket || end !== withoutNumber(units, start, all));
    const withoutMarks = withoutApostrophes(units, start, end);
    if (withoutMarks < 0) return false;
    end = withoutMarks;
    if (end <= start || end - start > longestName) return false;
    this.whole.begin();
    this.count = 0;
    const behind = articleBehind(units, start, end);
    if (behind > 0) {
      // `Beatles, The`: the article belongs at the front.
      const length = end - behind - 2;
      const word = hashUnits(units, behind + 2, end);
      if (length > 1 && wordKinds.get(word)?.isEmpty === false)
        this.whole.addWord(wordSign(word, length));
      this.whole.article = String.fromCharCode(...units.subarray(behind + 2, end));
      this.whole.count = 1;
      end = behind;
    }
    return this.readWords(units, start, end);
  }

  private begin(): NameInMaking {
    const part = (this.pool[this.count++] ??= new NameInMaking());
    part.begin();
    return part;
  }

  private readWords(units: Uint16Array, start: number, end: number): boolean {
    const { whole } = this;
    /** The name after the last joint; before the first joint there is only the whole. */
    let part: NameInMaking | undefined;
    /** Whether a word of the same name has come before. */
    let follows = false;
    /** A letter before this word that joins names, unless the name ends with it. */
    let letter = 0;
    let hasCommas = false;
    for (let p = start; p < end; p += 1) {
      const first = p;
      let kind: number | undefined;
      let isJoint = false;
      let marks = 0;
      /** The word, if it is a letter that may join names. */
      let alone = 0;
      const mark = units[p]!;
      if (
        (mark === ampersand || mark === plus || mark === dash || mark === slash) &&
        (p + 1 === end || units[p + 1] === space)
      ) {
        isJoint = true;
        p += 1;
      }
      while (!isJoint && p < end && units[p] !== space) {
        const from = p;
        let word = hashStart;
        let umlautWord = hashStart;
        let previous = 0;
        for (
          let unit = wordUnits[units[p]!]!;
          p < end && unit !== 0;
          p += 1, unit = p < end ? wordUnits[units[p]!]! : 0
        ) {
          word = hashUnit(word, unit);
          if (unit === smallE && (previous === 0x61 || previous === 0x6f || previous === 0x75))
            continue;
          umlautWord = hashUnit(umlautWord, unit);
          previous = unit;
        }
        const length = p - from;
        if (length === 0) return false;
        const known = wordKinds.get(word);
        const inBag = umlautWord === word ? known : wordKinds.get(umlautWord);
        kind = known?.kind;
        // A bag spells words without umlauts: ae is just a there.
        if (kind === unsure || inBag?.kind !== kind) return false;
        if (kind === undefined) {
          const bagHash = inBag?.digits ?? umlautWord;
          whole.addTelling(bagHash);
          part?.addTelling(bagHash);
          follows = true;
        } else if (length === 1 && letterHashes.has(word)) alone = word;
        const stands = kind === undefined || kind === article;
        if (stands && length > 1 && !known?.isEmpty) {
          const sign = wordSign(word, length);
          whole.addWord(sign);
          part?.addWord(sign);
        }
        // A joining word that is hyphenated to another word does not join.
        if (from > first && !stands) return false;
        if (p === end || units[p] === space || units[p] === comma) break;
        marks += 1;
        const hyphen = units[p] === dash;
        const marked = p;
        if (hyphen) p += 1;
        else while (p < end && (units[p] === stop || units[p] === bang)) p += 1;
        if (!stands && (hyphen || p - marked > 1 || units[marked] !== stop)) return false;
        const goesOn = p < end && units[p] !== space;
        // R.E.M. is one word, and P!nk is Pink.
        if (hyphen !== goesOn) return false;
        if (!goesOn) break;
      }
      if (p === first) return false;
      const hasComma = p < end && units[p] === comma;
      // Names in a list; an article there may belong at the front.
      if (hasComma && (p + 1 >= end || units[p + 1] !== space || kind !== undefined)) return false;
      if (kind === abbreviatedJoint || (kind === joint && marks === 0)) isJoint = true;
      if (alone !== 0) {
        // Left to the full reader: which of several letters join, letters of inverted names, and a name that begins with x.
        if (letter !== 0 || hasCommas || (alone === letterX && isJoint && !follows)) return false;
        if (follows) letter = alone;
        else {
          whole.addTelling(alone);
          part?.addTelling(alone);
          follows = true;
        }
      } else if (isJoint || (kind !== undefined && kind !== article)) {
        if (letter !== 0) {
          if (letter === letterX) return false;
          whole.addTelling(letter);
          part?.addTelling(letter);
          letter = 0;
        }
        follows = false;
      } else if (kind === undefined || letter !== letterX) letter = 0;
      if (!isJoint && !isAnd(units, first, p)) {
        const leads = kind === article && marks === 0;
        addWord(whole, units, first, p, leads);
        if (part) addWord(part, units, first, p, leads);
      }
      if (!isJoint && !hasComma) continue;
      // Joints at an end or side by side, and names made only of articles, are left to the full reader.
      if (p >= end || !isNamed(part ?? whole)) return false;
      if (!part) this.begin().copy(whole);
      if (kind !== undefined && isJoint && !isAnd(units, first, p))
        whole.addLetters(units, first, p);
      part = this.begin();
      if (hasComma) {
        hasCommas = true;
        follows = false;
        p += 1;
      }
    }
    if (letter === letterX) return false;
    if (letter !== 0) {
      whole.addTelling(letter);
      part?.addTelling(letter);
    }
    return isNamed(part ?? whole);
  }
}

/** Whether a name has words of its own. */
const isNamed = ({ telling, length }: NameInMaking): boolean => telling > 0 && length > 0;

/** A leading article is not part of the loose form. */
function addWord(
  name: NameInMaking,
  units: Uint16Array,
  start: number,
  end: number,
  isArticle: boolean,
): void {
  if (isArticle && name.count === 0) {
    name.count = 1;
    name.article = String.fromCharCode(...units.subarray(start, end));
  } else name.addLetters(units, start, end);
}

function isAnd(units: Uint16Array, start: number, end: number): boolean {
  return end - start <= longestAnd && andHashes.has(hashUnits(units, start, end));
}

function hashUnits(units: Uint16Array, start: number, end: number): number {
  let hash = hashStart;
  for (let p = start; p < end; p += 1) hash = hashUnit(hash, units[p]!);
  return hash;
}

/** Where `, the` begins at the end of a name; -1 if the name does not end in an article. */
function articleBehind(units: Uint16Array, start: number, end: number): number {
  let p = end;
  while (p > start && units[p - 1] !== space) p -= 1;
  return p - 2 > start &&
    units[p - 2] === comma &&
    wordKinds.get(hashUnits(units, p, end))?.kind === article
    ? p - 2
    : -1;
}

/**
 * Closes the gaps that apostrophes leave; the new end, or -1 where an n between two of them means "and", or where one ends a
 * word that may say compilation (`Va's Band`).
 */
function withoutApostrophes(units: Uint16Array, start: number, end: number): number {
  let to = start;
  for (let p = start; p < end; p += 1) {
    const unit = units[p]!;
    if (unit !== apostrophe) {
      units[to++] = unit;
      continue;
    }
    if (p + 2 < end && units[p + 1] === smallN && units[p + 2] === apostrophe) return -1;
    if (wordKinds.get(hashUnits(units, start, to))?.kind === unsure) return -1;
  }
  return to;
}

/** The end of a name without the numbers and brackets at its end; they stay if nothing else would be left. */
function withoutBrackets(units: Uint16Array, start: number, end: number): number {
  for (let rest = end; ;) {
    const shorter =
      units[rest - 1] === closeBracket
        ? withoutNumber(units, start, rest)
        : units[rest - 1] === closeSquare
          ? withoutBracket(units, start, rest)
          : rest;
    if (shorter === rest || shorter <= start) return rest;
    rest = shorter;
  }
}

/** The end of a name without its Discogs number. */
function withoutNumber(units: Uint16Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && units[p]! >= 0x30 && units[p]! <= 0x39) p -= 1;
  if (p < start || p === end - 2 || units[p] !== openBracket) return end;
  while (p > start && units[p - 1] === space) p -= 1;
  return p;
}

/** The end of a name without the bracket at its end. */
function withoutBracket(units: Uint16Array, start: number, end: number): number {
  let p = end - 2;
  while (p > start && units[p] !== openSquare && units[p] !== closeSquare) p -= 1;
  if (p < start || units[p] !== openSquare) return end;
  while (p > start && units[p - 1] === space) p -= 1;
  return p;
}
