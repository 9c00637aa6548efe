/** Tells what kind of library a file is by its first bytes, never by its name. */

import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { BadInputError, refuseSpecialInput } from '@wxyc/step';

export type FileKind = 'sqlite' | 'csv' | 'rekordbox' | 'apple-music';

/** For every message about a file that will not do. */
const kinds = "give WXYC's or beets' SQLite file, a CSV or TSV file with a header, a Discogs collection or wantlist export, a rekordbox XML or an Apple Music XML";
/** Enough for the first element of an XML file, behind its declaration and comments. */
const headBytes = 16 * 1024;

/**
 * @throws BadInputError for a file that is missing, cannot be read, or is of no kind that is read.
 */
export function fileKind(file: string): FileKind {
  const head = readHead(file);
  if (head.length === 0) throw new BadInputError(`${file}: empty; ${kinds}`);
  if (head.toString('latin1', 0, 15) === 'SQLite format 3') return 'sqlite';
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) throw new BadInputError(`${file}: in UTF-16; save it as UTF-8`);
  if (head[0] === 0x1f && head[1] === 0x8b) throw new BadInputError(`${file}: compressed with gzip; unpack it first`);
  if (head.toString('latin1', 0, 4) === 'PK\x03\x04') throw new BadInputError(`${file}: a ZIP archive or an Excel workbook; unpack it, or save the sheet as CSV in UTF-8`);
  if (head.includes(0)) throw new BadInputError(`${file}: a binary file of unknown kind; ${kinds}`);
  const text = head.toString('utf8').replace(/^\uFEFF/, '').trimStart();
  if (text.startsWith('<')) return xmlKind(file, text);
  if (/^[[{]\s*["[{\]}]/.test(text)) throw new BadInputError(`${file}: a JSON file; ${kinds}`);
  return 'csv';
}

function xmlKind(file: string, text: string): FileKind {
  const root = /<([A-Za-z_][\w.:-]*)/.exec(text.replace(/<!--[\s\S]*?-->/g, ''))?.[1];
  if (root === 'DJ_PLAYLISTS') return 'rekordbox';
  if (root === 'plist') return 'apple-music';
  throw new BadInputError(`${file}: ${root?.toLowerCase() === 'html' || /^<!doctype html/i.test(text) ? 'an HTML page' : `an XML file of unknown kind (${root ?? 'no element'})`}; ${kinds}`);
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
    throw new BadInputError(code === 'ENOENT' ? `${file}: no such file; ${advice}` : `${file}: cannot be read (${code})`, { cause: error });
  }
}
