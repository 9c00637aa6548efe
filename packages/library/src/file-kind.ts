/** Tells what kind of library a file is by its first bytes, never by its name. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { BadInputError, refuseSpecialInput } from '@wxyc/step';
import { markedEncoding, sameEncoding, wideText } from './encodings.js';

export type FileKind = 'sqlite' | 'csv' | 'rekordbox' | 'apple-music';

/** Ends every message about an unusable file. */
const kinds =
  "give WXYC's or beets' SQLite file, a CSV or TSV file with a header, a Discogs collection or wantlist export, a rekordbox XML or an Apple Music XML";
/** Enough to reach the first element of an XML file, after its declaration and comments. */
const headBytes = 16 * 1024;

/**
 * @param encoding The encoding that the user gives for a text file.
 * @returns the kind, and the encoding of a text file that is not in UTF-8.
 * @throws BadInputError for a file that is missing, cannot be read, or is of an unknown kind.
 */
export function fileKind(
  file: string,
  encoding?: string,
): { kind: FileKind; encoding?: string | undefined } {
  const head = readHead(file);
  if (head.length === 0) throw new BadInputError(`${file}: empty; ${kinds}`);
  if (head.toString('latin1', 0, 15) === 'SQLite format 3') return { kind: 'sqlite' };
  if (head[0] === 0x1f && head[1] === 0x8b)
    throw new BadInputError(`${file}: compressed with gzip; unpack it first`);
  if (head.toString('latin1', 0, 4) === 'PK\x03\x04')
    throw new BadInputError(
      `${file}: a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV in UTF-8`,
    );
  const marked = markedEncoding(head);
  if (marked !== undefined && encoding !== undefined && !sameEncoding(marked, encoding))
    throw new BadInputError(
      `${file}: begins with the byte order mark of ${marked}, but --library-encoding says ${encoding}; leave the flag out`,
    );
  const told = marked ?? encoding;
  if (told === undefined && head.includes(0)) {
    const halves = wideText(head);
    if (halves !== undefined)
      throw new BadInputError(
        `${file}: looks like UTF-16 without a byte order mark; say so with --library-encoding ${halves}, or save it as UTF-8`,
      );
  }
  const text =
    told === undefined
      ? head.toString('utf8').replace(/^\uFEFF/, '')
      : new TextDecoder(told).decode(head, { stream: true });
  if (text.includes('\0'))
    throw new BadInputError(`${file}: a binary file of unknown kind; ${kinds}`);
  const begin = text.trimStart();
  if (begin.startsWith('<')) return { kind: xmlKind(file, begin), encoding: told };
  if (/^[[{]\s*["[{\]}]/.test(begin)) throw new BadInputError(`${file}: a JSON file; ${kinds}`);
  return { kind: 'csv', encoding: told };
}

function xmlKind(file: string, text: string): FileKind {
  const root = /<([A-Za-z_][\w.:-]*)/.exec(text.replace(/<!--[\s\S]*?-->/g, ''))?.[1];
  if (root === 'DJ_PLAYLISTS') return 'rekordbox';
  if (root === 'plist') return 'apple-music';
  throw new BadInputError(
    `${file}: ${root?.toLowerCase() === 'html' || /^<!doctype html/i.test(text) ? 'an HTML page' : `an XML file of unknown kind (${root ?? 'no element'})`}; ${kinds}`,
  );
}

function readHead(file: string): Buffer {
  refuseSpecialInput(file);
  const advice = `give the library's file`;
  try {
    if (!statSync(file).isFile()) throw new BadInputError(`${file}: not a file; ${advice}`);
    const descriptor = openSync(file, 'r');
    try {
      const head = Buffer.alloc(headBytes);
      return head.subarray(0, readSync(descriptor, head, 0, headBytes, 0));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (error instanceof BadInputError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new BadInputError(
      code === 'ENOENT' ? `${file}: no such file; ${advice}` : `${file}: cannot be read (${code})`,
      { cause: error },
    );
  }
}
