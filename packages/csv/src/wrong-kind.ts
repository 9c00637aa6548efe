// Recognises files that are not CSV by how they begin: a wrong file must not pass as one with strange columns.
import { BadInputError } from '@wxyc/step';

const signatures: readonly (readonly [number[], string])[] = [
  [[0x1f, 0x8b], 'compressed with gzip; decompress it first'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive; unpack it first'],
  [[0xff, 0xfe], 'in UTF-16; save it as UTF-8'],
  [[0xfe, 0xff], 'in UTF-16; save it as UTF-8'],
  [[...Buffer.from('BZh')], 'compressed with bzip2; decompress it first'],
  [[0xfd, ...Buffer.from('7zXZ')], 'compressed with xz; decompress it first'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with zstd; decompress it first'],
  [[...Buffer.from('SQLite format 3')], 'a SQLite database, and a CSV file was expected'],
  [[0x89, ...Buffer.from('PNG')], 'an image, and a CSV file was expected'],
  [[0xff, 0xd8, 0xff], 'an image, and a CSV file was expected'],
  [[...Buffer.from('%PDF-')], 'a PDF document, and a CSV file was expected'],
];
const lineFeed = 0x0a;

/**
 * Refuses what cannot be CSV: compressed files, UTF-16, binary files, HTML and XML. NUL bytes count as a sign only in the header
 * row; in rows they are repaired.
 *
 * @param start the file's first bytes, at least its first row if that fits.
 * @throws BadInputError that says what the file is.
 */
export function refuseWrongKind(path: string, start: Uint8Array): void {
  const what =
    signatures.find(([bytes]) => bytes.every((byte, index) => start[index] === byte))?.[1] ??
    kindOfText(start);
  if (what) throw new BadInputError(`${path} is ${what}`);
}

function kindOfText(start: Uint8Array): string | undefined {
  const end = start.indexOf(lineFeed);
  const row = end < 0 ? start : start.subarray(0, end);
  if (row.includes(0)) return 'a binary file, and a CSV file was expected';
  const markup = /^(?:\u{FEFF})?\s*<(!doctype html|html|\?xml)/iu.exec(
    Buffer.from(start.subarray(0, 200)).toString(),
  );
  if (!markup) return undefined;
  return `${/xml/i.test(markup[1]!) ? 'an XML document' : 'an HTML page'}, and a CSV file was expected`;
}
