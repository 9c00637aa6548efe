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
  /** For each slot, its hash and the place of its list in `values`, side by side; -1 for a free slot. */
  readonly slots: Int32Array;
  /** Lists, each preceded by its length. */
  readonly values: Int32Array;
}

/** Like {@link HashSet}, with a list of numbers for each hash. Texts with the same hash share a list: the caller must compare the texts. */
export class HashLists {
  private readonly slots: Int32Array;
  private readonly mask: number;
  readonly values: Int32Array;

  constructor(readonly data: HashListsData) {
    ({ slots: this.slots, values: this.values } = data);
    this.mask = this.slots.length / 2 - 1;
  }

  /** @param entries Hashes and numbers in turn; a number that is already the last of its list is not added again. */
  static of(entries: readonly number[]): HashLists {
    const size = sizeFor(entries.length / 2);
    const slots = sharedInts(2 * size).fill(-1);
    const lengths = new Int32Array(size);
    const slotOf = (hash: number): number => {
      let slot = mix(hash) & (size - 1);
      while (slots[2 * slot + 1]! >= 0 && slots[2 * slot] !== hash) slot = (slot + 1) & (size - 1);
      return slot;
    };
    let count = 0;
    for (let at = 0; at < entries.length; at += 2) {
      const slot = slotOf(entries[at]! | 0);
      slots[2 * slot] = entries[at]! | 0;
      // Any place will do until the lengths are known.
      if (slots[2 * slot + 1]! < 0) count += 1;
      slots[2 * slot + 1] = 0;
      lengths[slot]! += 1;
    }
    const values = sharedInts(count + entries.length / 2);
    let place = 0;
    for (let slot = 0; slot < size; slot += 1) {
      if (lengths[slot] === 0) continue;
      slots[2 * slot + 1] = place;
      place += 1 + lengths[slot]!;
    }
    for (let at = 0; at < entries.length; at += 2) {
      const list = slots[2 * slotOf(entries[at]! | 0) + 1]!;
      const length = values[list]!;
      if (length > 0 && values[list + length] === entries[at + 1]) continue;
      values[list] = length + 1;
      values[list + length + 1] = entries[at + 1]!;
    }
    return new HashLists({ slots, values });
  }

  /** Where the list of a hash is in {@link values}: its length, then its numbers; -1 if it has none. */
  find(hash: number): number {
    const { slots, mask } = this;
    for (let slot = mix(hash) & mask; ; slot = (slot + 1) & mask) {
      const list = slots[2 * slot + 1]!;
      if (list < 0 || slots[2 * slot] === hash) return list;
    }
  }

  /** The numbers of a hash. */
  get(hash: number): Int32Array {
    const list = this.find(hash);
    return list < 0 ? nothing : this.values.subarray(list + 1, list + 1 + this.values[list]!);
  }
}

const nothing = new Int32Array(0);

/** Numbers in memory that threads can share. */
export function sharedInts(from: number | ArrayLike<number>): Int32Array {
  const ints = new Int32Array(
    new SharedArrayBuffer(4 * (typeof from === 'number' ? from : from.length)),
  );
  if (typeof from !== 'number') ints.set(from);
  return ints;
}

/** UTF-16 units in memory that threads can share. */
export function sharedUnits(from: ArrayLike<number>): Uint16Array {
  const units = new Uint16Array(new SharedArrayBuffer(2 * from.length));
  units.set(from);
  return units;
}

/** Bytes in memory that threads can share. */
export function sharedBytes(from: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(from.length));
  bytes.set(from);
  return bytes;
}

/** The bytes, with as much room again after them. */
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
