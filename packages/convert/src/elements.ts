// Steps over elements in the dumps' usual shape, for the fast reader and the screen. -1 means that something is unusual.
import { flags, scanAttribute, scanned, scanText, standsAt } from './text-scan.js';

const greaterThan = 0x3e;
const slash = 0x2f;
const blank = 0x20;

/** Pieces of a record: start, end and scan flags of each. */
export type Pieces = Int32Array;
export const pieceSize = 3;

export function notePiece(
  parts: Pieces,
  index: number,
  start: number,
  end: number,
  found: number,
): void {
  const at = index * pieceSize;
  parts[at] = start;
  parts[at + 1] = end;
  parts[at + 2] = found;
}

export const word = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
export const words = (...texts: string[]): Uint8Array[] => texts.map(word);
export const piecesOf = (names: readonly Uint8Array[]): Pieces =>
  new Int32Array(names.length * pieceSize);

/**
 * The element at `p`, which must be `names[index]` and hold only text: notes the text's piece and returns the
 * offset after the element.
 */
export function textElement(
  bytes: Uint8Array,
  p: number,
  names: readonly Uint8Array[],
  parts: Pieces,
  index: number,
): number {
  if (index < 0) return -1;
  const name = names[index]!;
  if (!standsAt(bytes, p + 1, name)) return -1;
  p += name.length + 1;
  if (bytes[p] === slash) {
    notePiece(parts, index, 0, 0, 0);
    return bytes[p + 1] === greaterThan ? p + 2 : -1;
  }
  if (bytes[p] !== greaterThan) return -1;
  const end = scanText(bytes, ++p);
  if (scanned & flags.unusual || bytes[end + 1] !== slash || !standsAt(bytes, end + 2, name))
    return -1;
  notePiece(parts, index, p, end, scanned);
  p = end + 2 + name.length;
  return bytes[p] === greaterThan ? p + 1 : -1;
}

/**
 * The attributes of the start tag at `p`, which must begin with `start`: notes their pieces, returns the offset of the
 * `>` or `/>`. They may be in any order, each at most once; unknown ones are not allowed.
 */
export function startTag(
  bytes: Uint8Array,
  p: number,
  end: number,
  start: Uint8Array,
  names: readonly Uint8Array[],
  parts: Pieces,
): number {
  if (!standsAt(bytes, p, start)) return -1;
  p += start.length;
  for (let i = 0; i < names.length * pieceSize; i++) parts[i] = 0;
  let seen = 0;
  while (bytes[p] === blank) {
    p++;
    let index = 0;
    // `uri150` begins with `uri` too: the `=` makes the difference.
    while (
      index < names.length &&
      !(standsAt(bytes, p, names[index]!) && bytes[p + names[index]!.length] === 0x3d)
    )
      index++;
    if (index === names.length || seen & (1 << index)) return -1;
    seen |= 1 << index;
    p += names[index]!.length + 1;
    if (bytes[p] !== 0x22) return -1;
    const valueEnd = scanAttribute(bytes, ++p, end);
    if (scanned & flags.unusual || valueEnd >= end) return -1;
    notePiece(parts, index, p, valueEnd, scanned);
    p = valueEnd + 1;
  }
  return bytes[p] === greaterThan || bytes[p] === slash ? p : -1;
}

export const artistParts = words('id', 'name', 'anv', 'join', 'role', 'tracks');
const artistStart = word('<artist>');
const artistEnd = word('</artist>');

/** The `<artist>` at `p`: notes its parts and returns the offset after it. */
export function artistElement(bytes: Uint8Array, p: number, parts: Pieces): number {
  if (!standsAt(bytes, p, artistStart)) return -1;
  p += artistStart.length;
  parts.fill(0);
  while (bytes[p + 1] !== slash) {
    if (bytes[p] !== 0x3c) return -1;
    p = textElement(bytes, p, artistParts, parts, artistPart(bytes[p + 1]!));
    if (p < 0) return -1;
  }
  return standsAt(bytes, p, artistEnd) ? p + artistEnd.length : -1;
}

/** The part of an artist whose name begins with this letter; all six letters differ. */
function artistPart(first: number): number {
  switch (first) {
    case 0x69:
      return 0;
    case 0x6e:
      return 1;
    case 0x61:
      return 2;
    case 0x6a:
      return 3;
    case 0x72:
      return 4;
    case 0x74:
      return 5;
    default:
      return -1;
  }
}
