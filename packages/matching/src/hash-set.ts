/** Sets and lists by 32-bit hashes: they answer "surely not" in a few nanoseconds. */

const sizeFor = (entries: number): number => 2 ** Math.ceil(Math.log2(Math.max(8, entries * 2)));
const mix = (hash: number): number => hash ^ (hash >>> 15);

export class HashSet {
  private readonly slots: Int32Array;
  private readonly mask: number;
  private hasZero = false;

  constructor(hashes: ArrayLike<number>) {
    this.slots = new Int32Array(sizeFor(hashes.length));
    this.mask = this.slots.length - 1;
    for (let at = 0; at < hashes.length; at += 1) this.add(hashes[at]! | 0);
  }

  has(hash: number): boolean {
    if (hash === 0) return this.hasZero;
    for (let slot = mix(hash) & this.mask; ; slot = (slot + 1) & this.mask) {
      const found = this.slots[slot]!;
      if (found === hash) return true;
      if (found === 0) return false;
    }
  }

  private add(hash: number): void {
    if (hash === 0) this.hasZero = true;
    else if (!this.has(hash)) {
      let slot = mix(hash) & this.mask;
      while (this.slots[slot] !== 0) slot = (slot + 1) & this.mask;
      this.slots[slot] = hash;
    }
  }
}

/** What a {@link HashLists} is made of. */
export interface HashListsData {
  readonly hashes: Int32Array;
  /** Of each slot the place of its list in `values`; -1 for a free one. */
  readonly lists: Int32Array;
  /** Lists, each behind its length. */
  readonly values: Int32Array;
}

/** The same with a list of numbers for each hash. Texts with one hash share a list: who asks must look at the texts. */
export class HashLists {
  private readonly hashes: Int32Array;
  private readonly lists: Int32Array;
  readonly values: Int32Array;

  constructor(readonly data: HashListsData) {
    ({ hashes: this.hashes, lists: this.lists, values: this.values } = data);
  }

  /** @param entries A hash and a number in turn; a number that is the last of its list already is not added again. */
  static of(entries: readonly number[]): HashLists {
    const slots = sizeFor(entries.length / 2);
    const hashes = sharedInts(slots);
    const lists = sharedInts(slots).fill(-1);
    const lengths = new Int32Array(slots);
    const slotOf = (hash: number): number => {
      let slot = mix(hash) & (slots - 1);
      while (lists[slot]! >= 0 && hashes[slot] !== hash) slot = (slot + 1) & (slots - 1);
      return slot;
    };
    let count = 0;
    for (let at = 0; at < entries.length; at += 2) {
      const slot = slotOf(entries[at]! | 0);
      hashes[slot] = entries[at]! | 0;
      // Any place will do until the lengths are known.
      if (lists[slot]! < 0) count += 1;
      lists[slot] = 0;
      lengths[slot]! += 1;
    }
    const values = sharedInts(count + entries.length / 2);
    let place = 0;
    for (let slot = 0; slot < slots; slot += 1) {
      if (lengths[slot] === 0) continue;
      lists[slot] = place;
      place += 1 + lengths[slot]!;
    }
    for (let at = 0; at < entries.length; at += 2) {
      const list = lists[slotOf(entries[at]! | 0)]!;
      const length = values[list]!;
      if (length > 0 && values[list + length] === entries[at + 1]) continue;
      values[list] = length + 1;
      values[list + length + 1] = entries[at + 1]!;
    }
    return new HashLists({ hashes, lists, values });
  }

  /** Place of the list of a hash in {@link values}, where its length stands before its numbers; -1 if it has none. */
  find(hash: number): number {
    return this.lists[this.slot(hash)]!;
  }

  /** The numbers of a hash. */
  get(hash: number): Int32Array {
    const list = this.find(hash);
    return list < 0 ? nothing : this.values.subarray(list + 1, list + 1 + this.values[list]!);
  }

  private slot(hash: number): number {
    let slot = mix(hash) & (this.hashes.length - 1);
    while (this.lists[slot]! >= 0 && this.hashes[slot] !== hash) slot = (slot + 1) & (this.hashes.length - 1);
    return slot;
  }
}

const nothing = new Int32Array(0);

/** Numbers that threads share. */
export function sharedInts(from: number | ArrayLike<number>): Int32Array {
  const ints = new Int32Array(new SharedArrayBuffer(4 * (typeof from === 'number' ? from : from.length)));
  if (typeof from !== 'number') ints.set(from);
  return ints;
}

/** The same with bytes. */
export function sharedBytes(from: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(from.length));
  bytes.set(from);
  return bytes;
}

/** The bytes, with as much room behind them. */
export function twice(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(2 * bytes.length);
  longer.set(bytes);
  return longer;
}

/** Start of an FNV-1a hash. */
export const hashStart = 0x811c9dc5 | 0;

export function hashUnit(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, 0x01000193);
}

export function hashText(text: string): number {
  let hash = hashStart;
  for (let at = 0; at < text.length; at += 1) hash = hashUnit(hash, text.charCodeAt(at));
  return hash;
}
