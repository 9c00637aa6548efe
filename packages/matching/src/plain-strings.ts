/** Names and titles that are given as strings, read as bytes where they are plain: most are, and it takes a tenth of the time. */

import { PlainName } from './plain-name.js';
import { PlainText } from './plain-text.js';
import { PlainTitle } from './plain-title.js';

/** In UTF-16 units; longer texts are not plain. */
const longest = 400;

export class PlainStrings {
  readonly name = new PlainName();
  readonly title = new PlainTitle();
  private readonly text = new PlainText();
  private readonly encoder = new TextEncoder();
  /** A unit takes three bytes at most. */
  private readonly bytes = new Uint8Array(3 * longest);

  /** Reads a name; false if it is not plain. */
  readName(name: string): boolean {
    return name.length <= longest && this.name.read(this.bytes, 0, this.encode(name));
  }

  /** Reads a title; false if it is not plain. */
  readTitle(title: string): boolean {
    return (
      title.length <= longest &&
      this.text.read(this.bytes, 0, this.encode(title)) &&
      this.title.read(this.text.units, this.text.length)
    );
  }

  private encode(text: string): number {
    return this.encoder.encodeInto(text, this.bytes).written;
  }
}
