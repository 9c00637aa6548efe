/**
 * Rules out most releases by the bytes of their names and titles: no library album has anything in common with them. It never
 * rules out a release that the classifier would keep or want reviewed; what it cannot read, it passes on. It also recognises most
 * of the releases that are kept.
 *
 * A decision costs some ten microseconds, and a dump has twenty million releases, nearly all of which do not get past this.
 */

import { articles, artistBag, joinWords, letterPlaces } from '@wxyc/text';
import type { NameLetters } from './artist-table.js';
import { compilationReview, type CompilationSearch } from './compilation-search.js';
import { doubtfulArtistCutoff, type Release } from './decision.js';
import { HashSet, hashText, type HashLists } from './hash-set.js';
import type { LibraryIndex } from './library-index.js';
import { NameScreen, type KnownNames } from './name-screen.js';
import { bagSumOf, letterCountsOf, letterSumOf, type NameSigns } from './name-signs.js';
import type { PairObserver } from './outcome.js';
import type { PlainName } from './plain-name.js';
import { PlainText } from './plain-text.js';
import { PlainTitle } from './plain-title.js';
import { mayMatter, type TitleGlance } from './title-glance.js';
import { genericTitles } from './telling-words.js';

/** The bits of {@link NameScreen.look}'s result that hold the sum. */
const sumBits = ~1;

const encoder = new TextEncoder();
const none: readonly number[] = [];
/** The artist to whom Discogs credits nearly all compilations. */
const various = 'Various';

function isVarious({ bytes, start, end }: TextPlace): boolean {
  if (end - start !== various.length) return false;
  for (let at = 0; at < various.length; at += 1)
    if (bytes[start + at] !== various.charCodeAt(at)) return false;
  return true;
}

/** What a {@link ReleaseScreen} can say about a release. */
export const verdicts = {
  /** The classifier neither keeps it nor wants it reviewed. */
  out: 0,
  /** The classifier decides. */
  perhaps: 1,
  /** The classifier keeps it, for the albums in {@link ReleaseScreen.owned}; no other album matters. */
  kept: 2,
} as const;
export type Verdict = (typeof verdicts)[keyof typeof verdicts];

/** Whether `bytes[start, end)` spell a text, in upper or lower case; false for anything but ASCII. */
function isSpelled(text: string, bytes: Uint8Array, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    const byte = bytes[start + at]!;
    if (unit === byte && unit < 0x80) continue;
    const small = unit | 0x20;
    if (small !== (byte | 0x20) || small < 0x61 || small > 0x7a || unit >= 0x80) return false;
  }
  return true;
}

/** A text in `bytes[start, end)`: UTF-8, without entities. */
export interface TextPlace {
  bytes: Uint8Array;
  start: number;
  end: number;
}

/** What a {@link ReleaseScreen} looks for. */
export interface ScreenedLibrary extends KnownNames {
  /** The library's names and titles. */
  readonly index: LibraryIndex;
  readonly compilations: CompilationSearch;
  /** Names whose releases need a decision whatever their titles. Loose forms. */
  readonly mappedLoose: readonly string[];
  /** What a title must score to matter, for an artist's own albums and for joint ones. */
  readonly leastScores: { own: number; joint: number };
  /** Whether artists have names that their releases' credits do not show. */
  readonly hasAliases: boolean;
  /** Whether there is a list of names that match any album. */
  readonly hasListed: boolean;
  /** Hashes of names that match any album, compilations too: loose forms and sums of bags. */
  readonly listedHashes: readonly number[];
  /** Whether it matters what a pruned release came near to: then every release of a known artist is let through. */
  readonly namesNearest: boolean;
  /** Wants to know what comes near to albums. */
  readonly observer: PairObserver | undefined;
}

/** Letters of a name, or of all names of a release together, as in a joined credit. */
class Letters implements NameLetters {
  /** Hash of the loose form; 0 for several names. */
  looseHash = 0;
  letters = 0;
  readonly letterCounts = new Uint8Array(letterPlaces);
  length = 0;
  /** Sum of the bags. */
  sum = 0;
  /** The articles that lead the names. When names are joined, only the first one loses its article. */
  readonly articles: string[] = [];
  /** Whether a name begins with an e, and whether one ends with a vowel after which an e does not count. */
  beginsWithE = false;
  endsInVowel = false;

