/** Finds compilations whose title is nearly that of a release. */

import type { TitleForm } from '@wxyc/text';
import { HashLists, hashText } from './hash-set.js';
import type { LibraryIndex } from './library-index.js';
import { scoreStep } from './outcome.js';
import type { PlainTitle } from './plain-title.js';
import { isHarmless, keepParts, titleScore } from './title-score.js';
import {
  FormSigns,
  SignatureTable,
  SignatureTableBuilder,
  type TitleSigns,
} from './title-signature.js';

/** Compilations are recognised only by their title, so only a title that begins the other, or a mistyped one, is worth a look. */
export const compilationReview = 0.85;
/** A word that occurs in more compilations than this is not used to find any. */
const mostShared = 60;
/** A title with this many words and letters is distinctive enough at the beginning of a longer one. */
const leastWords = 3;
const leastLetters = 14;
/** What a title scores that begins a longer one. */
const beginningScore = 0.85;
/** Shorter titles are not compared for typing errors: too many of them are nearly the same. */
const shortestMistyped = 12;

export class CompilationSearch {
  /** Hash of a word to places among the index's compilations. */
  private readonly words: HashLists;
  private readonly signatures: SignatureTable;
  /** The title forms of each compilation; there are few compilations. */
  private readonly forms: readonly (readonly TitleForm[])[];
  /** The search in which each was last met. */
  private readonly met: Int32Array;
  private searches = 0;

  constructor(private readonly index: LibraryIndex) {
    this.met = new Int32Array(index.compilations.length);
    const signatures = new SignatureTableBuilder();
    const words: number[] = [];
    this.forms = index.compilations.map((album) => index.titleForms(album));
    for (const [place, forms] of this.forms.entries()) {
      for (const form of forms) {
        signatures.add(place, place, new FormSigns(form));
        keepParts(form);
      }
      for (const word of new Set(forms.flatMap((form) => form.words)))
        words.push(hashText(word), place);
    }
    this.words = HashLists.of(words);
    this.signatures = new SignatureTable(signatures.finish(index.compilations.length));
  }

  /** The compilations that share a distinctive word with the title and score `atLeast` or more, with their scores. */
  *similar(
    forms: readonly TitleForm[],
    atLeast: number,
  ): Generator<{ album: number; score: number }> {
    const key = forms[0]?.key ?? '';
    if (key.length < shortestMistyped) return;
    this.searches += 1;
    const signs = forms.map((form) => new FormSigns(form));
    for (const { words } of forms) {
      for (const word of words) {
        const places = this.words.get(hashText(word));
        if (places.length > mostShared) continue;
        for (const place of places) {
          if (this.met[place] === this.searches) continue;
          this.met[place] = this.searches;
          if (!this.mayBeAlike(place, signs, atLeast)) continue;
          const album = this.index.compilations[place]!;
          const score = this.score(forms, this.forms[place]!, atLeast);
          if (score >= atLeast) yield { album, score };
        }
      }
    }
  }

  /** Whether {@link similar} may find a compilation for a title that was read from its bytes. */
  mayFind(title: PlainTitle, atLeast: number): boolean {
    this.searches += 1;
    const { readings } = title;
    for (let word = 0; word < title.wordCount; word += 1) {
      const places = this.words.get(title.wordHash(word));
      if (places.length > mostShared) continue;
      for (const place of places) {
        if (this.met[place] === this.searches) continue;
        this.met[place] = this.searches;
        if (this.mayBeAlike(place, readings, atLeast)) return true;
      }
    }
    return false;
  }

  private isLike(at: number, title: TitleSigns, atLeast: number): boolean {
    return (
      this.signatures.mayBegin(at, title, leastLetters, leastWords) ||
      this.signatures.mayScore(at, title, atLeast - scoreStep)
    );
  }

  private mayBeAlike(place: number, readings: readonly TitleSigns[], atLeast: number): boolean {
    const end = this.signatures.start(place + 1);
    for (let at = this.signatures.start(place); at < end; at += 1)
      for (const reading of readings) if (this.isLike(at, reading, atLeast)) return true;
    return false;
  }

  private score(a: readonly TitleForm[], b: readonly TitleForm[], atLeast: number): number {
    const similar = titleScore(a, b, undefined, atLeast - scoreStep);
    if (similar >= beginningScore) return similar;
    for (const x of a)
      for (const y of b) if (isBeginning(x, y) || isBeginning(y, x)) return beginningScore;
    return similar;
  }
}

/** Whether a title of sufficient length begins the other, and nothing that follows makes it another album. */
function isBeginning(short: TitleForm, long: TitleForm): boolean {
  const { words } = short;
  if (
    words[0] !== long.words[0] ||
    words.length < leastWords ||
    short.key.length < leastLetters ||
    words.length >= long.words.length
  )
    return false;
  return (
    words.every((word, at) => word === long.words[at]) &&
    isHarmless(long.words.slice(words.length).join(' '))
  );
}
