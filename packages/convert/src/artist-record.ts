// The names of an artist in an artists dump, found on the record's bytes.

/** Names as offsets into the bytes, in threes: start, end, id of the artist whose name it is (0: the record's own, -1: not given). */
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

const [letterA, letterD, letterG, letterI, letterM, letterN, letterV] = [...'adgimnv'].map(
  (letter) => letter.charCodeAt(0),
) as [number, number, number, number, number, number, number];

const top = 0;
const variations = 1;
const aliases = 2;
/** Elements that hold other people's names. */
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
export function readArtistNames(
  bytes: Uint8Array,
  start: number,
  end: number,
  names: ArtistNames,
): boolean {
  names.id = 0;
  names.nameEnd = 0;
  names.others.length = 0;
  let section = top;
  for (let p = start; p < end; p++) {
    if (bytes[p] !== lessThan) continue;
    let next = bytes[p + 1]!;
    const closes = next === slash;
    if (closes) next = bytes[p + 2]!;
    // By the first letter: most tags are others.
    if (next === letterN) {
      if (closes) {
        if (bytes[p + 6] === letterV) section = top;
      } else if (bytes[p + 2] === letterA && bytes[p + 3] === letterM) {
        if (bytes[p + 5] === letterV) section = variations;
        else if (section !== foreign) p = name(bytes, p + 5, end, section, names);
      }
    } else if (next === letterI) {
      if (
        !closes &&
        section === top &&
        bytes[p + 2] === letterD &&
        bytes[p + 3] === greaterThan &&
        names.id === 0
      )
        names.id = integer(bytes, p + 4);
    } else if (next === letterA || next === letterM || next === letterG) {
      const list = next === letterA ? 'aliases>' : next === letterM ? 'members>' : 'groups>';
      if (startsWith(bytes, closes ? p + 2 : p + 1, list))
        section = closes ? top : next === letterA ? aliases : foreign;
    }
  }
  return names.id > 0;
}

/** Reads a name whose tag continues at `at`; returns the offset of its last byte. */
function name(
  bytes: Uint8Array,
  at: number,
  end: number,
  section: number,
  names: ArtistNames,
): number {
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
  for (let p = from; p < to; p++)
    if (bytes[p] === 0x69 && startsWith(bytes, p, 'id="')) return integer(bytes, p + 4) || -1;
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