  clear(): void {
    this.looseHash = 0;
    this.letters = 0;
    this.letterCounts.fill(0);
    this.length = 0;
    this.sum = 0;
    this.articles.length = 0;
    this.beginsWithE = false;
    this.endsInVowel = false;
  }

  /** Notes what matters about a name when it is joined with others. */
  note({ article, first, last }: PlainName['whole']): void {
    if (article !== '') this.articles.push(article);
    this.beginsWithE = first === smallE;
    this.endsInVowel = last === smallA || last === smallO || last === smallU || article !== '';
  }

  /** Adds a name that was {@link note}d to others. */
  join(name: Letters): void {
    this.add(name, name.sum);
    this.articles.push(...name.articles);
    this.beginsWithE ||= name.beginsWithE;
    this.endsInVowel ||= name.endsInVowel;
  }

  /** {@link letterSumOf} all that the names' joined loose form may be, in whatever order they are joined. */
  joinedLetterSums(): number[] {
    const all = this.articles.reduce(
      (sum, article) => (sum + articleSums.get(article)!) | 0,
      letterSumOf(this.letterCounts),
    );
    return [all, ...this.articles.map((article) => (all - articleSums.get(article)!) | 0)];
  }

  add({ letters, letterCounts, length }: NameLetters, sum: number): void {
    this.letters |= letters;
    // Counts above 255 are kept as 255.
    for (let place = 0; place < letterPlaces; place += 1)
      this.letterCounts[place] = Math.min(255, this.letterCounts[place]! + letterCounts[place]!);
    this.length += length;
    this.sum = (this.sum + sum) | 0;
  }
}

const smallA = 0x61;
const smallE = 0x65;
const smallO = 0x6f;
const smallU = 0x75;
/** Sums of articles' letters. */
const articleSums = new Map(
  [...articles].map((article) => [article, letterSumOf(letterCountsOf(article))] as const),
);
/** What a joined credit may have beyond its names' letters: an article that is no longer at the front. */
const longestArticle = Math.max(...[...articles].map(({ length }) => length));
/** Letters are counted up to here. */
const longestCounted = 255;
/** Names like `The The`, whose words do not count among others. */
const untelling = [...joinWords, ...articles];
const untellingNames = new HashSet(
  untelling
    .flatMap((word) => [word, ...untelling.map((other) => `${word} ${other}`)])
    .map((name) => bagSumOf(artistBag(name))),
);
const generic = new HashSet([...genericTitles].map(hashText));

export class ReleaseScreen {
  private readonly screen: NameScreen;
  private readonly index: LibraryIndex;
  private readonly mapped: HashSet;
  private readonly listed: HashSet;
  /** Whether {@link various} has neither a mapping nor aliases. */
  private readonly knowsVarious: boolean;
  private readonly byLetters: HashLists;
  private readonly text = new PlainText();
  private readonly title = new PlainTitle();
  private count = 0;
  /** The release needs a decision because of its credits. */
  private found = false;
  /** The release needs a decision if it has any album's title: a name cannot be read, or is on the artist list. */
  private isOpen = false;
  /** The release is credited to {@link various}, so that only its title matters. */
  private isCompilation = false;
  /** When joined, a name loses or gains something, so that the sums do not give the joined name. */
  private mayDrop = false;
  /** Loose hash and bag sum of each name that the library has, and whether it is part of a joined name. */
  private readonly known: number[] = [];
  /** The first {@link nameCount} are the release's names and variations. */
  private readonly names: Letters[] = [];
  private nameCount = 0;
  private readonly words: number[] = [];
  /** The albums that the release is, if it is kept. */
  readonly owned: number[] = [];
  private readonly joined = new Letters();
  private readonly joinedVariations = new Letters();
  private readonly scratch = [new Uint8Array(1024), new Uint8Array(1024)];

  /** @param library The names, titles and artists to look for. */
  constructor(private readonly library: ScreenedLibrary) {
    this.screen = new NameScreen(library, { isExact: false });
    this.index = library.index;
    this.byLetters = library.index.names.byLetters();
    this.mapped = new HashSet(library.mappedLoose.map(hashText));
    this.listed = new HashSet(library.listedHashes);
    this.knowsVarious = !library.hasAliases && !this.mapped.has(hashText(various.toLowerCase()));
  }

