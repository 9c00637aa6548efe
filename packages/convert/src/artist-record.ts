// The names of an artist in an artists dump, found on the record's bytes.

/** Names as offsets into the bytes, in threes: start, end, id of the artist who bears it (0: the record's own, -1: not told). */
export interface ArtistNames {
  id: number;
  /** Offsets of the artist's name; the end is 0 if it has none. */
  nameStart: number;
  nameEnd: number;
  /** Variations and aliases. */
  others: number[];
}

const lessThan = 0x3c;
const greaterThan = 0x3e;
const slash = 0x2f;

const top = 0;
const variations = 1;
const aliases = 2;
/** Elements whose names are other people's. */
const foreign = 3;

const startsWith = (bytes: Uint8Array, at: number, word: string): boolean => {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word.charCodeAt(i)) return false;
  return true;
};

/**
 * Reads the record in `bytes[start, end)` into `names`. It must hold no comment and no CDATA section.
 *
 * @returns false if it has no id.
 */
export function readArtistNames(bytes: Uint8Array, start: number, end: number, names: ArtistNames): boolean {
  names.id = 0;
  names.nameEnd = 0;
  names.others.length = 0;
  let section = top;
  for (let p = start; p < end; p++) {
    if (bytes[p] !== lessThan) continue;
    switch (bytes[p + 1]) {
      case 0x69: // <id>
        if (section === top && bytes[p + 2] === 0x64 && bytes[p + 3] === greaterThan && names.id === 0) names.id = integer(bytes, p + 4);
        break;
      case 0x6e: // <name>, <name id="..">, <namevariations>
        if (!startsWith(bytes, p + 2, 'ame')) break;
        if (bytes[p + 5] === 0x76) {
          section = variations;
          break;
        }
        if (section === foreign) break;
        p = name(bytes, p + 5, end, section, names);
        break;
      case 0x61: // <aliases>
        if (startsWith(bytes, p + 2, 'liases>')) section = aliases;
        break;
      case 0x6d: // <members>
      case 0x67: // <groups>
        if (startsWith(bytes, p + 1, 'members>') || startsWith(bytes, p + 1, 'groups>')) section = foreign;
        break;
      case slash:
        if (startsWith(bytes, p + 2, 'namevariations') || startsWith(bytes, p + 2, 'aliases') || startsWith(bytes, p + 2, 'members') || startsWith(bytes, p + 2, 'groups')) section = top;
    }
  }
  return names.id > 0;
}

/** Reads a name whose tag goes on at `at`; returns the offset of its last byte. */
function name(bytes: Uint8Array, at: number, end: number, section: number, names: ArtistNames): number {
  let open = at;
  while (open < end && bytes[open] !== greaterThan) open++;
  if (bytes[open - 1] === slash) return open;
  const from = open + 1;
  let to = from;
  while (to < end && bytes[to] !== lessThan) to++;
  if (section === top) {
    names.nameStart = from;
    names.nameEnd = to;
  } else if (to > from) {
    names.others.push(from, to, section === aliases ? bearer(bytes, at, open) : 0);
  }
  return to - 1;
}

/** The id in a start tag's attributes `bytes[from, to)`; -1 if there is none. */
function bearer(bytes: Uint8Array, from: number, to: number): number {
  for (let p = from; p < to; p++) if (bytes[p] === 0x69 && startsWith(bytes, p, 'id="')) return integer(bytes, p + 4) || -1;
  return -1;
}

function integer(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let p = at; p < at + 10; p++) {
    const digit = bytes[p]! - 0x30;
    if (!(digit >= 0 && digit <= 9)) break;
    value = value * 10 + digit;
  }
  return value;
}
