/** Of titles, what tells at a glance that they have nothing in common: a release meets thousands of those for one that has. */

import type { TitleForm } from '@wxyc/text';
import { canHoldParts } from './title-score.js';

const lengthBits = 0xffff;
const hasNumbers = 1 << 16;
const holdsParts = 1 << 17;
const isUnsure = 1 << 18;

/** What a glance at a title needs beside {@link TitleForm.letters}: its length and what may be in it. */
export function sizeOf(form: TitleForm): number {
  const length = form.key.length + form.words.length;
  return (
    Math.min(length, lengthBits) |
    (form.numbers.length > 0 ? hasNumbers : 0) |
    (canHoldParts(form) ? holdsParts : 0) |
    (form.isAstral || length > lengthBits ? isUnsure : 0)
  );
}

/** The same of a title of so many letters and words that has nothing to part it. */
export function plainSize(length: number, numbers: boolean): number {
  return length | (numbers ? hasNumbers : 0);
}

/** Which letters a title has, and has more than once, as in TitleForm. */
export type TitleLetters = Pick<TitleForm, 'letters' | 'repeated'>;

/** Signatures of titles by their owner. */
export class SignatureTable {
  private owners: number[] = [];
  private added: number[] = [];
  private starts = new Int32Array(1);
  /** Letters, repeated letters and size of each, in turn. */
  private values = new Int32Array(0);

  /** Adds a title; those of one owner keep their order. */
  add(owner: number, form: TitleForm): void {
    this.owners.push(owner);
    this.added.push(form.letters, form.repeated, sizeOf(form));
  }

  /** Call it when all are added: from then on they can be asked for. */
  finish(owners: number): void {
    this.starts = new Int32Array(owners + 1);
    for (const owner of this.owners) this.starts[owner + 1]! += 1;
    for (let owner = 0; owner < owners; owner += 1) this.starts[owner + 1]! += this.starts[owner]!;
    this.values = new Int32Array(this.added.length);
    const next = this.starts.slice();
    for (const [at, owner] of this.owners.entries()) {
      const place = next[owner]!++;
      for (let value = 0; value < 3; value += 1) this.values[3 * place + value] = this.added[3 * at + value]!;
    }
    this.owners = [];
    this.added = [];
  }

  /** Place of an owner's first title; those of the next owner follow its last. */
  start(owner: number): number {
    return this.starts[owner]!;
  }

  /** Whether the title at a place may score `least` or more against one of this size; true where a glance does not tell. */
  mayScore(place: number, { letters, repeated }: TitleLetters, size: number, least: number): boolean {
    const own = this.values[3 * place]!;
    const ownSize = this.values[3 * place + 2]!;
    // What one has, or has twice, and the other does not must be dropped or added.
    if (ones(own ^ letters) + ones(this.values[3 * place + 1]! ^ repeated) <= (1 - least) * ((ownSize & lengthBits) + (size & lengthBits))) return true;
    const either = ownSize | size;
    if ((either & isUnsure) !== 0) return true;
    return (either & holdsParts) !== 0 && ((either & hasNumbers) !== 0 || (own & ~letters) === 0 || (letters & ~own) === 0);
  }

  /** Whether the letters of one of the two are all in the other. */
  mayContain(place: number, letters: number): boolean {
    const own = this.values[3 * place]!;
    return (own & ~letters) === 0 || (letters & ~own) === 0;
  }
}

function ones(bits: number): number {
  let rest = bits - ((bits >>> 1) & 0x55555555);
  rest = (rest & 0x33333333) + ((rest >>> 2) & 0x33333333);
  return Math.imul((rest + (rest >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
