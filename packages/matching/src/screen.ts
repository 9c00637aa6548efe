/**
 * Tells of most releases, by the bytes of their names and titles, that no library album has anything in common with them. It
 * never says so of a release that the classifier would keep or want reviewed: what it cannot read it passes on.
 *
 * A decision costs some ten microseconds, and a dump has twenty million releases, nearly all of which do not get past this.
 */

import { articles, artistBag, joinWords, letterPlaces } from '@wxyc/text';
import type { NameLetters } from './artist-table.js';
import { compilationReview, type CompilationSearch } from './compilation-search.js';
import { doubtfulArtistCutoff, type Release } from './decision.js';
import { HashSet, hashText } from './hash-set.js';
import type { LibraryIndex } from './library-index.js';
import { NameScreen, type KnownNames } from './name-screen.js';
import { bagSumOf, type NameSigns } from './name-signs.js';
import type { PairObserver } from './outcome.js';
import type { PlainName } from './plain-name.js';
import { PlainText } from './plain-text.js';
import { PlainTitle } from './plain-title.js';
import { mayMatter, type TitleGlance } from './title-glance.js';
import { genericTitles } from './telling-words.js';

/** What {@link NameScreen.look} says of a name beside whether it is known. */
const sumBits = ~1;

const encoder = new TextEncoder();
/** Whom Discogs credits nearly all compilations to. */
const various = 'Various';

function isVarious({ bytes, start, end }: TextPlace): boolean {
  if (end - start !== various.length) return false;
  for (let at = 0; at < various.length; at += 1)
    if (bytes[start + at] !== various.charCodeAt(at)) return false;
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
  /** Its names and titles. */
  readonly index: LibraryIndex;
  readonly compilations: CompilationSearch;
  /** Names whose releases are decided whatever their titles. Loose forms. */
  readonly mappedLoose: readonly string[];
  /** What a title must score to matter, for an artist's own albums and for joint ones. */
  readonly leastScores: { own: number; joint: number };
  /** Whether artists have names that their releases' credits do not show. */
  readonly hasAliases: boolean;
  /** Whether there is a list of names that stand for any album. */
  readonly hasListed: boolean;
  /** Hashes of names that stand for any album, compilations too: loose forms and sums of bags. */
  readonly listedHashes: readonly number[];
  /** Whether it matters what a pruned release came near to: then every release of a known artist is let through. */
  readonly namesNearest: boolean;
  /** Asks what comes near to albums. */
  readonly observer: PairObserver | undefined;
}

/** Letters of a name, or of all names of a release as they stand together in a joined credit. */
class Letters implements NameLetters {
  letters = 0;
  readonly letterCounts = new Uint8Array(letterPlaces);
  length = 0;
  /** Sum of the bags. */
  sum = 0;

  clear(): void {
    this.letters = 0;
    this.letterCounts.fill(0);
    this.length = 0;
    this.sum = 0;
  }

  add({ letters, letterCounts, length }: NameLetters, sum: number): void {
    this.letters |= letters;
    // 255 and more is as good as 255.
    for (let place = 0; place < letterPlaces; place += 1)
      this.letterCounts[place] = Math.min(255, this.letterCounts[place]! + letterCounts[place]!);
    this.length += length;
    this.sum = (this.sum + sum) | 0;
  }
}

