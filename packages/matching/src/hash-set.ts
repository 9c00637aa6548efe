/** A set of 32-bit hashes: answers "surely not" in a few nanoseconds. */

export class HashSet {
  private readonly slots: Int32Array;
  private readonly mask: number;
  private hasZero = false;

  constructor(hashes: readonly number[]) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(8, hashes.length * 2)));
    this.slots = new Int32Array(size);
    this.mask = size - 1;
    for (const hash of hashes) this.add(hash | 0);
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

const mix = (hash: number): number => hash ^ (hash >>> 15);

/** The same with a number from 0 for each hash. */
export class HashTable {
  private readonly slots: Int32Array;
  private readonly values: Int32Array;
  private readonly mask: number;

  constructor(entries: readonly (readonly [hash: number, value: number])[]) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(8, entries.length * 2)));
    this.slots = new Int32Array(size);
    this.values = new Int32Array(size).fill(-1);
    this.mask = size - 1;
    for (const [hash, value] of entries) {
      const slot = this.slot(hash);
      this.slots[slot] = hash;
      this.values[slot] = value;
    }
  }

  /** The number of a hash; -1 if it has none. Of entries with one hash the last counts. */
  get(hash: number): number {
    return this.values[this.slot(hash)]!;
  }

  private slot(hash: number): number {
    let slot = mix(hash) & this.mask;
    while (this.values[slot]! >= 0 && this.slots[slot] !== hash) slot = (slot + 1) & this.mask;
    return slot;
  }
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