  /** The verdict on a release that is given as strings. */
  verdictOf({ credits, title }: Release): Verdict {
    this.begin();
    for (const { name, variation = '' } of credits)
      this.credit(this.encoded(name, 0), this.encoded(variation, 1));
    return this.verdict(this.encoded(title, 0));
  }

  private encoded(text: string, place: 0 | 1): TextPlace {
    let bytes = this.scratch[place]!;
    // A UTF-16 unit takes three bytes at most.
    if (bytes.length < text.length * 3)
      this.scratch[place] = bytes = new Uint8Array(text.length * 6);
    return { bytes, start: 0, end: text === '' ? 0 : encoder.encodeInto(text, bytes).written };
  }

  /** Begins a release that is given as bytes. */
  begin(): void {
    this.count = 0;
    this.found = false;
    this.isOpen = false;
    this.mayDrop = false;
    this.isCompilation = false;
    this.known.length = 0;
    this.nameCount = 0;
    this.words.length = 0;
    this.joined.clear();
    this.joinedVariations.clear();
  }

  /** Looks at a main credit: its name and its printed name, which is empty if there is none. */
  credit(name: TextPlace, variation: TextPlace): void {
    if (this.found || name.start === name.end) return;
    this.count += 1;
    if (this.knowsVarious && variation.start === variation.end && isVarious(name)) {
      this.isCompilation = true;
      return;
    }
    const letters = this.look(name);
    if (untellingNames.has(letters.sum)) this.mayDrop = true;
    this.joined.join(letters);
    const printed = variation.start === variation.end ? letters : this.look(variation);
    if (untellingNames.has(printed.sum)) this.mayDrop = true;
    this.joinedVariations.join(printed);
  }

  /** Notes what a name may have to do with the library. */
  private look({ bytes, start, end }: TextPlace): Letters {
    const { screen, words } = this;
    const value = screen.look(bytes, start, end);
    const isKnown = (value & 1) !== 0;
    const letters = (this.names[this.nameCount++] ??= new Letters());
    letters.clear();
    letters.sum = value & sumBits;
    if (!screen.wasPlain) {
      this.isOpen = true;
      // Neither its letters nor what follows it are known.
      this.mayDrop = true;
      if (isKnown) this.found = true;
      return letters;
    }
    const { name } = screen;
    letters.add(name.whole, 0);
    letters.looseHash = name.whole.looseHash;
    letters.note(name.whole);
    for (const word of name.whole.words) if (!words.includes(word)) words.push(word);
    if (name.hasBrackets) this.mayDrop = true;
    if (isKnown) this.noteKnown(name);
    return letters;
  }

  private noteKnown(name: PlainName): void {
    this.noteWhole(name.whole);
    for (let at = 0; at < name.parts; at += 1) this.noteSigns(name.part(at), 1);
  }

  /** Leaves it to the title whether an album of that artist may be meant. */
  private noteWhole(signs: NameSigns): void {
    if (this.library.namesNearest || this.mapped.has(signs.looseHash)) this.found = true;
    this.noteSigns(signs, 0);
  }

  private noteSigns(
    { looseHash, bagSum }: Pick<NameSigns, 'looseHash' | 'bagSum'>,
    isPart: 0 | 1,
  ): void {
    this.known.push(looseHash, bagSum, isPart);
    if (this.listed.has(looseHash) || this.listed.has(bagSum)) this.isOpen = true;
  }

  /** The verdict from the title in `bytes[start, end)` and the credits. Call it after the last credit. */
  verdict({ bytes, start, end }: TextPlace): Verdict {
    if (this.creditsMayMatch()) return verdicts.perhaps;
    const { text, title } = this;
    if (!text.read(bytes, start, end) || !title.read(text.units, text.length))
      return verdicts.perhaps;
    if (!this.titleMayMatch()) return verdicts.out;
    return !this.library.namesNearest &&
      this.isSpelledAsOwned(bytes, start, end) &&
      !this.mayBeNearOthers()
      ? verdicts.kept
      : verdicts.perhaps;
  }

