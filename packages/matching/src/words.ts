/** The sorted words of a text as places in it: the scores ask for the words of millions of texts, and need no string of any. */

import { isSpaced, scoreTokens, sortCodePoints } from '@wxyc/text';

/** `set` drops repeated words (token_set_ratio), `sort` keeps them (token_sort_ratio). */
export type TokenMode = 'set' | 'sort';

/** The words of a text, sorted by code point. */
export function tokensOf(text: string, mode: TokenMode): string[] {
  const tokens = sortCodePoints(scoreTokens(text));
  return mode === 'set' ? [...new Set(tokens)] : tokens;
}

/** Texts of more words are sorted by the library's sort: this one compares every pair. */
const mostWords = 24;

/** Words of one text after another; what it held before is gone with {@link set}. */
export class Words {
  /** The words are in this text, at `[starts[i], ends[i])` for each i below {@link count}, in sorted order. */
  text = '';
  count = 0;
  starts = new Int32Array(mostWords);
  ends = new Int32Array(mostWords);

  constructor(private readonly mode: TokenMode) {}

  set(text: string): void {
    if (!isSpaced(text) || !this.setSpaced(text)) this.setAny(text);
  }

  /** Sorts by insertion as it goes along; false if there are too many words. */
  private setSpaced(text: string): boolean {
    const { starts, ends } = this;
    this.text = text;
    this.count = 0;
    for (let start = 0; start <= text.length; ) {
      let end = start + 1;
      while (end < text.length && text.charCodeAt(end) !== 0x20) end += 1;
      let at = this.count;
      let order = 1;
      while (at > 0 && (order = compare(text, start, end, starts[at - 1]!, ends[at - 1]!)) < 0) at -= 1;
      if (order !== 0 || this.mode === 'sort') {
        if (this.count === mostWords) return false;
        starts.copyWithin(at + 1, at, this.count);
        ends.copyWithin(at + 1, at, this.count);
        starts[at] = start;
        ends[at] = end;
        this.count += 1;
      }
      start = end + 1;
    }
    return true;
  }

  private setAny(text: string): void {
    const tokens = tokensOf(text, this.mode);
    if (tokens.length > this.starts.length) {
      this.starts = new Int32Array(2 * tokens.length);
      this.ends = new Int32Array(2 * tokens.length);
    }
    this.text = tokens.join(' ');
    this.count = tokens.length;
    let start = 0;
    tokens.forEach((token, number) => {
      this.starts[number] = start;
      this.ends[number] = start + token.length;
      start += token.length + 1;
    });
  }
}

/** Compares two words of an ASCII text. */
function compare(text: string, a: number, endA: number, b: number, endB: number): number {
  while (a < endA && b < endB) {
    const difference = text.charCodeAt(a++) - text.charCodeAt(b++);
    if (difference !== 0) return difference;
  }
  return endA - a - (endB - b);
}
