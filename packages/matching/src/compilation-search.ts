/** Compilations whose title is nearly that of a release. */

import type { TitleForm } from '@wxyc/text';
import type { LibraryIndex } from './library-index.js';
import { isHarmless, titleScore } from './title-score.js';

/** A word that more compilations have leads to none of them. */
const mostShared = 60;
/** A title of so many words and letters says enough at the beginning of a longer one. */
const leastWords = 3;
const leastLetters = 14;
/** What the beginning of a longer title scores. */
const beginningScore = 0.85;
/** Less than scores differ by. */
const scoreStep = 1e-6;
/** Mistyped titles shorter than this are too many. */
const shortestMistyped = 12;

export class CompilationSearch {
  /** Word to compilations. */
  private readonly words = new Map<string, number[]>();

  constructor(private readonly index: LibraryIndex) {
    for (const album of index.compilations) {
      const words = new Set(index.titleForms(album).flatMap((form) => form.words));
      for (const word of words) {
        const known = this.words.get(word);
        if (known) known.push(album);
        else this.words.set(word, [album]);
      }
    }
  }

  /** The compilations that share a telling word with the title, with their scores, where those reach `atLeast`. */
  *similar(forms: readonly TitleForm[], atLeast: number): Generator<{ album: number; score: number }> {
    const key = forms[0]?.key ?? '';
    if (key.length < shortestMistyped) return;
    const seen = new Set<number>();
    for (const word of new Set(forms.flatMap((form) => form.words))) {
      const albums = this.words.get(word);
      if (!albums || albums.length > mostShared) continue;
      for (const album of albums) {
        if (seen.has(album)) continue;
        seen.add(album);
        const score = this.score(forms, this.index.titleForms(album), atLeast);
        if (score >= atLeast) yield { album, score };
      }
    }
  }

  private score(a: readonly TitleForm[], b: readonly TitleForm[], atLeast: number): number {
    const similar = titleScore(a, b, '', atLeast - scoreStep);
    if (similar >= beginningScore) return similar;
    for (const x of a) for (const y of b) if (isBeginning(x, y) || isBeginning(y, x)) return beginningScore;
    return similar;
  }
}

/** Whether a title of some length begins the other, which goes on with nothing that makes it another album. */
function isBeginning(short: TitleForm, long: TitleForm): boolean {
  const { words } = short;
  if (words[0] !== long.words[0] || words.length < leastWords || short.key.length < leastLetters || words.length >= long.words.length) return false;
  return words.every((word, at) => word === long.words[at]) && isHarmless(long.words.slice(words.length).join(' '));
}
