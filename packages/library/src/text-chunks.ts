/** A text file in pieces: a library of 500,000 albums is never in memory as a whole. */

import { closeSync, openSync, readSync } from 'node:fs';
import { isUtf8 } from 'node:buffer';

/** Small enough that the garbage of a piece is collected before it piles up: with pieces of 1 MB, 500,000 albums took twice the memory. */
const chunkBytes = 16 * 1024;

export interface TextChunk {
  text: string;
  /** Some bytes were not valid in the file's encoding: U+FFFD stands for them. */
  damaged: boolean;
}

/**
 * The file's text, without a byte order mark.
 *
 * @param encoding Default UTF-8.
 */
export function* textChunks(file: string, encoding = 'utf-8'): Generator<TextChunk, void, void> {
  const descriptor = openSync(file, 'r');
  // A character that is split between two pieces waits in it for the second.
  const decoder = new TextDecoder(encoding);
  const inUtf8 = decoder.encoding === 'utf-8';
  try {
    const buffer = Buffer.allocUnsafeSlow(chunkBytes);
    let kept = 0;
    for (let first = true; ; first = false) {
      const bytesRead = readSync(descriptor, buffer, kept, chunkBytes - kept, null);
      const filled = kept + bytesRead;
      if (!inUtf8) {
        const text = decoder.decode(buffer.subarray(0, filled), { stream: bytesRead > 0 });
        if (text !== '') yield { text, damaged: text.includes('\uFFFD') };
        if (bytesRead === 0) return;
        continue;
      }
      if (filled === 0) return;
      // An incomplete character waits for the next bytes.
      const whole = bytesRead === 0 ? filled : filled - unfinished(buffer, filled);
      const bytes = buffer.subarray(0, whole);
      const text = bytes.toString('utf8');
      yield {
        text: first && text.startsWith('\uFEFF') ? text.slice(1) : text,
        damaged: !isUtf8(bytes),
      };
      if (bytesRead === 0) return;
      buffer.copyWithin(0, whole, filled);
      kept = filled - whole;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** How many bytes at the end begin a character that is not complete. */
function unfinished(bytes: Buffer, length: number): number {
  for (let back = 1; back <= 3 && back <= length; back++) {
    const byte = bytes[length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) > back ? back : 0;
  }
  return 0;
}

/** One shared copy of each text that is often repeated, such as an artist or a label. */
export class SharedTexts {
  readonly #known = new Map<string, string>();

  /** The shared copy, which keeps no larger text in memory. */
  of(text: string): string {
    let known = this.#known.get(text);
    if (known === undefined) this.#known.set((known = ownText(text)), known);
    return known;
  }
}

/** A copy of its own: a piece of a large text would keep all of it in memory. */
export function ownText(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString();
}