  /** Whether the release needs a decision because of its credits. */
  private creditsMayMatch(): boolean {
    if (this.found || this.count < 2) return this.found;
    if (this.isCompilation || this.mayDrop) return true;
    if (this.library.hasListed) this.isOpen = true;
    this.noteJoint(this.joined);
    this.noteJoint(this.joinedVariations);
    return this.found;
  }

  /** A joined name that the library has is recognised by its words, or by its letters, in whatever order the names are joined. */
  private noteJoint(joined: Letters): void {
    const { screen, index, byLetters, known } = this;
    const { sum } = joined;
    if (sum === 0 || joined.length > longestCounted || (joined.beginsWithE && joined.endsInVowel)) {
      this.found = true;
      return;
    }
    if (screen.mayBeJoint(sum)) {
      if (this.library.namesNearest) this.found = true;
      known.push(0, sum, 0);
    }
    for (const letterSum of joined.joinedLetterSums()) {
      for (const id of byLetters.get(letterSum)) {
        if (this.library.namesNearest) this.found = true;
        known.push(index.names.looseHash(id), 0, 0);
      }
    }
  }

  /** Whether an album of the library may have the title, be it by one of the artists credited or by anybody. */
  private titleMayMatch(): boolean {
    const { title } = this;
    if (this.isCompilation) return this.mayBeCompilation();
    for (let at = 0; at < title.size; at += 1) {
      const reading = title.reading(at);
      if (this.mayBeAnybodys(reading.hash) || this.mayBeKnown(reading, none)) return true;
    }
    return false;
  }

  /**
   * Whether an album has exactly this title and an artist whose name is credited, as with most releases that are owned.
   * Names are compared by hash and letters, which is safe with an equal title.
   */
  private isSpelledAsOwned(bytes: Uint8Array, start: number, end: number): boolean {
    const { title, index, isCompilation, owned } = this;
    owned.length = 0;
    const titled = isCompilation ? index.compilationTitles : index.titles;
    for (let at = 0; at < title.size; at += 1) {
      const { hash } = title.reading(at);
      const list = titled.find(hash);
      if (list < 0) continue;
      const isTelling = !generic.has(hash);
      for (let place = list + titled.values[list]!; place > list; place -= 1) {
        const album = titled.values[place]!;
        if (
          !owned.includes(album) &&
          (index.isTitled(album, title) ||
            isSpelled(index.rows[album]!.title, bytes, start, end)) &&
          (isCompilation || this.isCredited(index.artistIdOf(album), isTelling))
        )
          owned.push(album);
      }
    }
    return owned.length > 0;
  }

  /** Whether the release may come near to albums that the observer asks about, beside those that it is. */
  private mayBeNearOthers(): boolean {
    const { library, title, index, isCompilation } = this;
    if (!library.observer) return false;
    if (this.isOpen || library.hasAliases || library.hasListed) return true;
    const titled = isCompilation ? index.compilationTitles : index.titles;
    for (let at = 0; at < title.size; at += 1) {
      const reading = title.reading(at);
      const list = titled.find(reading.hash);
      if (list >= 0)
        for (let place = list + titled.values[list]!; place > list; place -= 1) {
          const album = titled.values[place]!;
          if (!this.owned.includes(album) && (isCompilation || this.mayBeLikeArtistOf(album)))
            return true;
        }
      if (!isCompilation && this.mayBeKnown(reading, this.owned)) return true;
    }
    return false;
  }

  /** Whether a credit, or all credits together, is a name of this library artist, or (`orPart`) one of the names that it joins. */
  private isCredited(artist: number, orPart: boolean): boolean {
    for (let at = 0; at < this.nameCount; at += 1)
      if (this.isNameOf(this.names[at]!, artist, orPart)) return true;
    return (
      this.count > 1 &&
      !this.isOpen &&
      (this.isNameOf(this.joined, artist, orPart) ||
        this.isNameOf(this.joinedVariations, artist, orPart))
    );
  }

  private isNameOf(letters: Letters, artist: number, orPart: boolean): boolean {
    const { byLoose, byBag } = this.index.names;
    return (
      (letters.looseHash !== 0 && this.isIn(byLoose, letters.looseHash, letters, artist, orPart)) ||
      (letters.sum !== 0 && this.isIn(byBag, letters.sum, letters, artist, orPart))
    );
  }

