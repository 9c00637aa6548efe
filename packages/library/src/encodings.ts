/** Encodings of text files, by the names that TextDecoder knows. */

import { UsageError } from '@wxyc/step';

/** @throws UsageError for a name that is not that of an encoding. */
export function checkEncoding(name: string): void {
  try {
    new TextDecoder(name);
  } catch {
    throw new UsageError(
      `--library-encoding ${name} is not a known encoding; give one such as windows-1252, utf-16le or shift_jis.`,
    );
  }
}

export const sameEncoding = (one: string, other: string): boolean =>
  new TextDecoder(one).encoding === new TextDecoder(other).encoding;

/** The encoding by the mark at a file's beginning, UTF-8 with a mark included. */
export function markedEncoding(head: Buffer): string | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf) return 'utf-8';
  return undefined;
}

/** Whether bytes are text with 16 bits per letter, nearly all of which have a zero byte, and without control characters. */
export function wideText(head: Buffer): 'utf-16le' | 'utf-16be' | undefined {
  return (['utf-16le', 'utf-16be'] as const).find((encoding) => {
    const text = new TextDecoder(encoding).decode(head, { stream: true });
    const latin = text.match(/[\t\r\n\x20-\x7e]/g)?.length ?? 0;
    return latin > text.length / 2 && !/[\0-\x08\x0e-\x1f\uFFFD]/.test(text);
  });
}