/** What a joined credit has more than its names: an article that is no longer in front. */
const longestArticle = Math.max(...[...articles].map(({ length }) => length));
/** Names like `The The`, whose words have no weight among others. */
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
  /** Whether {@link various} is a name that nothing else is said of. */
  private readonly knowsVarious: boolean;
  private readonly text = new PlainText();
  private readonly title = new PlainTitle();
  private count = 0;
  /** The release is to be decided for its credits' sake. */
  private found = false;
  /** With any album's title it is to be decided: a name cannot be read, or is on the list of names. */
  private isOpen = false;
  /** It is credited to {@link various}, of whom nothing but the title tells. */
  private isCompilation = false;
  /** Joined with others, a name says nothing: the sums do not tell the joined one. */
  private mayDrop = false;
  /** Loose hash and bag sum of names that the library has, and whether each is one of a joined name. */
  private readonly known: number[] = [];
  /** Each name and variation, in the first places. */
  private readonly names: Letters[] = [];
  private nameCount = 0;
  private readonly words: number[] = [];
  private readonly joined = new Letters();
  private readonly joinedVariations = new Letters();
  private readonly scratch = [new Uint8Array(1024), new Uint8Array(1024)];

  /** @param library Its names, titles and artists. */
  constructor(private readonly library: ScreenedLibrary) {
    this.screen = new NameScreen(library, { isExact: false });
    this.index = library.index;
    this.mapped = new HashSet(library.mappedLoose.map(hashText));
    this.listed = new HashSet(library.listedHashes);
    this.knowsVarious = !library.hasAliases && !this.mapped.has(hashText(various.toLowerCase()));
  }

  /** Whether the library may have the release, told from its texts. */
  mayMatch({ credits, title }: Release): boolean {
    this.begin();
    for (const { name, variation = '' } of credits)
      this.credit(this.encoded(name, 0), this.encoded(variation, 1));
    if (this.creditsMayMatch()) return true;
    const text = this.encoded(title, 0);
    return this.titleMayMatch(text.bytes, text.start, text.end);
  }

  private encoded(text: string, place: 0 | 1): TextPlace {
    let bytes = this.scratch[place]!;
    // A UTF-16 unit takes three bytes at most.
    if (bytes.length < text.length * 3)
      this.scratch[place] = bytes = new Uint8Array(text.length * 6);
    return { bytes, start: 0, end: text === '' ? 0 : encoder.encodeInto(text, bytes).written };
  }

  /** Begins a release that is told from bytes. */
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
    this.joined.add(letters, letters.sum);
    const printed = variation.start === variation.end ? letters : this.look(variation);
    if (untellingNames.has(printed.sum)) this.mayDrop = true;
    this.joinedVariations.add(printed, printed.sum);
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
      if (isKnown) this.found = true;
      return letters;
    }
    const { name } = screen;
    letters.add(name.whole, 0);
    for (const word of name.whole.words) if (!words.includes(word)) words.push(word);
    // Joined with others, what stands behind the name is no longer dropped.
    if (name.hasNumber && this.count > 1) this.isOpen = true;
    if (isKnown) this.noteKnown(name);
    return letters;
  }

  private noteKnown(name: PlainName): void {
    this.noteWhole(name.whole);
    for (let at = 0; at < name.parts; at += 1) this.noteSigns(name.part(at), 1);
  }

  /** The title tells whether an album of that artist may be meant. */
  private noteWhole(signs: NameSigns): void {
    if (this.library.namesNearest || this.mapped.has(signs.looseHash)) this.found = true;
    this.noteSigns(signs, 0);
  }

  private noteSigns({ looseHash, bagSum }: NameSigns, isPart: 0 | 1): void {
    this.known.push(looseHash, bagSum, isPart);
    if (this.listed.has(looseHash) || this.listed.has(bagSum)) this.isOpen = true;
  }

  /** Whether the release must be decided for its credits' sake. Call it behind the last one. */
  creditsMayMatch(): boolean {
    if (this.found || this.count < 2) return this.found;
    if (this.isCompilation) return true;
    return (
      this.mayDrop ||
      this.screen.mayBeJoint(this.joined.sum) ||
      (this.joinedVariations.sum !== this.joined.sum &&
        this.screen.mayBeJoint(this.joinedVariations.sum))
    );
  }

  /** Whether an album of the library may have the title in `bytes[start, end)`, one of the artists credited or anybody's. */
  titleMayMatch(source: Uint8Array, from: number, to: number): boolean {
    const { text, title } = this;
    if (!text.read(source, from, to) || !title.read(text.bytes, text.length)) return true;
    if (this.isCompilation) return this.mayBeCompilation();
    for (let at = 0; at < title.size; at += 1) {
      const reading = title.reading(at);
      if (this.mayBeAnybodys(reading.hash) || this.mayBeKnown(reading)) return true;
    }
    return false;
  }

  private mayBeCompilation(): boolean {
    const { title, index, library } = this;
    for (let at = 0; at < title.size; at += 1)
      if (index.compilationTitles.find(title.reading(at).hash) >= 0) return true;
    return library.compilations.mayFind(title, compilationReview);
  }

  /** Whether an album has the very title, and an artist whose name is similar. */
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
      // Words of several names may be shared together.
      if (names.mayShareWords(id, this.words)) return true;
    }
    return false;
  }

  /** Whether an artist whose name is credited may have an album of which the title says enough. */
  private mayBeKnown(title: TitleGlance): boolean {
    const { known } = this;
    for (let at = 0; at < known.length; at += 3)
      if (this.mayBeBy(known[at]!, known[at + 1]!, known[at + 2] === 1, title)) return true;
    return false;
  }

  private mayBeBy(looseHash: number, bagSum: number, isPart: boolean, title: TitleGlance): boolean {
    const { names } = this.index;
    const { byLoose, byBag } = names;
    const loose = byLoose.find(looseHash);
    if (loose >= 0)
      for (let place = loose + byLoose.values[loose]!; place > loose; place -= 1)
        if (this.mayHave(byLoose.values[place]!, isPart, title)) return true;
    const bag = bagSum === 0 ? -1 : byBag.find(bagSum);
    if (bag < 0) return false;
    for (let place = bag + byBag.values[bag]!; place > bag; place -= 1) {
      const id = byBag.values[place]!;
      if (names.looseHash(id) !== looseHash && this.mayHave(id, isPart, title)) return true;
    }
    return false;
  }

  private mayHave(id: number, isPart: boolean, title: TitleGlance): boolean {
    const { names, signatures } = this.index;
    if (title.mayHoldName(names, id)) return true;
    const { own, joint } = this.library.leastScores;
    const least = isPart || names.isPart(id) ? joint : own;
    const end = signatures.start(id + 1);
    for (let place = signatures.start(id); place < end; place += 1)
      if (mayMatter(signatures, place, title, least, this.library.observer)) return true;
    return false;
  }
}
