/** Cuts text to what a terminal line holds. */
import stringWidth from 'string-width';

/** The terminal columns that a text takes: two for most East Asian letters and emoji, none for marks and joiners. */
export const widthOf = (text: string): number => stringWidth(text);

/** What is seen as one: a letter with its marks, an emoji of several code points. */
const characters = new Intl.Segmenter();

/** The longest beginning of a text that takes at most `width` columns; a cut is shown by `…`. Control characters are dropped. */
export function cut(text: string, width: number): string {
  const plain = text.replace(/[\x00-\x1f\x7f-\x9f]/g, '');
  if (widthOf(plain) <= width) return plain;
  let taken = 0;
  let kept = '';
  for (const { segment } of characters.segment(plain)) {
    taken += widthOf(segment);
    if (taken > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}
