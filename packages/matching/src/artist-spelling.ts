/** One spelling of an artist, in the forms in which it is compared. */

import { artistBag, artistWords, looseArtist, normalizeArtist, titleForm, type TitleForm } from '@wxyc/text';
import { significantWords } from './telling-words.js';

export class ArtistSpelling {
  readonly normal: string;
  readonly loose: string;
  readonly bag: string;
  private wordList: string[] | undefined;
  private form: TitleForm | undefined;

  /** @param raw As the library or the release spells it. */
  constructor(readonly raw: string) {
    this.normal = normalizeArtist(raw);
    this.loose = looseArtist(this.normal);
    this.bag = artistBag(this.normal);
  }

  /** The words that can tell it from another name. */
  get significantWords(): readonly string[] {
    return (this.wordList ??= significantWords(artistWords(this.normal)));
  }

  /** The name read as a title: what `s/t` stands for. */
  get asTitle(): TitleForm {
    return (this.form ??= titleForm(this.normal));
  }
}