  private isIn(
    lists: HashLists,
    hash: number,
    letters: Letters,
    artist: number,
    orPart: boolean,
  ): boolean {
    const { names } = this.index;
    const list = lists.find(hash);
    if (list < 0) return false;
    for (let place = list + lists.values[list]!; place > list; place -= 1) {
      const id = lists.values[place]!;
      if (
        this.index.artistIdOfName(id) === artist &&
        names.hasLetters(id, letters) &&
        (orPart || !names.isPart(id))
      )
        return true;
    }
    return false;
  }

  private mayBeCompilation(): boolean {
    const { title, index, library } = this;
    for (let at = 0; at < title.size; at += 1)
      if (index.compilationTitles.find(title.reading(at).hash) >= 0) return true;
    return library.compilations.mayFind(title, compilationReview);
  }

  /** Whether an album has exactly this title, and an artist whose name is similar. */
  private mayBeAnybodys(hash: number): boolean {
    const { library, index } = this;
    const asksCompilations =
      library.hasAliases || (library.hasListed && (this.isOpen || this.count === 0));
    if (asksCompilations && index.compilationTitles.find(hash) >= 0) return true;
    if (index.titles.find(hash) < 0) return false;
    if (library.namesNearest || library.hasAliases || this.isOpen) return true;
    if (generic.has(hash)) return false;
    return (
      this.count === 0 || index.titles.get(hash).some((album) => this.mayBeLikeArtistOf(album))
    );
  }

  private mayBeLikeArtistOf(album: number): boolean {
    const { names } = this.index;
    const { first, end } = this.index.ownNames(album);
    const more = this.count * longestArticle;
    const { observer } = this.library;
    const least = observer
      ? Math.min(doubtfulArtistCutoff, observer.least(album, false))
      : doubtfulArtistCutoff;
    for (let id = first; id < end; id += 1) {
      for (let at = 0; at < this.nameCount; at += 1)
        if (names.mayBeSimilar(id, this.names[at]!, 0, least)) return true;
      if (this.count > 1 && names.mayBeSimilar(id, this.joined, more, least)) return true;
      if (this.count > 1 && names.mayBeSimilar(id, this.joinedVariations, more, least)) return true;
      // The words that are shared may come from several names.
      if (names.mayShareWords(id, this.words)) return true;
    }
    return false;
  }

  /** Whether an artist whose name is credited may have an album with a title near enough, apart from these. */
  private mayBeKnown(title: TitleGlance, except: readonly number[]): boolean {
    const { known } = this;
    for (let at = 0; at < known.length; at += 3)
      if (this.mayBeBy(known[at]!, known[at + 1]!, known[at + 2] === 1, title, except)) return true;
    return false;
  }

  private mayBeBy(
    looseHash: number,
    bagSum: number,
    isPart: boolean,
    title: TitleGlance,
    except: readonly number[],
  ): boolean {
    const { names } = this.index;
    const { byLoose, byBag } = names;
    const loose = byLoose.find(looseHash);
    if (loose >= 0)
      for (let place = loose + byLoose.values[loose]!; place > loose; place -= 1)
        if (this.mayHave(byLoose.values[place]!, isPart, title, except)) return true;
    const bag = bagSum === 0 ? -1 : byBag.find(bagSum);
    if (bag < 0) return false;
    for (let place = bag + byBag.values[bag]!; place > bag; place -= 1) {
      const id = byBag.values[place]!;
      if (names.looseHash(id) !== looseHash && this.mayHave(id, isPart, title, except)) return true;
    }
    return false;
  }

  private mayHave(
    id: number,
    isPart: boolean,
    title: TitleGlance,
    except: readonly number[],
  ): boolean {
    const { names, signatures } = this.index;
    if (title.mayHoldName(names, id)) return true;
    const { own, joint } = this.library.leastScores;
    const least = isPart || names.isPart(id) ? joint : own;
    const end = signatures.start(id + 1);
    for (let place = signatures.start(id); place < end; place += 1)
      if (
        !except.includes(signatures.item(place)) &&
        mayMatter(signatures, place, title, least, this.library.observer)
      )
        return true;
    return false;
  }
}
