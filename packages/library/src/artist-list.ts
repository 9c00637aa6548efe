/** The artist list: names that releases are filtered by, one per line. */

import { isUtf8 } from 'node:buffer';
import { BadInputError, readWholeInput } from '@wxyc/step';
import { isCompilationArtist, pythonStrip } from '@wxyc/text';

/** The names of an artist list, trimmed, in the file's order. */
export interface ArtistList {
  artists: string[];
  /** Lines such as `Various Artists`: they would let through every compilation there is. */
  ignoredCompilations: number;
}

/**
 * Reads an artist list: UTF-8, one name per line, LF or CRLF; empty lines do not count.
 *
 * @throws BadInputError if the file is missing, is not text, or holds no name.
 * @example
 * const { artists } = readArtistList('library_artists.txt'); // ['Autechre', 'Björk', ..]
 */
export function readArtistList(file: string): ArtistList {
  const text = readText(file);
  const result: ArtistList = { artists: [], ignoredCompilations: 0 };
  for (const line of text.split('\n')) {
    const name = pythonStrip(line);
    if (name === '') continue;
    if (isCompilationArtist(name)) result.ignoredCompilations += 1;
    else result.artists.push(name);
  }
  if (result.artists.length === 0) {
    const seen =
      result.ignoredCompilations > 0
        ? `only ${result.ignoredCompilations} compilation names`
        : 'no name';
    throw new BadInputError(`${file}: found ${seen}; give a file with one artist name per line`);
  }
  return result;
}

function readText(file: string): string {
  const bytes = readWholeInput(file, 'give a file with one artist name per line');
  if (bytes.includes(0)) {
    const utf16 =
      (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
    if (utf16) throw new BadInputError(`${file}: in UTF-16; save it as UTF-8`);
    const what =
      bytes.subarray(0, 15).toString('latin1') === 'SQLite format 3'
        ? 'a SQLite database'
        : 'a binary file';
    throw new BadInputError(`${file}: ${what}, not a file with one artist name per line`);
  }
  if (!isUtf8(bytes)) {
    // If it were read as UTF-8 anyway, `Björk` would silently match nothing.
    const line =
      bytes
        .toString('utf8')
        .split('\n')
        .findIndex((text) => text.includes('\uFFFD')) + 1;
    throw new BadInputError(`${file}: not UTF-8 (line ${line}); save it as UTF-8`);
  }
  const text = bytes.toString('utf8');
  if (/^\uFEFF?\s*<(?:!doctype html|html|\?xml)/i.test(text))
    throw new BadInputError(
      `${file}: an HTML or XML document, not a file with one artist name per line`,
    );
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}
