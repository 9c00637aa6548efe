/** One spelling of an artist, in the forms in which it is compared. */

import {
  artistBag,
  artistWords,
  looseArtist,
  normalizeArtist,
  splitJoined,
  titleForm,
  type TitleForm,
} from '@wxyc/text';
import { significantWords } from './telling-words.js';

export class ArtistSpelling {
  readonly normal: string;
  readonly loose: string;
  private bagOfWords: string | undefined;
  private partList: string[] | undefined;
  private wordList: string[] | undefined;
  private form: TitleForm | undefined;

  /** @param raw As the library or the release spells it. */
  constructor(readonly raw: string) {
    this.normal = normalizeArtist(raw);
    this.loose = looseArtist(this.normal);
  }

  /** Its words, regardless of order. */
  get bag(): string {
    return (this.bagOfWords ??= artistBag(this.normal));
  }

  /** The names that it joins; empty for a single name. */
  get parts(): string[] {
    return (this.partList ??= namesIn(this.normal));
  }

  /** The words that can tell it from other names. */
  get significantWords(): readonly string[] {
    return (this.wordList ??= significantWords(artistWords(this.normal)));
  }

  /** The name read as a title: what `s/t` stands for. */
  get asTitle(): TitleForm {
    return (this.form ??= titleForm(this.normal));
  }
}

const hasWord = /[\p{L}\p{N}]/u;

function namesIn(normal: string): string[] {
  const names = splitJoined(normal);
  if (names.length < 2) return [];
  const telling = names.filter((name) => hasWord.test(name));
  return telling.length > 1 ? telling : [];
}
